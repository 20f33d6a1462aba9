import asyncio
from datetime import date

import pytest

from inference.embed import MiniLmEmbedder
from inference.knowledge import load_folder, starter_folder
from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.index import ensure_index
from inference.schema import Query

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    path = tmp_path_factory.mktemp("starter") / "knowledge.sqlite"
    embedder = MiniLmEmbedder.packaged()
    ensure_index(path, load_folder(starter_folder()), embedder)
    return EmbeddedRetriever(path, embedder)


def documents(retriever, *texts, population=()):
    query = Query(texts=texts, population=population, today=TODAY)
    retrieval = asyncio.run(retriever.retrieve(query))
    return {passage.id.split("#")[0] for passage in retrieval.passages}


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("chest pain radiating to left arm", "chest-pain"),
        ("tearing pain between the shoulder blades", "chest-pain"),
        ("palpitations", "heart-rhythm-and-circulation"),
        ("facial droop and slurred speech", "stroke"),
        ("weakness of one arm", "stroke"),
        ("fever and confusion low blood pressure", "sepsis"),
        ("hives and wheezing after peanut", "anaphylaxis"),
        ("worst headache of my life", "headache"),
        ("head injury on warfarin", "head-injury"),
        ("apixaban", "drugs-and-bleeding"),
        ("vomiting blood", "bleeding"),
        ("melena", "bleeding"),
        ("epistaxis", "bleeding"),
        ("vaginal bleeding in early pregnancy", "early-pregnancy"),
        ("pregnant 34 weeks headache visual disturbance", "late-pregnancy"),
        ("fever in 3 week old infant", "infants-and-fever"),
        ("diabetic vomiting fast breathing", "diabetes-emergencies"),
        ("hypoglycaemia", "diabetes-emergencies"),
        ("asthma attack cannot speak", "breathing"),
        ("dyspnea", "breathing"),
        ("suicidal ideation", "mental-health"),
        ("took 30 paracetamol tablets", "poisoning"),
        ("swallowed button battery", "poisoning"),
        ("testicular pain 14 year old boy", "abdomen-and-groin"),
        ("abdominal pain 80 years old", "abdomen-and-groin"),
        ("saddle numbness urinary retention", "back-pain"),
        ("chemotherapy and fever", "cancer-and-immunosuppression"),
        ("chemical splash in the eye", "injury"),
        ("needle stick injury", "injury"),
        ("seizure", "seizure-and-collapse"),
        ("metoprolol", "drugs-that-hide-signs"),
        ("prednisolone", "drugs-that-hide-signs"),
        ("empagliflozin nausea", "drugs-for-diabetes"),
        ("lithium tremor", "drugs-for-mind-and-nerves"),
        ("hypotension", "vital-signs"),
        ("runny nose and cough", "common-minor-illness"),
        ("dysuria", "common-minor-illness"),
        ("prescription refill", "common-minor-illness"),
        ("twisted ankle", "injury"),
        ("low back pain after lifting", "back-pain"),
    ],
)
def test_a_complaint_finds_its_document(retriever, query, document):
    assert document in documents(retriever, query)


@pytest.mark.parametrize(
    "query",
    [
        "best pizza in town",
        "mortgage interest rates this year",
        "asdf qwer zxcv",
        "patient requests a parking permit",
        "recipe for chocolate cake",
        "football world cup final score",
        "hair transplant cost",
        "?!?",
    ],
)
def test_what_is_not_about_illness_finds_nothing(retriever, query):
    assert documents(retriever, query) == set()


def test_an_adult_with_fever_is_not_given_the_infant_rules(retriever):
    assert "infants-and-fever" in documents(retriever, "fever", population=("child",))
    assert "infants-and-fever" not in documents(
        retriever, "fever", population=("adult",)
    )


def test_complaint_and_medicine_together_find_both(retriever):
    assert documents(retriever, "head injury", "apixaban", population=("adult",)) >= {
        "head-injury",
        "drugs-and-bleeding",
    }
