"""Why the patient came, put together from all that says so."""

from collections.abc import Iterator

from domain.values import Complaint, Reference
from fhir_profiles.answers import canonical
from fhir_profiles.arrival import told_onset
from fhir_profiles.complaint import as_reason, complaints, dated, reasons
from fhir_profiles.elements import Resource, plain, string
from gateway.translate.case_record import CaseRecord


def complained(record: CaseRecord, questions: frozenset[str]) -> tuple[Complaint, ...]:
    """Return the complaints of a case, each once.

    A reason that is only referred to is read where it is; an onset that an Observation
    tells on its own holds for each complaint that tells none.
    """
    seen = [content for _, content in record.of("Observation")]
    onset = told_onset(seen)
    said = dict.fromkeys(_said(record, questions))
    return tuple(dict.fromkeys(dated(each, onset) for each in said))


def forms(record: CaseRecord) -> list[tuple[Reference, Resource]]:
    """Return the stored Questionnaires that current responses answer."""
    asked = {
        canonical(content).partition("|")[0]
        for _, content in record.of("QuestionnaireResponse")
    }
    return [
        (source, content)
        for source, content in record.known
        if source.type == "Questionnaire" and string(content, "url") in asked
    ]


def _said(record: CaseRecord, questions: frozenset[str]) -> Iterator[Complaint]:
    stored = [content for _, content in forms(record)]
    for source, content in record.current:
        yield from complaints(content, source, questions=questions, forms=stored)
        for named in reasons(content):
            yield from _referred(record, source, named)


def _referred(
    record: CaseRecord, source: Reference, named: Resource
) -> Iterator[Complaint]:
    """Yield the reason behind a Reference; its display where it is not to be had."""
    address = string(named, "reference").partition("/_history/")[0]
    found = record.by_name.get(address)
    if found is not None:
        yield from as_reason(found[1], found[0])
    elif display := plain(string(named, "display")):
        yield Complaint(text=display, source=source)
