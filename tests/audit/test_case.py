import json
import re
import sqlite3
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from domain.access import AccessRecorded
from domain.events import REGISTRY
from gateway.audit.case import case_story, life_of
from gateway.audit.case_page import page
from gateway.audit.case_text import WIDTH, lines
from gateway.audit.story import Teller
from gateway.cli.audit import audit
from gateway.intake.streams import record_stream
from gateway.store.records import Recorded
from gateway.store.transcript import transcript
from tests.audit.a_case import ANSWERED, COMPLAINT, CORRECTION, HOSTILE
from tests.audit.test_recall import a_full_ward, ward
from tests.callers import FEED
from tests.gateway_inside import gateway_inside
from tests.http.test_export import exported, files
from tests.worklist import arrived, assessed

LOADING = {"src", "href", "srcset", "data", "action", "background", "poster"}


def silent(_done, _total):
    """Show no progress."""


def story_of(case, identity=None):
    return case_story(case.folder, identity or case.case_id, progress=silent)


def text_of(case, **options):
    return "\n".join(lines(story_of(case), full=options.get("full", False)))


def told(case, *arguments):
    return CliRunner().invoke(audit, ["case", *arguments, "--data", str(case.folder)])


class Reader(HTMLParser):
    """Notes elements, what they would load, and what a reader reads."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.loads, self.handlers, self.policy = [], [], [], ""
        self.words = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        for name, value in attributes:
            if name in LOADING:
                self.loads.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
        said = dict(attributes)
        if said.get("http-equiv") == "Content-Security-Policy":
            self.policy = said["content"]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def read(self):
        return " ".join(self.words)


def test_the_story_tells_everybody_who_had_a_part_in_the_order_of_time(case):
    entries = story_of(case).entries

    tellers = [entry.teller for entry in entries if entry.teller is not Teller.READER]
    assert tellers[:2] == [Teller.SENDER, Teller.GATEWAY]
    assert tellers[-6:] == [Teller.RULES, Teller.MODEL, *[Teller.NURSE] * 4]
    # A read that the log has before a judgement may tell a later time by less than a
    # commit: what is judged is stamped when the judging begins.
    for readers in (False, True):
        times = [e.at for e in entries if (e.teller is Teller.READER) is readers]
        assert times == sorted(times)


def test_a_case_a_task_and_an_assessment_lead_to_the_same_story(case):
    story = story_of(case)

    assert story_of(case, f"Task/{case.task_id}") == story
    assert story_of(case, case.task_id) == story
    assert story_of(case, f"ClinicalImpression/{case.case_id}/_history/2") == story
    assert story_of(case, f"ClinicalImpression/{case.case_id}-review") == story
    assert story_of(case, f"Provenance/{case.case_id}-2-model") == story


async def test_every_resource_of_a_case_leads_to_its_story(tmp_path):
    async with ward(tmp_path) as (model, caller):
        case = await a_full_ward(model, caller)
        kinds = ("ClinicalImpression", "Provenance", "RiskAssessment", "Task")
        shown = [
            f"{kind}/{each['id']}"
            for kind in kinds
            for each in await caller.search(f"{kind}?_count=1000")
        ]
        own = [each for each in shown if case in each]

        assert any(each.endswith("-raised") for each in own)
        for each in shown:
            told = case_story(tmp_path / "data", each, progress=silent)
            assert told.case_id in each
            assert (told.case_id == case) is (each in own)


def test_an_unknown_id_is_said_plainly_and_is_not_repeated(case):
    for unknown in ("nobody-1", "Task/no such", "x" * 100, f"{case.case_id}-x"):
        result = told(case, unknown)

        assert result.exit_code == 1
        assert "No case of this log goes by that id." in result.output
        assert unknown not in result.output


def test_a_terminal_shows_it_in_a_hundred_columns(case):
    for full in (False, True):
        longest = max(text_of(case, full=full).splitlines(), key=len)

        assert len(longest) <= WIDTH, longest


def test_inputs_come_with_version_time_sender_and_use(case):
    text = text_of(case)

    assert "feed-1 sent 6 resources that the case used" in text
    assert f"Patient/{case.patient_id}, version 1" in text
    assert "opened the case; complaints" in text
    assert "news for the case; vitals" in text


def test_rules_come_with_their_source_and_what_they_rest_on(case):
    text = text_of(case)

    assert "red-flag.chest-pain" in text
    assert "ESI handbook v5 (ENA 2023)" in text
    assert "NEWS2, Royal College of Physicians 2017" in text
    assert re.search(r"rests on +Encounter/\S+ version 1", text)
    assert re.search(r"complaint\s+value +crushing chest pain", text)


def test_the_model_comes_with_passages_prompt_answer_guards_and_versions(case):
    brief, full = text_of(case), text_of(case, full=True)

    assert "ACC/AHA" in brief
    assert re.search(r"sha-256  [0-9a-f]{64}", brief)
    assert "Reason 1 was left out" not in brief
    assert "Reason 2 was left out: " in brief
    assert "Guards that ran" in brief
    assert "root:weights-1" in brief
    assert "You support a triage nurse." not in brief
    assert "You support a triage nurse." in full
    assert "Raw answer, as it came" in brief


def test_a_nurses_decision_shows_what_was_before_and_after(case):
    text = text_of(case)

    assert "(Practitioner/nurse-kim) said 'not me'" in text
    assert "(Practitioner/nurse-jo) replaced the assessment: level 4 of 5" in text
    assert re.search(r"before +2 of 5 \(emergent\)\n +after +4 of 5", text)
    assert "Less urgent than the rules" in text
    assert "Seen in the corridor." in text


def test_who_read_is_told_and_a_search_with_its_query(case):
    reads = story_of(case).reads.rows

    who = {row[1] for row in reads}
    assert "Nurse nurse-kim (Practitioner/nurse-kim)" in who
    assert any(f"ClinicalImpression/{case.case_id}" in row[4] for row in reads)
    assert any("?patient=Patient/" in row[4] for row in reads)
    assert any("feed-1" in row[2] for row in reads)


def test_every_step_has_a_duration_a_person_can_read(case):
    rows = {step: took for step, took, _ in story_of(case).durations.rows}

    assert set(rows) >= {
        "Data to rules, revision 2",
        "Rules to the model's part, revision 2",
        "of this the model itself, revision 2",
        "Taken to begun",
        "Begun to decided",
        "Opened to decided",
    }
    assert rows["Longest wait that level 2 allows"] == "10 minutes: kept"


def test_hostile_words_are_words_on_the_page_and_nothing_else(case):
    html = page(story_of(case))

    shown = Reader(html)
    assert {"script", "img", "link", "iframe", "object"}.isdisjoint(shown.elements)
    assert not shown.handlers
    assert all(each.startswith("#") for each in shown.loads)
    for hostile in (COMPLAINT, HOSTILE, "<img src=x onerror=alert(1)>"):
        assert hostile not in html
        assert hostile in shown.read
    assert ANSWERED.replace("'", "&#39;") not in html


def test_the_pages_own_policy_lets_nothing_run_or_load(case):
    html = page(story_of(case))

    policy = Reader(html).policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "url(" not in html


def test_marks_that_turn_text_around_are_named(case):
    assert "\u202e" in CORRECTION
    for shown in (page(story_of(case)), text_of(case, full=True)):
        assert "\u202e" not in shown
        assert "[U+202E RIGHT-TO-LEFT OVERRIDE]" in " ".join(shown.split())


def test_the_page_is_written_for_its_owner_alone(case, tmp_path):
    file = tmp_path / "case.html"

    result = told(case, case.task_id, "--html", str(file))

    assert result.exit_code == 0, result.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == page(story_of(case))


def test_a_page_that_everybody_could_read_becomes_its_owners_alone(case, tmp_path):
    file = tmp_path / "case.html"
    file.write_text("an older page, which was longer" * 10_000)
    file.chmod(0o644)
    other = tmp_path / "linked.html"
    other.write_text("an older page, which was longer" * 10_000)
    other.chmod(0o644)
    (tmp_path / "link.html").symlink_to(other)

    with file.open() as reader:  # somebody has it open already
        assert told(case, case.case_id, "--html", str(file)).exit_code == 0
        linked = str(tmp_path / "link.html")
        assert told(case, case.case_id, "--html", linked).exit_code == 0
        assert "an older page" in reader.read()

    for each in (file, other):
        assert each.stat().st_mode & 0o777 == 0o600
        assert each.read_text() == page(story_of(case))


def test_a_page_may_go_where_no_file_is(case):
    assert told(case, case.case_id, "--html", "/dev/null").exit_code == 0


@pytest.mark.parametrize("place", ["no/such/case.html", "a-file/case.html"])
def test_a_place_where_no_page_can_be_is_named_in_a_sentence(case, tmp_path, place):
    (tmp_path / "a-file").touch()

    result = told(case, case.case_id, "--html", str(tmp_path / place))

    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 1
    assert "The page cannot be written there" in result.output
    assert "written:" not in result.output


def test_no_page_is_written_into_the_data_folder(case):
    result = told(case, case.case_id, "--html", str(case.folder / "case.html"))

    assert result.exit_code == 1
    assert "outside" in result.output
    assert not (case.folder / "case.html").exists()


def test_the_command_prints_what_the_story_tells(case):
    result = told(case, case.case_id)

    assert result.output.rstrip("\n") == text_of(case)


def test_the_export_of_a_case_has_every_row_that_its_story_tells_of(case, tmp_path):
    output = tmp_path / "case.ndjson"
    asked = ["export", "--case", case.case_id, "--output", str(output)]
    with transcript(case.folder, registry=REGISTRY) as log:
        life = life_of(log, case.case_id)
        inputs = {
            event.position
            for used in life.used
            for event in log.stream(record_stream(used))
            if event.version == used.version
        }
        accesses = {
            event.position
            for event in log.read(after=0, limit=1000, unread=frozenset())
            if isinstance(event, Recorded)
            and isinstance(event.event, AccessRecorded)
            and any(case.case_id in each.id for each in event.event.references)
        }

    done = CliRunner().invoke(audit, [*asked, "--data", str(case.folder)])

    assert done.exit_code == 0, done.output
    rows = map(json.loads, output.read_text().splitlines())
    positions = {row["position"] for row in rows if "position" in row}
    assert len(inputs) == len(life.used) == 6
    assert len(accesses) > 2
    assert positions >= inputs | accesses | {each[0].position for each in life.events}
    verified = CliRunner().invoke(audit, ["verify", str(output)])
    assert verified.exit_code == 0, verified.output


async def test_who_fetched_a_file_of_a_bulk_export_is_told(tmp_path):
    async with gateway_inside(tmp_path / "data") as one:
        feed = one.called(FEED)
        (task,) = await assessed(feed, await arrived(feed))
        await files(feed, await exported(feed, "/fhir/$export?_type=Task,Device"))

    story = case_story(tmp_path / "data", task["id"], progress=silent)

    told = [row[4] for row in story.reads.rows if "bulk" in row[4]]
    assert told == ["a bulk export's file of Task: it may have held this case"]


def test_telling_a_case_changes_nothing_in_the_log(case):
    log = sqlite3.connect(f"file:{case.folder / 'log.sqlite'}?mode=ro", uri=True)
    before = log.execute("SELECT MAX(position) FROM stored_events").fetchone()

    story_of(case)

    assert log.execute("SELECT MAX(position) FROM stored_events").fetchone() == before
    log.close()
