"""How long the floor takes for a case, on one core.

    python benchmarks/floor.py [--rounds 30]

The time is that of the processor. `quiet` is the slowest case at its best round: what
is left when neighbours on the same core and its caches are taken away.
Cases are made here, no data are needed: short complaints, long referral letters with
denials and histories, children, many readings of each vital sign. In each round every
case is another one: one word in twenty, also of the history, has a slip that was not
seen before, so that nothing that is kept of one text makes the next one faster. The
first round, in which the catalogue is read, is shown apart.
"""

import argparse
import gc
import string
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, pairwise
from random import Random

from domain.floor.compose import CATALOGUE, assess
from domain.values import (
    Age,
    Case,
    Complaint,
    Consciousness,
    Finding,
    Pregnancy,
    Reference,
    Sex,
    Vital,
    VitalName,
)

SLIPS = 20  # one word in so many
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
V = VitalName
PERCENT = 100

SHORT = (
    *("chest pain", "sore toe", "Abd pain, N/V", "SOB", "s/p fall", "Dizziness"),
    *("headache for 3 days", "L ankle injury", "fever and cough", "ETOH", "rash"),
    *("Wound eval", "L weakness, unable to ambulate", "vaginal bleeding", "Dyspnea"),
)
SENTENCES = tuple(
    """
67 year old man with COPD, diabetes, AF on warfarin, brought by his daughter.
He has felt weak and short of breath since yesterday evening, worse when lying.
Denies chest pain, palpitations, syncope, fever, chills, cough or leg swelling.
No abdominal pain, no nausea or vomiting, no diarrhoea, no melaena.
His mother had a stroke at 71 and his brother died of a heart attack.
He slipped three days ago and hit his head; there was no loss of consciousness.
The baby had two wet nappies today, feels hot (38.6 C at home), is not herself.
If the pain gets worse, return for a CT; educated about stroke and sepsis.
Takes metoprolol, apixaban, metformin, prednisolone, and a new water tablet.
The pain is 6/10, burning, below the left knee, for two weeks, after gardening.
""".strip().splitlines()
)
CONDITIONS = (
    *("Essential hypertension", "Type 2 diabetes mellitus", "COPD", "Atrial flutter"),
    *("Chronic kidney disease stage 3", "Osteoarthritis of knee", "Hyperlipidaemia"),
    *("History of myocardial infarction", "Depressive disorder", "Gout"),
)
MEDICATIONS = (
    *("metoprolol succinate 50 MG", "apixaban 5 MG Oral Tablet", "metformin 500 MG"),
    *("atorvastatin 40 MG", "lisinopril 10 MG", "tiotropium inhaler", "sertraline"),
    *("paracetamol 1 g as needed", "prednisolone 5 MG", "allopurinol 100 MG"),
)
CALM = {
    V.RESPIRATORY_RATE: "16",
    V.HEART_RATE: "78",
    V.OXYGEN_SATURATION: "98",
    V.SYSTOLIC: "124",
    V.DIASTOLIC: "76",
    V.TEMPERATURE: "36.8",
    V.PAIN: "3",
    V.GLUCOSE: "5.6",
}
ILL = CALM | {V.RESPIRATORY_RATE: "26", V.HEART_RATE: "118", V.TEMPERATURE: "38.9"}


def vitals(values: dict[VitalName, str], times: int) -> tuple[Vital, ...]:
    """Measure each vital so many times, five minutes apart, a little changed."""
    found = [
        Vital(
            name=name,
            value=Decimal(value) + (turn % 3 if name is V.HEART_RATE else 0),
            source=Reference(type="Observation", id=f"{name}-{turn}", version=1),
            effective=AT - timedelta(minutes=5 * turn),
        )
        for turn in range(times)
        for name, value in values.items()
    ]
    alert = Vital(
        name=V.CONSCIOUSNESS,
        consciousness=Consciousness.ALERT,
        source=Reference(type="Observation", id="acvpu"),
        effective=AT,
    )
    return (*found, alert)


def findings(kind: str, texts: tuple[str, ...]) -> tuple[Finding, ...]:
    """Make a line of the history of each text."""
    return tuple(
        Finding(text=text, source=Reference(type=kind, id=str(number)))
        for number, text in enumerate(texts)
    )


