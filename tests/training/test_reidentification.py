"""A clinic's case with anything of a person in it stops everything."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.floor.compose import assess
from domain.particulars import Onset
from domain.values import Age, Case, Code, Complaint, Finding, Reference
from training.reidentification import IdentifiableError, require_anonymous

PATIENT = Reference(type="Patient", id="r1")
VISIT = Reference(type="Encounter", id="r2")
CLEAN = Case(
    patient=PATIENT,
    at=datetime(2000, 1, 1, tzinfo=UTC),
    age=Age(least=15_000, most=15_365),
    complaints=(Complaint(text="chest pain. history of stroke", source=VISIT),),
    conditions=(Finding(text="diabetes", source=VISIT),),
)


def said(text):
    return replace(CLEAN, complaints=(Complaint(text=text, source=VISIT),))


def test_what_the_export_writes_passes():
    assert require_anonymous(CLEAN, assess(CLEAN), "line 1") is None


@pytest.mark.parametrize(
    ("case", "what"),
    [
        (said("chest pain Zqname"), "words"),
        (said("chest pain 2026-03-01"), "words"),
        (said("chest pain 4711"), "words"),
        (
            replace(CLEAN, conditions=(Finding(text="Morbus Zqname", source=VISIT),)),
            "words",
        ),
        (
            replace(CLEAN, last_known_well=Onset(words="at Zqname's wedding")),
            "words",
        ),
        (
            replace(
                CLEAN,
                conditions=(
                    Finding(
                        text="diabetes",
                        source=VISIT,
                        codes=(Code(system="s", code="Zq", display="Zq"),),
                    ),
                ),
            ),
            "codes",
        ),
        (replace(CLEAN, priority="Zqname"), "codes"),
        (replace(CLEAN, at=datetime(2026, 3, 1, tzinfo=UTC)), "time"),
        (replace(CLEAN, age=Age(least=37_000, most=37_000)), "age"),
        (replace(CLEAN, patient=Reference(type="Patient", id="zq-4711")), "id"),
        (replace(CLEAN, patient=replace(PATIENT, version=3)), "id"),
    ],
)
def test_anything_of_a_person_is_found_and_not_repeated(case, what):
    with pytest.raises(IdentifiableError, match=rf"^line 7 holds .*{what}") as caught:
        require_anonymous(case, assess(case), "line 7")
    assert "zq" not in str(caught.value).casefold()


def test_a_judgement_that_the_rules_do_not_make_is_refused():
    told = replace(assess(CLEAN), doubts=("Zqname is in doubt",))

    with pytest.raises(IdentifiableError, match="judgement"):
        require_anonymous(CLEAN, told, "line 7")
