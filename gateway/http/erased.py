"""What is said of a resource that was erased with its patient: that it is gone.

No read model knows of it any more. The log does, by the keyed digest of the stream's
name, which nobody can compute who does not ask for the very address.
"""

from domain.errors import ErasedError
from domain.values import Reference
from gateway.intake.ownership import case_of
from gateway.intake.streams import case_stream, record_stream
from gateway.store.ledger import Ledger
from gateway.store.records import Erased, Passed, Recorded
from gateway.translate.audited import PREFIX

_AUDIT_EVENT = "AuditEvent"


def require_not_erased(ledger: Ledger, address: Reference) -> None:
    """Let pass what never was; it reads the disk.

    Raises:
        ErasedError: there was such a resource, or such a version of it.

    """
    if any(map(_is_gone, _rows(ledger, address))):
        raise ErasedError("This was erased with the patient whom it was about.")


def _rows(ledger: Ledger, address: Reference) -> list[Recorded | Erased]:
    if address.type == _AUDIT_EVENT:
        number = address.id.removeprefix(PREFIX)
        after = int(number) - 1 if number.isdecimal() else ledger.head
        return ledger.read(after=after, limit=1)
    rows = ledger.stream(record_stream(address.unversioned()))
    if address.version:
        return [each for each in rows if each.version == address.version]
    case_id = case_of(address)
    return rows[-1:] or (ledger.stream(case_stream(case_id))[-1:] if case_id else [])


def _is_gone(row: Recorded | Erased) -> bool:
    return isinstance(row, Erased) and not isinstance(row, Passed)
