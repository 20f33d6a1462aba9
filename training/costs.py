"""What a recipe costs before it is started: memory, disk and hours, computed.

    python -m training.costs --recipe llama-3.1-8b --gpu l4 --rows 7000 --tokens 1600
    python -m training.costs --recipe llama-3.1-70b --gpu h100 --gpus 4

Estimates, to tell whether a card is enough and whether it is hours or weeks: NF4 is a
third slower than its arithmetic, and a model of less than a billion weights does not
fill a card, so that its minutes become tens. Formulae, for a model of P weights:

- Weights: 2 bytes each in bfloat16, 4 in float32. In NF4 4.127 bits each (4, and the
  scales of blocks of 64, themselves quantised: arXiv:2305.14314, section 3), but
  embeddings and the head stay in 16 bits.
- Adapter: for each module of i inputs and o outputs, rank x (i + o) weights, at 16
  bytes: the weight, its gradient and Adam's two moments in 32 bits.
- Activations: 34 x hidden bytes for each token and layer (arXiv:2205.05198, equation 1,
  without the part that FlashAttention does not keep); with checkpointing 2 x hidden
  for each layer, and one layer in full. The logits: 4 bytes for each token and word.
- Arithmetic: 2 P operations for each token forward and 2 P backward (the weights are
  frozen, so that only the activations have gradients), 2 P again with checkpointing.
  Hours follow from the peak of the card at a third of it, which is usual.
- On several GPUs weights and adapter are sharded evenly; each computes its own tokens.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import click

from training.origins import Recipe, SettingsError, read_recipe, resolve
from training.settings import SftSettings, StageSettings

GB: Final = 1e9


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A card: memory in bytes, dense bfloat16 operations in a second at its peak."""

    memory: float
    peak: float


GPUS: Final = MappingProxyType(
    {
        "l4": Gpu(memory=24 * GB, peak=121e12),
        "rtx4090": Gpu(memory=24 * GB, peak=165e12),
        "l40s": Gpu(memory=48 * GB, peak=362e12),
        "a100-80": Gpu(memory=80 * GB, peak=312e12),
        "h100": Gpu(memory=80 * GB, peak=989e12),
        "h200": Gpu(memory=141 * GB, peak=989e12),
    }
)
"""From NVIDIA's data sheets, without sparsity."""
REACHED: Final = 1 / 3
"""Share of the peak that training reaches."""
RESERVED: Final = 2 * GB
"""Held by CUDA and its libraries on each device."""
_NF4: Final = 4.127 / 8
_STATE: Final = 16
_FULL: Final = 34


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The sizes of a Llama: all that costs depend on."""

    parameters: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool

    def module(self, name: str) -> tuple[int, int]:
        """Return inputs and outputs of a linear module of a layer."""
        keys = self.hidden // self.heads * self.kv_heads
        return {
            "k_proj": (self.hidden, keys),
            "v_proj": (self.hidden, keys),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }.get(name, (self.hidden, self.hidden))

    @property
    def embedded(self) -> int:
        """Return the weights of embeddings and head."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Bytes on each device, bytes on disk, hours."""

    weights: float
    adapter: float
    activations: float
    disk: float
    hours: float

    @property
    def memory(self) -> float:
        """Return the bytes that a device needs."""
        return self.weights + self.adapter + self.activations + RESERVED


def costs(
    sizes: Architecture,
    settings: StageSettings,
    gpu: Gpu,
    *,
    gpus: int = 1,
    rows: int,
    tokens: int,
) -> Costs:
    """Compute the costs of fine-tuning on `rows` rows of `tokens` tokens on average."""
    held = _weights(sizes, settings)
    learned = trained(sizes, settings)
    passes = 6 if settings.checkpointing else 4
    work = passes * sizes.parameters * settings.epochs * rows * tokens
    kept = (settings.keep + 1) * learned * 12  # weight and moments in 32 bits
    return Costs(
        weights=held / gpus,
        adapter=learned * _STATE / gpus,
        activations=_activations(sizes, settings),
        disk=2 * sizes.parameters + kept,
        hours=work / (gpu.peak * REACHED * gpus) / 3600,
    )


def trained(sizes: Architecture, settings: StageSettings) -> int:
    """Return how many weights the adapter has."""
    return sizes.layers * sum(
        settings.rank * sum(sizes.module(name)) for name in settings.targets
    )


def table(found: Costs, gpu: Gpu) -> list[tuple[str, str]]:
    """Return the costs as rows of a name and what a person reads."""
    fits = "fits" if found.memory <= gpu.memory else "does NOT fit"
    return [
        ("weights on each GPU", _gb(found.weights)),
        ("adapter and optimiser", _gb(found.adapter)),
        ("activations, longest row", _gb(found.activations)),
        ("reserved", _gb(RESERVED)),
        ("together", f"{_gb(found.memory)} of {_gb(gpu.memory)}: {fits}"),
        ("disk: base and checkpoints", _gb(found.disk)),
        ("time of the sft stage", _time(found.hours)),
    ]


def architecture(recipe: Recipe) -> Architecture:
    """Return the sizes that a recipe's preset tells.

    Raises:
        SettingsError: they are not all there.

    """
    try:
        return Architecture(**recipe.architecture)
    except TypeError as error:
        raise SettingsError(
            f"Recipe {recipe.name} has no whole [architecture]."
        ) from error


def _weights(sizes: Architecture, settings: StageSettings) -> float:
    if settings.quantisation == "nf4":
        inner = sizes.parameters - sizes.embedded
        return inner * _NF4 + sizes.embedded * 2
    return sizes.parameters * (4 if settings.precision == "float32" else 2)


def _activations(sizes: Architecture, settings: StageSettings) -> float:
    tokens = settings.batch * settings.max_length
    full = _FULL * sizes.hidden * tokens
    kept = 2 * sizes.hidden * tokens * sizes.layers + full
    layers = kept if settings.checkpointing else full * sizes.layers
    return layers + 4 * sizes.vocabulary * tokens


def _gb(size: float) -> str:
    return f"{size / GB:,.1f} GB"


def _time(hours: float) -> str:
    return f"{hours:,.1f} h" if hours >= 1 else f"{hours * 60:,.0f} min"


@click.command()
@click.option("--recipe", required=True, help="Name in training/recipes, or a file.")
@click.option("--gpu", type=click.Choice([*GPUS]), default="h200", show_default=True)
@click.option(
    "--gpus", type=click.IntRange(1), default=1, show_default=True,
    help="How many of them.",
)  # fmt: skip
@click.option("--rows", default=7000, show_default=True, help="Rows to learn from.")
@click.option("--tokens", default=1600, show_default=True, help="Of a row, on average.")
def main(recipe: str, gpu: str, gpus: int, rows: int, tokens: int) -> None:
    """Tell what the sft stage of a recipe costs."""
    try:
        followed = read_recipe(recipe)
        settings = resolve(SftSettings, "sft", followed).values
        sizes = architecture(followed)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    card = GPUS[gpu]
    found = costs(sizes, settings, card, gpus=gpus, rows=rows, tokens=tokens)
    click.echo(
        f"Recipe {followed.name} on {gpus} x {gpu}, {rows:,} rows of {tokens:,}:"
    )
    for name, told in table(found, card):
        click.echo(f"  {name:<28}{told:>12}")


if __name__ == "__main__":
    main()
