import pytest

from domain.floor.text import listen
from domain.values import Complaint
from tests.domain.floor.cases import (
    case,
    code,
    complaint,
    floor,
    levels,
    ref,
    rules,
    years,
)

YEAR = 2026


def heard(text):
    return set(listen([complaint(text)], year=YEAR).present)


def past(text):
    return set(listen([complaint(text)], year=YEAR).past)


@pytest.mark.parametrize(
    "text",
    [
        "denies chest pain",
        "Pt. denies chest pain",
        "Patient DENIED chest pain.",
        "denies any current chest pain",
        "denies fever, chest pain, cough",
        "denies dyspnea and chest pain",
        "no chest pain",
        "No fever, cough, or chest pain",
        "without chest pain",
        "w/o chest pain",
        "not having chest pain",
        "not chest pain",
        "does not have any chest pain or dyspnea",
        "no chest pain or dyspnea, cough since 8",
        "never had chest pain",
        "doesn't have chest pain",
        "chest pain absent",
        "chest pain: no\ncough: yes",
        "I don't get chest pain",
        "doesn’t have chest pain",  # noqa: RUF001 (what phones type)
        "negative for chest pain",
        "no evidence of chest pain",
        "chest pain: no",
        "chest pain no, cough yes",
        "chest pain was denied",
        "chest pain - denied",
        "chest pain (negative)",
        "chest pain ruled out",
        "neither cough nor chest pain",
        "mother had chest pain",
        "her sister just had chest pain",
        "mother's chest pain worries him",
        "family history of chest pain",
        "fhx: none. FH of angina",
        "return if chest pain",
        "if chest pain develops, come back",
        "in case of chest pain call",
        "(-) chest pain",
        "chest pain (-), cough (+)",
        "CP(-), SOB(+)",
        "denies cp, sob, n/v",
        "denies: chest pain, SOB, palpitations",
        "currently chest pain free. Tired",
        "not in any chest pain",
        "her husband had chest pain last year",
        "pt's wife had angina",
        "return to ED for chest pain",
        "educated on chest pain",
        "takes it as angina prophylaxis",
        "angina runs in the family",
        "sick contact had chest pain",
        "father has a history of angina",
    ],
)
def test_what_is_denied_supposed_or_anothers_is_not_a_complaint(text):
    assert "chest-pain" not in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "CHEST PAIN!!",
        "pain, chest",
        "pain in the chest",
        "chést páin",
        "chest\u200b pain",
        "c/o chest pain",
        "r/o MI",
        "denies fever but has chest pain",
        "denies fever, has chest pain",
        "no fever, chest pain since this morning",
        "no fever with chest pain",
        "denies nausea. Chest pain",
        "no relief of chest pain",
        "chest pain no relief with nitroglycerin",
        "cannot deny chest pain",
        "doesn't deny chest pain",
        "not only chest pain",
        "3 day history of chest pain",
        "past 2 days chest pain",
        "for the past few hours chest pain",
        "chest pain prior to arrival",
        "prior to arrival chest pain",
        "history of diabetes and chest pain",
        "history of diabetes, chest pain since 8",
        "mother says he has chest pain",
        "mother had to call because he has chest pain",
        "if I breathe deeply I get chest pain",
        "my wife says I'm fine, probably nothing, a bit of chest pressure",
        "is it normal to have chest pain? no idea",
        "chest pain not ruled out",
        "chest pain, no fever",
        "crushing chest\npain",
        "no fever\nchest pain",
        "denies fever,\r\nchest pain",
        "denies fever\n\nchest pain",
        "chest pain no fever",
        "chest pain, denies cough",
        "chest pain is not new",
        "is it MI? no",
        "chest pain in " + "9" * 5000,
        "not feeling well chest pain",
        "not feeling well, chest pain or pressure",
        "no fever, chest pain or pressure since 8",
        "denies SOB, chest pain 8/10",
        "denies fever, chest pain x 3 days",
        "never had chest pain like this before",
        "without warning chest pain",
        "hx CAD chest pain",
        "hx of htn c/o chest pain",
        "can't rule out MI",
        "r/o ACS",
        "no chest pain but now chest pressure since 8",
        "not just chest pain",
        "feels as if I had chest pain",
        "not sure if this is chest pain",
        "wonders if it is angina",
        "wife says her husband had chest pain",
        "mother reports her son had chest pain",
        "chest pain (+), fever (-)",
        "(+) chest pain",
        "chest pain/SOB",
        "possible angina, no meds for chest pain",
        "worried about chest pain",
        "chest pain resolved on arrival",
        "chest pain, unlikely cardiac",
        "no heart disease in the family, chest pain since noon",
    ],
)
def test_an_unclear_denial_counts_as_a_complaint(text):
    assert "chest-pain" in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "history of stroke",
        "h/o stroke in 2010",
        "stroke in 2010",
        "stroke 5 years ago",
        "stroke last year",
        "had a stroke as a child",
        "previous stroke",
        "PMH: diabetes, stroke",
        "past medical history of hypertension, stroke, gout",
    ],
)
def test_what_is_long_past_is_history(text):
    assert "stroke" in past(text)
    assert "stroke" not in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "previous stroke, now slurred speech",
        "stroke in 2026",
        "history of stroke, today stroke again",
        "stroke in ward 2010b",
        "stroke, hurt in 2010",
    ],
)
def test_a_past_event_does_not_hide_a_present_one(text):
    assert "stroke" in heard(text)


