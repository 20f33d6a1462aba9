"""Two patients whose values are in every place where values can be."""

from tests.callers import AUDITOR, FEED, NURSE
from tests.patients import MRN, complaint, statement, transaction
from tests.worklist import completed, open_task


class Marked:
    """A patient all of whose values can be told from anybody else's."""

    def __init__(self, word, identity):
        self.word = word
        self.id = identity
        self.name = f"Patient/{identity}"
        self.record = f"MRN-{word}-5551"
        self.family = f"Family{word}"
        self.given = f"Given{word}"
        self.narrative = f"Narrative of {word} with porcupines"
        self.complaint = f"crushing {word} pain since breakfast"
        self.medicine = f"medicine {word} quux"
        self.observation = f"obs-{word}-chosen"
        self.note = f"The nurse thinks of {word} and unicorns."
        self.phone = f"+49-{word}-77"
        self.street = f"{word} Street 12"
        self.pain = complaint(self.name, self.complaint)

    @property
    def values(self):
        return [text for text in vars(self).values() if isinstance(text, str)]

    @property
    def patient(self):
        return {
            "resourceType": "Patient",
            "id": self.id,
            "text": {
                "status": "generated",
                "div": '<div xmlns="http://www.w3.org/1999/xhtml">'
                f"{self.narrative}</div>",
            },
            "identifier": [{"system": MRN, "value": self.record}],
            "name": [{"family": self.family, "given": [self.given]}],
            "telecom": [{"system": "phone", "value": self.phone}],
            "address": [{"line": [self.street]}],
            "gender": "female",
            "birthDate": "1980-03-04",
        }

    @property
    def bundle(self):
        """The same bytes each time, so that a repetition is one."""
        return transaction(self.patient, {**self.pain, "id": f"pain-{self.id}"})


async def live(stranger, who):
    """Let a patient be seen, read, searched, refused, set aside and reviewed."""
    feed, nurse = stranger.called(FEED), stranger.called(NURSE)
    auditor = stranger.called(AUDITOR)
    await feed.push(who.bundle)
    await feed.push(transaction(statement(who.name, who.medicine)))
    vital = {**complaint(who.name, who.complaint), "id": who.observation}
    await feed.put(vital, Idempotency_Key=f"key-{who.word}-chosen")
    await feed.search(f"Patient?identifier={MRN}|{who.record}")
    await feed.search(f"Patient?name={who.family}&_count=5")
    await feed.search(f"Patient?name={who.given}&birthdate=1901-01-01")
    await feed.get(f"/fhir/Patient/{who.id}-not-there?note={who.word}")
    await stranger.get(f"/fhir/Patient/{who.id}")
    await feed.create({**who.patient, "gender": who.complaint})
    await nurse.read(who.name)
    task = await open_task(nurse, who.name)
    await completed(
        nurse, task, decision="overridden", acuity=1, reason=who.note, notes=who.note
    )
    await auditor.search(f"AuditEvent?patient={who.name}")
    return f"Task/{task['id']}"
