"""The model of a stage: base weights, and the adapter that is trained on them."""

import os
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from training.origins import SettingsError
from training.settings import ModelSettings, template_of

_SHARDED: Final = frozenset({"ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"})


def tokenizer_of(folder: Path, settings: ModelSettings) -> Any:  # noqa: ANN401 (one class for each model)
    """Return the tokenizer of a base, with a chat template.

    Raises:
        SettingsError: neither the base nor the settings name a template.

    """
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if settings.template:
        tokenizer.chat_template = template_of(settings)
    if not tokenizer.chat_template:
        raise SettingsError("The base has no chat template: set template to a file.")
    if tokenizer.pad_token is None:  # what pads is masked, so it may be any token
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def model_of(folder: Path, settings: ModelSettings, adapter: Path | None) -> PeftModel:
    """Load the base and put an adapter on it: a new one, or one to be trained on."""
    model = AutoModelForCausalLM.from_pretrained(folder, **_loading(settings))
    # Where ZeRO-3 gathers parameters, all must be of one type (trl issue 6089).
    same = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE") == "3"
    if adapter is None:
        return get_peft_model(model, lora(settings), autocast_adapter_dtype=not same)
    further = PeftModel.from_pretrained(
        model, str(adapter), is_trainable=True, autocast_adapter_dtype=not same
    )
    # By its name alone, peft would ask the hub for the base whenever it saves.
    further.peft_config["default"].base_model_name_or_path = str(folder)
    return further


def lora(settings: ModelSettings) -> LoraConfig:
    """Return the adapter's configuration: plain LoRA, modules named one by one."""
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.targets),
        task_type="CAUSAL_LM",
        bias="none",
    )


def merged(folder: Path, adapter: Path, out: Path) -> None:
    """Write the base with the adapter added to its weights.

    The base is loaded as it is stored, never quantised: merging into 4 bits changes
    what the model says.
    """
    base = AutoModelForCausalLM.from_pretrained(
        folder, dtype="auto", use_safetensors=True
    )
    model = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload(
        safe_merge=True
    )
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(adapter).save_pretrained(out)


def precision(settings: ModelSettings) -> torch.dtype:
    """Return the type of number that the base is loaded in."""
    if settings.precision == "auto":
        return torch.bfloat16 if torch.cuda.is_available() else torch.float32
    return torch.bfloat16 if settings.precision == "bfloat16" else torch.float32


def _loading(settings: ModelSettings) -> dict[str, Any]:
    told: dict[str, Any] = {
        "dtype": precision(settings),
        "attn_implementation": settings.attention,
        "use_safetensors": True,
        "local_files_only": True,
        "trust_remote_code": False,
    }
    if settings.quantisation == "nf4":
        told["dtype"] = torch.bfloat16
        told["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
            # Of the same type as the rest, so that FSDP can shard it.
            bnb_4bit_quant_storage=torch.bfloat16,
        )
        # Where weights are sharded, accelerate places them.
        if torch.cuda.is_available() and not _SHARDED & os.environ.keys():
            told["device_map"] = {"": torch.cuda.current_device()}
    return told
