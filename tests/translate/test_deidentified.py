"""Nothing of a person comes out of a case that is shown to training."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.answers import (
    Decision,
    Draft,
    Evidence,
    GuardFired,
    PassageShown,
    Question,
    Reason,
    Review,
    Reviewer,
)
from domain.assessment import Assessment
from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import assess
from domain.particulars import Author, Criticality, Onset
from domain.values import (
    Acuity,
    Age,
    Case,
    Code,
    Complaint,
    Consciousness,
    Finding,
    Floor,
    Quality,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from gateway.audit.training import CHOICES
from gateway.translate import catalogued, deidentified
from gateway.translate.deidentified import UnsafeCaseError, safe
from gateway.translate.lesson import cell_of, lesson, read
from inference.prompt import render
from tests.model_runs import RUN

AT = datetime(2026, 11, 1, 12, 34, tzinfo=UTC)
SNOMED, CHEST_PAIN = "http://snomed.info/sct", "29857009"
WARFARIN = Code(system="http://www.nlm.nih.gov/research/umls/rxnorm", code="11289")


def ref(kind, identity):
    return Reference(type=kind, id=identity, version=3)


def vital(name, value, *, at=AT, source="o1", **more):
    number = None if value is None else Decimal(str(value))
    return Vital(
        name=name, value=number, source=ref("Observation", source), effective=at, **more
    )


def plain_case(plant="", **more):
    """Return a case with something planted in every place that can hold text."""
    code = Code(system=SNOMED, code=CHEST_PAIN, display=f"Chest pain {plant}")
    case = Case(
        patient=ref("Patient", plant or "p"),
        at=AT,
        age=Age(least=20_000, most=20_364),
        sex=Sex.FEMALE,
        complaints=(
            Complaint(
                text=f"{plant} has chest pain {plant}".strip(),
                source=ref("Encounter", plant or "e"),
                codes=(code,),
            ),
        ),
        vitals=(
            vital(VitalName.HEART_RATE, 88, source=plant or "o1"),
            vital(VitalName.TEMPERATURE, "36.80", at=AT - timedelta(minutes=11)),
        ),
        conditions=(
            Finding(text=f"diabetes, {plant}", source=ref("Condition", plant or "c")),
        ),
        medications=(
            Finding(
                text=f"warfarin {plant}",
                source=ref("MedicationStatement", plant or "m"),
                codes=(replace(WARFARIN, display=plant),),
            ),
        ),
        inputs=(ref("Patient", plant or "p"),),
    )
    return replace(case, **more)


def reviewed(case, plant="", decision=Decision.OVERRIDDEN, acuity=Acuity.RESUSCITATION):
    """Return a decided assessment with the same planted in all that was said of it."""
    floor = assess(case)
    planted = tuple(replace(each, sentence=plant) for each in floor.fired)
    run = replace(
        RUN,
        model=replace(RUN.model, server=plant),
        passages=(
            PassageShown(id="e-1", text=plant, source=plant, sha256="f" * 8, score=0.5),
        ),
        answer=plant,
        finish=plant,
        guards=(GuardFired(guard=plant, sentence=plant),),
    )
    draft = Draft(
        acuity=Acuity.EMERGENT,
        reasons=(
            Reason(
                text=plant,
                case_refs=("C1", "V2"),
                evidence=(Evidence(passage=plant, quote=plant),),
            ),
        ),
        red_flags=("chest-pain",),
        questions=(Question(text=plant, why=plant),),
        actions=("full-vitals",),
        missing=("onset",),
    )
    return Assessment(
        case_id=plant or "case",
        patient=case.patient,
        encounter=ref("Encounter", plant or "e"),
        previous=plant,
        opened=AT - timedelta(minutes=7),
        revision=1,
        case=case,
        floor=replace(floor, fired=planted, doubts=(plant,)),
        run=run,
        draft=draft,
        proposed=floor.acuity,
        withheld=(plant,),
        review=Review(
            decision=decision,
            acuity=acuity,
            reason=plant,
            correction=plant,
            notes=plant,
        ),
        reviewer=Reviewer(name=plant, reference=plant, display=plant),
    )


LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=10)
DIGITS = st.integers(0, 10**10 - 1).map("{:010d}".format)
NAMES = st.one_of(
    LETTERS.map(lambda text: f"Zq{text}"),
    st.sampled_from(["Mr Okonkwo", "José Núñez", "李小龍", "O'Shaughnessy", "Wójcik"]),
)
PLACES = st.sampled_from(["12 Acacia Avenue", "Llanfairpwll", "ZIP 90210-1234", "Köln"])
# Every case opens on the first of January 2000, which is nobody's date.
DATES = st.dates(min_value=date(2000, 2, 1)).flatmap(
    lambda day: st.sampled_from(
        [day.isoformat(), f"{day:%d.%m.%Y}", f"{day:%B} {day.day}, {day.year:04d}"]
    )
)
PHONES = DIGITS.map(lambda d: f"+{d[:2]} {d[2:5]}-{d[5:]}")
MAILS = LETTERS.map(lambda text: f"{text}.zq@example.org")
PLANTS = st.one_of(NAMES, PLACES, DATES, PHONES, MAILS, DIGITS.map("MRN {}".format))


@given(PLANTS)
@example("Zqsmith")
@example("2019-02-03")
def test_nothing_that_is_planted_anywhere_comes_out(plant):
    state = reviewed(plain_case(plant), plant)

    try:
        line = lesson(state, choices=CHOICES, omit=True)
    except UnsafeCaseError as error:
        said = str(error)
        assert said.replace(".", "").replace("-", "").isalpha()
        return

    written = json.dumps(line, ensure_ascii=False).casefold()
    assert plant.casefold() not in written
    assert not any(part.casefold() in written for part in telling(plant))


def telling(plant):
    """Return the parts of something planted that tell somebody by themselves."""
    return [part for part in plant.replace("@", " ").split() if len(part) > 5]


@given(PLANTS)
def test_every_word_that_comes_out_stands_in_a_closed_list(plant):
    try:
        line = lesson(reviewed(plain_case(plant), plant), choices=CHOICES, omit=True)
    except UnsafeCaseError:
        return

    assert {text for text in leaves(line) if not is_closed(text)} == set()


def leaves(value):
    match value:
        case dict():
            for each in value.values():
                yield from leaves(each)
        case list():
            for each in value:
                yield from leaves(each)
        case str():
            yield value


WORDS = {
    text
    for concept in CONCEPTS
    for past in (False, True)
    if (text := catalogued._worded(concept.name, past)) is not None
}
ENUMS = {
    *(each.value for kind in (Sex, VitalName, Quality, Decision) for each in kind),
    *("unknown", "low", "1", "m", "w", "i", "e-1", "f" * 8, *CHOICES),
    *("Basic", "Condition", "Encounter", "MedicationStatement", "Observation"),
    *("Patient", "C1", "V2", "", *CHOICES),
}
OF_RULES = {
    text
    for each in assess(plain_case()).fired
    for text in (each.rule, each.sentence, each.citation)
}
DOUBTS = set(assess(plain_case()).doubts) | set(assess(plain_case()).missing)


def is_closed(text):
    numbered = text[:1] == "r" and text[1:].isdigit()
    timed = text.startswith(("1999-12-", "2000-01-"))
    decimal = text.replace(".", "", 1).isdigit() and len(text) < 6
    parts = set(text.split(". "))
    known = parts <= WORDS or text in ENUMS | OF_RULES | DOUBTS
    return numbered or timed or decimal or known


def test_a_case_that_can_be_shown_keeps_what_was_measured_and_meant():
    line = lesson(reviewed(plain_case("Zqsmith")), choices=CHOICES, omit=False)

    case, floor = read(line)
    assert case.complaints[0].text == "chest pain"
    assert [each.text for each in case.conditions] == ["diabetes"]
    assert [each.text for each in case.medications] == ["anticoagulant"]
    assert [each.value for each in case.vitals] == [Decimal(88), Decimal("36.8")]
    assert floor == assess(case)
    assert floor.acuity == assess(plain_case()).acuity
    assert line["decision"]["kind"] == "overridden"
    assert line["preference"] == {"chosen": 1, "rejected": 2}
    assert line["draft"]["reasons"] == [{"case_refs": ["C1", "V2"], "evidence": 1}]


def test_training_renders_a_prompt_of_a_line_as_it_is_rendered_in_service():
    line = lesson(reviewed(plain_case()), choices=CHOICES, omit=False)

    case, floor = read(json.loads(json.dumps(line)))

    assert "complaint: chest pain" in render(case, floor, ())[1].content


def test_times_are_minutes_since_the_case_opened_and_no_date_is_left():
    line = lesson(reviewed(plain_case()), choices=CHOICES, omit=False)

    case, _ = read(line)
    assert case.at == catalogued.OPENED + timedelta(minutes=5)
    assert [each.effective - case.at for each in case.vitals] == [
        timedelta(0),
        timedelta(minutes=-10),
    ]
    assert "2026" not in json.dumps(line)


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (12, "age 12 days"),
        (100, "age 3 months"),
        (3 * 365, "age 2 years"),
        (40 * 366, "age 40 years"),
        (89 * 366, "age 89 years"),
        (91 * 366, "age 90 years"),
        (104 * 366, "age 90 years"),
    ],
)
def test_ages_are_as_coarse_as_their_group_and_pooled_above_89(days, shown):
    case = plain_case(age=Age(least=days, most=days))

    made = safe(case, assess(case), opened=AT, omit=False).case

    assert shown in render(made, assess(made), ())[1].content


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"complaints": (Complaint(text="odd", source=ref("X", "x")),)}, "complaint."),
        (
            {"conditions": (Finding(text="Zq's disease", source=ref("X", "x")),)},
            "conditions.unknown",
        ),
        (
            {
                "medications": (
                    Finding(
                        text="warfarin",
                        source=ref("X", "x"),
                        codes=(Code(system="urn:theirs", code="1"),),
                    ),
                )
            },
            "medications.code-system",
        ),
        ({"vitals": (vital(VitalName.HEART_RATE, None),)}, "vital.doubtful"),
        (
            {"vitals": (vital(VitalName.HEART_RATE, 90, quality=Quality.IMPLAUSIBLE),)},
            "vital.doubtful",
        ),
        ({"vitals": (vital(VitalName.HEART_RATE, 5551234567),)}, "vital.implausible"),
        (
            {"vitals": (vital(VitalName.HEART_RATE, 90, at=AT - timedelta(days=9)),)},
            "time.far",
        ),
        ({"age": Age(least=9, most=3)}, "age.impossible"),
    ],
)
def test_what_is_not_known_to_be_safe_is_a_reason_to_leave_the_case_out(change, reason):
    case = plain_case(**change)

    with pytest.raises(UnsafeCaseError, match=reason):
        safe(case, assess(case), opened=AT, omit=False)


def test_a_history_that_is_unknown_may_be_left_out_and_is_counted():
    unknown = Finding(text="Zq's disease", source=ref("Condition", "x"))
    case = plain_case(allergies=(unknown,), conditions=(unknown, unknown))

    shown = safe(case, assess(case), opened=AT, omit=True)

    assert shown.omitted == {"allergies": 1, "conditions": 2}
    assert shown.case.conditions == ()


def test_a_case_that_the_rules_judge_otherwise_once_it_is_reworded_is_left_out():
    case = plain_case()
    other = replace(assess(case), missing=("age",))

    with pytest.raises(UnsafeCaseError, match=r"floor\.differs"):
        safe(case, other, opened=AT, omit=False)


def test_a_case_of_other_rules_is_left_out():
    floor = Floor(acuity=Acuity.URGENT, rules="0")

    with pytest.raises(UnsafeCaseError, match=r"rules\.other-version"):
        safe(plain_case(), floor, opened=AT, omit=False)


def test_a_new_field_of_a_case_stops_every_line_until_somebody_has_thought_of_it(
    monkeypatch,
):
    @dataclass(frozen=True, kw_only=True)
    class Newer(Age):
        born: str = ""

    known = dict(deidentified._KNOWN)
    monkeypatch.setattr(deidentified, "_KNOWN", known | {Newer: known[Age]})

    with pytest.raises(UnsafeCaseError, match=r"field\.unknown:Newer"):
        safe(plain_case(), assess(plain_case()), opened=AT, omit=False)


def test_a_past_of_several_things_stays_past():
    said = Complaint(
        text="History of stroke. Chest pain.", source=ref("Encounter", "e")
    )
    case = plain_case(complaints=(said,))

    made = safe(case, assess(case), opened=AT, omit=False).case

    assert made.complaints[0].text == "chest pain. history of stroke"


def test_a_past_that_has_no_words_is_left_out(monkeypatch):
    monkeypatch.setattr(catalogued, "_candidates", lambda _: ())
    catalogued._worded.cache_clear()
    try:
        with pytest.raises(UnsafeCaseError, match=r"complaint\.unknown"):
            safe(plain_case(), assess(plain_case()), opened=AT, omit=False)
    finally:
        catalogued._worded.cache_clear()


def test_words_that_would_mean_more_than_was_said_are_left_out(monkeypatch):
    monkeypatch.setattr(
        catalogued, "_worded", lambda _name, _past: "chest pain. stroke"
    )

    with pytest.raises(UnsafeCaseError, match=r"complaint\.ambiguous"):
        safe(plain_case(), assess(plain_case()), opened=AT, omit=False)


def test_consciousness_has_a_grade_and_no_number():
    grade = vital(VitalName.CONSCIOUSNESS, None, consciousness=Consciousness.VOICE)
    unknown = replace(grade, effective=None)
    case = plain_case(vitals=(grade, unknown), age=None)

    made = safe(case, assess(case), opened=AT, omit=False).case

    assert made.vitals[0].consciousness is Consciousness.VOICE
    assert made.vitals[1].effective is None
    assert made.age is None


def test_an_accepted_case_without_a_model_has_neither_draft_nor_preference():
    state = replace(
        reviewed(plain_case(), decision=Decision.ACCEPTED, acuity=Acuity.EMERGENT),
        run=None,
        draft=None,
    )

    line = lesson(state, choices=CHOICES, omit=False)

    assert (line["run"], line["draft"], line["preference"]) == (None, None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"red_flags": ("Zq",)}, "draft.unknown-choice"),
        ({"confidence": "Zq"}, "draft.unknown-choice"),
        ({"reasons": (Reason(text="", case_refs=("Zq",)),)}, "draft.unknown-label"),
    ],
)
def test_a_draft_in_words_of_its_own_is_left_out(change, reason):
    state = reviewed(plain_case())
    state = replace(state, draft=replace(state.draft, **change))

    with pytest.raises(UnsafeCaseError, match=reason):
        lesson(state, choices=CHOICES, omit=False)


def test_a_case_that_lacks_its_beginning_is_left_out():
    with pytest.raises(UnsafeCaseError, match=r"case\.incomplete"):
        lesson(Assessment(), choices=CHOICES, omit=False)


def test_a_cell_is_an_age_band_a_sex_and_the_complaints():
    line = lesson(reviewed(plain_case()), choices=CHOICES, omit=False)
    ageless = lesson(reviewed(plain_case(age=None)), choices=CHOICES, omit=False)
    old = plain_case(age=Age(least=100 * 366, most=100 * 366))

    assert cell_of(line) == ("50-59 years", "female", ("chest pain",))
    assert cell_of(ageless)[0] == "unknown"
    assert cell_of(lesson(reviewed(old), choices=CHOICES, omit=False))[0] == (
        "90 years and over"
    )


@pytest.mark.parametrize(
    ("ago", "kept"), [(timedelta(hours=3, minutes=2), True), (timedelta(days=8), False)]
)
def test_an_onset_is_relative_and_without_words_and_open_where_it_is_far(ago, kept):
    case = plain_case()
    onset = Onset(earliest=AT - ago, words="since Mary's wedding")
    told = replace(case.complaints[0], onset=onset, author=Author.CARER)

    shown = safe(
        replace(case, complaints=(told,), clock=AT, last_known_well=onset),
        assess(case),
        opened=AT,
        omit=False,
    ).case

    earliest = catalogued.OPENED - timedelta(hours=3) if kept else None
    assert shown.complaints[0].onset == Onset(earliest=earliest)
    assert shown.last_known_well == Onset(earliest=earliest)
    assert shown.complaints[0].author is Author.CARER
    assert shown.clock == catalogued.OPENED


def test_what_an_allergy_did_is_not_told_but_how_grave_it_is():
    allergy = Finding(
        text="warfarin",
        source=ref("AllergyIntolerance", "a"),
        criticality=Criticality.HIGH,
        categories=("medication", "Mary's"),
        reactions=("wheezed at Mary's wedding",),
    )
    case = plain_case(allergies=(allergy,))

    (shown,) = safe(case, assess(case), opened=AT, omit=False).case.allergies

    assert shown.criticality is Criticality.HIGH
    assert shown.categories == ("medication",)
    assert shown.reactions == ()