@pytest.mark.parametrize(
    "text",
    ["siezure", "seizre", "seizurre", "seisure", "convulsoin"],
)
def test_one_slip_in_a_long_word_is_forgiven(text):
    assert "seizure" in heard(f"had a {text}")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("painting the house", "syncope"),
        ("prison transfer", "overdose"),
        ("cooking dinner", "airway-obstruction"),
        ("severe pain in finger", "amputation"),
        ("rapid weight gain", "sexual-assault"),
        ("not breathing well", "arrest"),
        ("I do not have trouble breathing", "arrest"),
        ("not having any difficulty breathing", "arrest"),
        ("no heartbeat irregular", "arrest"),
        ("food poisoning", "overdose"),
        ("abdomen pain. chest clear", "chest-pain"),
        ("heartburn", "arrest"),
    ],
)
def test_words_that_only_look_alike_are_left_alone(text, concept):
    assert concept not in heard(text)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("HA, DZ since noon", "headache"),
        ("HA, DZ since noon", "dizziness"),
        ("SOB", "dyspnoea"),
        ("N/V/D x2", "vomiting"),
        ("N/V/D x2", "diarrhoea"),
        ("F/C", "fever"),
        ("AMS", "altered-state"),
        ("+LOC", "syncope"),
        ("GCS 14", "altered-state"),
        ("UGIB", "melaena"),
        ("L weakness", "stroke"),
        ("PE", "embolism"),
        ("Burn, hand", "minor-wound"),
        ("scalp lac.", "minor-wound"),
    ],
)
def test_the_short_forms_of_triage_notes_are_read(text, concept):
    assert concept in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        *("clinic visit", "driving home", "this morning", "waiting room", "dysphagia"),
        *("a contusion", "infertility", "writing a letter", "smells of onion"),
        *("branches of a tree", "shoulder seating", "cooked dinner", "stated age"),
        *("ballet class", "purple shirt", "sleeping well", "thought about it"),
    ],
)
def test_ordinary_words_are_no_misspelt_complaints(text):
    assert heard(text) <= {"minor-limb"}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("right now I feel weak", "stroke"),
        ("weakness, right", "dissection"),
        ("witnessed apnea during sleep", "arrest"),
        ("obstructive sleep apnea", "arrest"),
        ("gasping episodes while asleep, snoring", "arrest"),
        ("facial swelling, tooth. Facial swelling from tooth abscess", "anaphylaxis"),
        ("swollen face with toothache", "allergic-reaction"),
        ("hypnagogic hallucinations when falling asleep", "psychosis-or-violence"),
        ("lethargy for months", "altered-state"),
        ("unable to transfer to wheelchair", "transfer"),
        ("struck in the face, retrobulbar hematoma", "haematemesis"),
        ("a faint wheeze", "syncope"),
    ],
)
def test_words_that_mean_something_else_beside_others_are_left_alone(text, concept):
    assert concept not in heard(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("my daughter is 16 days old", "young-infant"),
        ("3-week-old", "young-infant"),
        ("2 month old", "young-infant"),
        ("8-month-old son", "infant"),
        ("temp 38.5", "told-temperature"),
        ("100.7°F rectally", "told-temperature"),
        ("39 C", "told-temperature"),
        ("fever of 102", "told-temperature"),
        ("temperature was 101.3", "told-temperature"),
        ("40 degrees Celsius", "very-high-temperature"),
        ("105 F", "very-high-temperature"),
    ],
)
def test_ages_and_temperatures_in_words_are_read(text, told):
    assert told in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        *("100.0 F", "98.6 F", "37.4 C", "40 F with a sore toe", "48 degrees outside"),
        *("40 year old", "90 days ago", "temp 36.8", "38 patients", "denies temp 39"),
    ],
)
def test_other_numbers_are_no_fever_and_no_infant(text):
    assert heard(text).isdisjoint(
        {"told-temperature", "very-high-temperature", "young-infant", "infant"}
    )


