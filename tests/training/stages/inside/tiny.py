"""A tiny random Llama, its tokenizer, and rows: made in seconds, the same each time.

Run by the training environment's Python. The rows are synthetic cases, rendered as a
model is asked in service; the tokenizer is learned from them.
"""

import json
import sys
from functools import cache

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from domain.answers import PassageShown
from inference.contract import quotes_of
from inference.prompt import facts, render
from training.corpus import examples

VOCABULARY, HIDDEN, LAYERS = 640, 64, 2
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PASSAGE = PassageShown(
    id="p1",
    text="Chest pain with sweating may be a heart attack. The breathless may tire.",
    source="A textbook of emergency care, 2024",
    sha256="0" * 64,
    score=1.0,
)


@cache
def cases(count=10):
    return examples(count, seed=11)


def prompt(example):
    drawn = example.drawn
    return [
        {"role": each.role, "content": each.content}
        for each in render(drawn.case, drawn.floor, [PASSAGE])
    ]


def answer(example, acuity):
    fact = facts(example.drawn.case)["C1"].partition(": ")[2]
    return said(f"The patient tells of {fact[:40].strip()}.", acuity)


def said(text, acuity):
    reason = {
        "case_refs": ["C1"],
        "evidence": [{"id": "E1", "quote": quotes_of(PASSAGE)[0]}],
        "text": text,
    }
    whole = {
        "reasons": [reason],
        "red_flags": [],
        "questions": [],
        "suggested_actions": [],
        "missing_data": [],
        "confidence": "low",
        "acuity": acuity,
    }
    content = json.dumps(whole, separators=(",", ":"))
    return [{"role": "assistant", "content": content}]


def sft(example):
    right = int(example.drawn.acuity)
    return {"prompt": prompt(example), "completion": answer(example, right)}


def write(file, rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def base(folder, rows):
    """Write the model; its tokenizer is learned from the rows."""
    tokenizer = _tokenizer(
        each["content"] for row in rows for each in row["prompt"] + row["completion"]
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    return model, tokenizer


def _tokenizer(texts):
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    special = ["<|im_start|>", "<|im_end|>", "<|pad|>"]
    learned.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    made = PreTrainedTokenizerFast(
        tokenizer_object=learned, eos_token="<|im_end|>", pad_token="<|pad|>"
    )
    made.chat_template = TEMPLATE
    return made


def told(**facts):
    """Print what was found, for the test that asked."""
    sys.stdout.write(f"FACTS {json.dumps(facts)}\n")
