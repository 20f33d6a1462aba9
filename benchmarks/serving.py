"""What a model server gives: seconds of an assessment, tokens a second, cache hits.

    python benchmarks/serving.py --url http://host:30000/v1 --model base:adapter \
        [--key KEY] [--cases 64] [--at-once 1 8 64]

Every case is another one, so that nothing but the instructions and a passage that came
before is cached. An assessment is the whole way from a case to a checked draft, with
passages that are already found. `answered` counts complete answers that keep the
contract; nothing is said of their worth. SGLang tells cache hits with
--enable-cache-report alone.
"""

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from domain.answers import ModelRun
from domain.floor.compose import assess
from domain.values import Age, Case, Complaint, Reference, Sex, Vital, VitalName
from inference.generate import OpenAIChat
from inference.parse import UnreadableDraft, parse
from inference.pipeline import Pipeline
from inference.schema import Passage, Query, Retrieval, SourceKind

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
COMPLAINTS = (
    "Chest pain that spreads to the left arm",
    "Short of breath since last night",
    "Fell from a ladder, pain in the left hip",
    "Fever and a cough for three days",
    "Sudden weakness of the right arm",
    "Abdominal pain and vomiting",
    "Rash on both legs",
    "Cut on the hand, still bleeding",
)
SENTENCES = (
    "Chest pain with sweating is an emergency until shown otherwise.",
    "Record an ECG within 10 minutes of arrival where the pain may be of the heart.",
    "A systolic pressure of 90 mmHg or less suggests shock in an adult.",
    "New weakness of one side calls for the time when the patient was last well.",
    "A breathing rate of 25 per minute or more is a danger sign in an adult.",
    "Bleeding that does not stop under pressure for 10 minutes needs a doctor now.",
)
MINUTE = 60


@dataclass(frozen=True)
class Shelf:
    """Finds three passages for any case, other ones for each."""

    async def retrieve(self, query: Query) -> Retrieval:
        """Return three of the sentences."""
        first = sum(map(len, query.texts))
        found = (SENTENCES[(first + n) % len(SENTENCES)] for n in range(3))
        passages = tuple(_passage(f"s{n}", text) for n, text in enumerate(found))
        return Retrieval(passages=passages, index="benchmark")


def _passage(name: str, text: str) -> Passage:
    return Passage(
        id=name,
        text=text,
        heading="",
        source="made for the benchmark",
        kind=SourceKind.EMERGENCY_PROTOCOL,
        date="2026-01-01",
        population=("adult",),
        licence="CC0-1.0",
        sha256="0" * 64,
    )


def case(number: int) -> Case:
    """Return an adult like no other: complaint, hours, age, pulse, pressure."""
    words = f"{COMPLAINTS[number % len(COMPLAINTS)]}, {1 + number % 47} hours"
    source = Reference(type="Observation", id=f"o{number}", version=1)
    vitals = ((VitalName.HEART_RATE, 60 + number % 80), (VitalName.SYSTOLIC, 150))
    return Case(
        patient=Reference(type="Patient", id=f"p{number}", version=1),
        at=AT,
        age=Age(least=7000 + 100 * (number % 200), most=7364 + 100 * (number % 200)),
        sex=Sex.FEMALE if number % 2 else Sex.MALE,
        complaints=(Complaint(text=words, source=source),),
        vitals=tuple(
            Vital(name=name, value=Decimal(value), source=source)
            for name, value in vitals
        ),
    )


async def measured(
    pipeline: Pipeline, numbers: range, at_once: int
) -> tuple[list[float], list[ModelRun], float]:
    """Return seconds of each assessment, the runs, and seconds of all together."""
    slots = asyncio.Semaphore(at_once)
    seconds: list[float] = []
    runs: list[ModelRun] = []

    async def one(number: int) -> None:
        async with slots:
            began = time.perf_counter()
            given = case(number)
            outcome = await pipeline.assess(given, assess(given))
            seconds.append(time.perf_counter() - began)
            if outcome.run is not None:
                runs.append(outcome.run)

    began = time.perf_counter()
    await asyncio.gather(*map(one, numbers))
    return seconds, runs, time.perf_counter() - began


def row(seconds: list[float], runs: list[ModelRun], whole: float) -> str:
    """Return one line of the table."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    read = [parse(run.answer, run.finish) for run in runs]
    kept = sum(not isinstance(draft, UnreadableDraft) for draft in read)
    prompts = sum(run.usage.prompt for run in runs)
    cached = sum(run.usage.cached for run in runs) / prompts if prompts else 0.0
    written = sum(run.usage.answer for run in runs) / whole
    return (
        f"{len(seconds):>6} {kept:>9} {statistics.median(seconds):>8.2f}"
        f" {cuts[-1]:>8.2f} {written:>9.1f} {cached:>7.0%}"
        f" {MINUTE * len(seconds) / whole:>10.1f}"
    )


async def main() -> None:
    """Print a line for each number of cases at once."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--url", required=True)
    asked.add_argument("--model", required=True)
    asked.add_argument("--key")
    asked.add_argument("--cases", type=int, default=64)
    asked.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 64])
    given = asked.parse_args()
    chat = OpenAIChat(
        given.url,
        given.model,
        api_key=given.key,
        timeout_s=600,
        concurrency=max(given.at_once),
        probabilities=True,
    )
    pipeline = Pipeline(Shelf(), chat, shadow=True)
    print("at once  cases  answered    p50 s    p95 s  tokens/s  cached  cases/min")
    first = 0
    for at_once in given.at_once:
        numbers = range(first, first + given.cases)
        print(f"{at_once:>7}", row(*await measured(pipeline, numbers, at_once)))
        first += given.cases
    await chat.close()


if __name__ == "__main__":
    asyncio.run(main())
