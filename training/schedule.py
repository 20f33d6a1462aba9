"""When a run evaluates, saves and stops: arguments of the trainer, and callbacks."""

import json
import time
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast_object_list
from transformers import (
    EarlyStoppingCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from training.model import precision
from training.settings import StageSettings


def arguments(settings: StageSettings, out: Path, *, measured: bool) -> dict[str, Any]:
    """Return the trainer's arguments; `measured` where there are rows to measure on."""
    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(out / "checkpoints"),
        "num_train_epochs": settings.epochs,
        "max_steps": settings.max_steps,
        "per_device_train_batch_size": settings.batch,
        "per_device_eval_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulation,
        "learning_rate": settings.learning_rate,
        "warmup_steps": settings.warmup,  # below 1, a share of all steps
        "lr_scheduler_type": settings.schedule,
        "activation_checkpointing": settings.checkpointing,
        "save_strategy": "steps",
        "save_steps": settings.evaluate_every,
        "save_total_limit": settings.keep,
        "logging_steps": max(1, settings.evaluate_every // 10),
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": not gpu,
        "bf16": _computes_in_bfloat16(settings),
        "report_to": settings.tracker,
        "trackio_space_id": None,
        "trackio_static_space_id": False,
        "restore_callback_states_from_checkpoint": True,
        **(_measuring(settings) if measured else {"eval_strategy": "no"}),
    }


def callbacks(settings: StageSettings, *, measured: bool) -> list[TrainerCallback]:
    """Return what stops a run that no longer gains."""
    if not measured or not settings.patience:
        return []
    return [EarlyStoppingCallback(early_stopping_patience=settings.patience)]


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest checkpoint that is whole, None where there is none.

    The trainer writes its state last: a folder without it was cut off.
    """
    whole = [
        each.parent
        for each in folder.glob("checkpoint-*/trainer_state.json")
        if _is_json(each)
    ]
    steps = {int(each.name.rpartition("-")[2]): str(each) for each in whole}
    return steps[max(steps)] if steps else None


class Stop(TrainerCallback):  # type: ignore[misc]
    """Saves and stops after so many steps or minutes, so that a run can be resumed."""

    def __init__(self, steps: int, minutes: float) -> None:
        self.steps, self.fired = steps, False
        self.until = time.monotonic() + 60 * minutes if minutes else None

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 (transformers' shape)
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Ask the trainer to save and to stop when it is time."""
        if self._is_late() or state.global_step == self.steps:
            self.fired = control.should_save = control.should_training_stop = True

    def _is_late(self) -> bool:
        """Ask the clock of the first process: others, left alone, would wait for it."""
        if self.until is None:
            return False
        told = [time.monotonic() >= self.until]
        return bool(broadcast_object_list(told)[0])


def _computes_in_bfloat16(settings: StageSettings) -> bool:
    """Tell whether products are bfloat16 while the adapter's weights are float32."""
    if settings.precision == "mixed":
        return True
    return torch.cuda.is_available() and precision(settings) is torch.bfloat16


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def _measuring(settings: StageSettings) -> dict[str, Any]:
    return {
        "eval_strategy": "steps",
        "eval_steps": settings.evaluate_every,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
    }