def test_a_newborn_with_a_fever_told_only_in_words_is_emergent():
    told = case("my daughter is 16 days old and has 100.7 F", age=None)
    mothers = case("newborn with fever", age=years(30))
    older = case("5 year old with a temp of 39", age=years(5))

    assert levels(told)["red-flag.young-infant-told"] == 2
    assert levels(mothers)["red-flag.young-infant-told"] == 2
    assert "red-flag.young-infant-told" not in rules(older)


def test_a_phrase_over_commas_is_still_denied_word_by_word():
    assert "compartment-syndrome" in heard("cast too tight, fingers numb")
    assert "compartment-syndrome" not in heard("cast, denies tightness or numb fingers")


def test_words_side_by_side_must_be_in_their_order():
    assert "dizziness" in heard("DZ")
    assert "stroke" in heard("left weakness")
    assert "stroke" not in heard("weakness left her")


def test_an_excluding_word_does_not_reach_over_a_comma():
    assert "arrest" in heard("not breathing, normally healthy")
    assert "arrest" not in heard("not breathing normally")


def test_a_very_long_complaint_without_a_full_stop_is_read_to_its_end():
    text = "tired " * 20_000 + "crushing chest pain"

    assert "chest-pain" in heard(text)


@pytest.mark.parametrize("text", ["", " ", ",", "...", "\x00", "胸痛", "🙂", "'"])
def test_text_without_english_words_says_nothing(text):
    assert heard(text) == set()


@pytest.mark.parametrize(
    ("system", "value", "rule"),
    [
        ("http://snomed.info/sct", "29857009", "red-flag.chest-pain"),
        ("http://hl7.org/fhir/sid/icd-10", "R07.4", "red-flag.chest-pain"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "i63.9", "red-flag.stroke"),
        ("http://snomed.info/sct", "230690007", "red-flag.stroke"),
        ("http://snomed.info/sct", "410429000", "red-flag.arrest"),
    ],
)
def test_a_coded_complaint_needs_no_words(system, value, rule):
    assert rule in rules(case(complaint("", code(system, value))))


def test_a_code_of_another_system_means_nothing():
    given = case(complaint("", code("http://loinc.org", "29857009")))

    assert not {r for r in rules(given) if r.startswith("red-flag")}


def test_the_display_of_an_unknown_code_is_read_as_words():
    given = complaint("", code("urn:local", "7", "Crushing chest pain"))

    assert "chest-pain" in listen([given], year=YEAR).present


def test_a_flag_names_every_complaint_that_raised_it():
    told = [Complaint(text="chest pain", source=ref(name)) for name in ("b", "a")]
    fired = next(f for f in floor(case(*told)).fired if f.rule == "red-flag.chest-pain")

    assert fired.sources == (ref("a"), ref("b"))
