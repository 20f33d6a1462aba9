"""What a clinician reads is what the program does, and nothing in it can run."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import CATALOGUE, RULES_VERSION
from domain.floor.digest import of_catalogue
from domain.rulebook import UNSIGNED, Rulebook
from domain.ruled import NO_SITE_RULES, Signature, SiteLimit, SiteRules
from domain.values import Acuity, VitalName
from gateway.rules import table
from gateway.rules.booklet import booklet, readable
from gateway.rules.document import document
from gateway.rules.markdown import markdown
from gateway.rules.page import page
from tests.domain.floor.charts import CHART

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"
SITE = SiteRules(
    levels=(("red-flag.fall", Acuity.EMERGENT),),
    words=(("chest-pain", "thoraxschmerz"),),
    limits=(
        SiteLimit(
            vital=VitalName.HEART_RATE, acuity=Acuity.EMERGENT, above=Decimal(110)
        ),
    ),
    minutes=(0, 5, 20, 45, 90),
    scale="MTS",
    chart=CHART,
)


def signature(site, by="Dr Jo Doe", registration="7012345"):
    return Signature(
        by=by,
        role="ED consultant",
        registration=registration,
        rules=RULES_VERSION,
        catalogue=of_catalogue(site),
        at=AT,
    )


PLAIN = booklet(UNSIGNED)
WHOLE = booklet(Rulebook(site=SITE, signature=signature(SITE)))
CHANGED = booklet(Rulebook(site=SITE, signature=signature(NO_SITE_RULES)))


class Tags(HTMLParser):
    """Notes every tag, its attributes, and the text between."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.said = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []

    def handle_data(self, data):
        self.said.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())


def test_every_rule_is_on_the_page_with_all_that_it_says():
    found = Tags(page(PLAIN))

    for rule in CATALOGUE:
        assert rule.rule in found.ids
        for said in (rule.says, rule.why, rule.citation, *rule.thresholds):
            assert " ".join(said.split()) in found.text


def test_every_word_of_every_concept_is_on_the_page():
    found = Tags(page(PLAIN))

    for concept in CONCEPTS:
        assert f"word-{concept.name}" in found.ids
        for phrase in concept.phrases:
            assert readable(phrase) in found.text


def test_every_link_leads_somewhere_on_the_page_and_each_place_is_one():
    for shown in (PLAIN, WHOLE):
        found = Tags(page(shown))

        assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
        assert all(link.startswith("#") for link in found.links)
        assert len(set(found.ids)) == len(found.ids)


def test_nothing_on_the_page_runs_or_loads_and_hostile_names_are_text():
    signed = signature(NO_SITE_RULES, by=HOSTILE, registration=HOSTILE)
    text = page(booklet(Rulebook(signature=signed)))
    found = Tags(text)

    assert not {"script", "img", "link", "iframe", "form"} & set(found.tags)
    assert HOSTILE not in text
    assert HOSTILE in found.text
    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in text
    assert not re.search(r"https?://", text)


def test_the_page_says_whether_the_rules_are_signed():
    assert "Not signed by a clinician." in Tags(page(PLAIN)).text
    assert "by Dr Jo Doe, ED consultant, registration 7012345" in Tags(page(WHOLE)).text
    assert "changed since Dr Jo Doe" in Tags(page(CHANGED)).text


def test_the_page_tells_how_to_sign_what_stands_on_it():
    assert f"--hash {PLAIN.catalogue}" in Tags(page(PLAIN)).text


def test_what_the_site_adds_is_on_the_page():
    text = Tags(page(WHOLE)).text

    assert "thoraxschmerz" in text
    assert "Heart rate above 110 /min" in text
    assert "At this site at least" in text
    assert "The paediatric chart Chart 1 (Test)" in text
    assert "shortened by this site" in text
    assert "also named as by MTS" in text
    assert "Nothing: the rules are those of the program." in Tags(page(PLAIN)).text


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("chest pain|tight*", "chest + (pain / tight…)"),
        ("seizure|seizures", "seizure / seizures"),
        ("=had a fit", "“had a fit”"),
        ("=l|left weakness", "“(l / left) weakness”"),
        ("~cast tight numb*", "cast + tight + numb…, also across commas"),
        ("not breathing !well|normally", "not + breathing, not near well / normally"),
    ],
)
def test_a_phrase_can_be_read_by_a_clinician(phrase, said):
    assert readable(phrase) == said


def test_the_document_holds_what_the_page_shows():
    told = json.loads(json.dumps(document(WHOLE)))

    assert {each["rule"] for each in told["rules"]} > {each.rule for each in CATALOGUE}
    assert told["signed"] is True
    assert told["signature"]["by"] == "Dr Jo Doe"
    assert document(PLAIN)["signature"] is None
    assert told["minutes"] == dict(zip("12345", SITE.minutes, strict=True))
    assert told["scales"]["MTS"]["2"] == "Orange"
    assert told["scales"]["words"]["1"] == "Critical"


def test_the_markdown_has_a_row_for_every_rule_and_concept():
    lines = markdown(WHOLE).splitlines()

    cells = {line.split(" | ")[-1].rstrip(" |") for line in lines if line[:2] == "| "}
    assert {f"`{each.rule}`" for each in CATALOGUE} <= cells
    assert any(line.startswith("| chest-pain | ") for line in lines)


def test_a_table_says_who_signed():
    assert table.signed(PLAIN) == "Not signed by a clinician."
    assert table.signed(WHOLE) == "Signed by Dr Jo Doe (ED consultant) on 2026-11-22."
    assert "changed since" in table.signed(CHANGED)


def test_the_most_urgent_rules_of_a_family_come_first():
    for family in PLAIN.families:
        levels = [min(entry.rule.acuities) for entry in family.entries]
        assert levels == sorted(levels)
