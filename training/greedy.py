"""What a base and its adapter say in transformers and PEFT: greedy, no grammar."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.likeness import Asked, Prompt, Said


def computed(base: Path, adapter: Path, asked: Asked, precision: str) -> list[Said]:
    """Return the answers, on a GPU where there is one.

    Args:
        base: folder of the base weights.
        adapter: its tokenizer and chat template are taken, or else those of the base.
        asked: what is asked.
        precision: float32 or bfloat16, of the base.

    """
    own = adapter / "tokenizer_config.json"
    tokenizer = AutoTokenizer.from_pretrained(
        adapter if own.is_file() else base, local_files_only=True
    )
    model = _model(base, adapter, precision)
    label = "transformers"
    with click.progressbar(asked.prompts, label=label, file=sys.stderr) as prompts:
        return [_said(model, tokenizer, each, asked.most_answer) for each in prompts]


def _model(base: Path, adapter: Path, precision: str) -> PeftModel:
    bare = AutoModelForCausalLM.from_pretrained(
        base,
        dtype=getattr(torch, precision),
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return PeftModel.from_pretrained(bare, str(adapter)).eval().to(device)


def _said(
    model: PeftModel,
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
    prompt: Prompt,
    most: int,
) -> Said:
    given = tokenizer.apply_chat_template(
        [asdict(each) for each in prompt],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    ).to(model.device)
    ends = _ends(model, tokenizer)
    with torch.inference_mode():
        made = model.generate(
            **given,
            do_sample=False,
            max_new_tokens=most,
            eos_token_id=ends,
            pad_token_id=ends[0],
            output_logits=True,
            return_dict_in_generate=True,
        )
    start = given["input_ids"].shape[1]
    tokens = made.sequences[0, start:].tolist()
    ended = tokens[-1] in ends
    told = tokens[:-1] if ended else tokens
    return Said(
        text=tokenizer.decode(told, skip_special_tokens=True),
        finish="stop" if ended else "length",
        asked=start,
        tokens=tuple(tokenizer.decode([token]) for token in tokens),
        logprobs=tuple(
            row[0].float().log_softmax(-1)[token].item()
            for row, token in zip(made.logits, tokens, strict=True)
        ),
    )


def _ends(model: PeftModel, tokenizer: Any) -> list[int]:  # noqa: ANN401
    """Return the tokens that end an answer: all that SGLang takes for an end."""
    named: list[int | Sequence[int] | None] = [
        model.config.eos_token_id,
        model.generation_config.eos_token_id,
        tokenizer.eos_token_id,
    ]
    ends = {
        each
        for one in named
        if one is not None
        for each in ([one] if isinstance(one, int) else one)
    }
    return sorted(ends)