def case(
    text: str, *, years: int, measured: tuple[Vital, ...], history: int = 0
) -> Case:
    """Make a case with a complaint, an age and so many lines of history."""
    days = years * 366
    return Case(
        patient=Reference(type="Patient", id="p"),
        at=AT,
        age=Age(least=days, most=days),
        sex=Sex.FEMALE,
        pregnancy=Pregnancy.UNKNOWN,
        complaints=(Complaint(text=text, source=Reference(type="Encounter", id="e")),),
        vitals=measured,
        conditions=findings("Condition", CONDITIONS[:history]),
        medications=findings("MedicationStatement", MEDICATIONS[:history]),
    )


def cases() -> dict[str, list[Case]]:
    """Return kinds of cases by what is special about them."""
    letters = [" ".join(SENTENCES[n:] + SENTENCES[:n]) for n in range(len(SENTENCES))]
    fours = [" ".join((letters * 2)[n : n + 4]) for n in range(len(letters))]
    return {
        "a few words, one set of vitals": [
            case(text, years=44, measured=vitals(CALM, 1)) for text in SHORT
        ],
        "two sentences, ill, 20 lines of history": [
            case(" ".join(pair), years=71, measured=vitals(ILL, 1), history=10)
            for pair in pairwise(SENTENCES)
        ],
        "a child, two sentences": [
            case(" ".join(pair), years=2, measured=vitals(ILL, 1))
            for pair in pairwise(SENTENCES)
        ],
        "40 vital signs": [
            case(text, years=58, measured=vitals(ILL, 5)) for text in SHORT
        ],
        "a letter of 760 characters, 40 vital signs": [
            case(text, years=67, measured=vitals(ILL, 5), history=10)
            for text in letters
        ],
        "four letters, 3,000 characters": [
            case(text, years=67, measured=vitals(CALM, 1)) for text in fours
        ],
    }


def mistyped(text: str, chance: Random) -> str:
    """Put a wrong letter into one word in twenty, and into one at least."""
    words = text.split()
    for place in {chance.randrange(len(words)) for _ in range(len(words) // SLIPS + 1)}:
        word = words[place]
        at = chance.randrange(len(word))
        words[place] = word[:at] + chance.choice(string.ascii_letters) + word[at + 1 :]
    return " ".join(words)


def another(given: Case, chance: Random) -> Case:
    """Tell a case again in words of which some were never seen."""

    def again(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(replace(f, text=mistyped(f.text, chance)) for f in findings)

    (complaint,) = given.complaints
    return replace(
        given,
        complaints=(replace(complaint, text=mistyped(complaint.text, chance)),),
        conditions=again(given.conditions),
        medications=again(given.medications),
    )


def measured(given: list[Case], rounds: int) -> list[list[float]]:
    """Return milliseconds: a list of rounds for each case."""
    chance = Random(rounds)
    times: list[list[float]] = [[] for _ in given]
    for _ in range(rounds):
        for each, found in zip(given, times, strict=True):
            new = another(each, chance)
            start = time.thread_time()
            assess(new)
            found.append((time.thread_time() - start) * 1000)
    return times


def at(share: int, times: list[float]) -> float:
    """Return the percentile of sorted times, the next one up."""
    return times[min(len(times) * share // PERCENT, len(times) - 1)]


def main() -> None:
    """Print percentiles for each kind of case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    kinds = cases()
    start = time.thread_time()
    for given in kinds.values():
        measured(given, 1)
    first = time.thread_time() - start
    print(f"{len(CATALOGUE)} rules; reading the catalogue and one round: {first:.2f} s")
    gc.freeze()
    print(f"{'milliseconds a case':46}   p50    p95    p99    max  quiet")
    for name, given in kinds.items():
        found = measured(given, rounds)
        times = sorted(chain.from_iterable(found))
        quiet = max(map(min, found))
        row = (at(50, times), at(95, times), at(99, times), times[-1], quiet)
        print(f"{name:46} " + " ".join(f"{each:6.2f}" for each in row))


if __name__ == "__main__":
    main()
