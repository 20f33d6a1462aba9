"""Accept entries that are built like many before them, by one pattern each.

Senders repeat themselves: a feed has some dozens of forms, and an entry of a known form
is accepted or doubted by one regular expression over its compact JSON, two to three
times as fast as value by value (`acceptance.py`, which decides whenever no form does).
A form holds names, codes and URLs of extensions, and nothing that tells of a patient.
"""

from itertools import count
from threading import Lock
from typing import Any, Final

from fhir_profiles.acceptance import Acceptance, Types
from fhir_profiles.extension_places import CORE
from fhir_profiles.findings import Walk
from fhir_profiles.form_places import UnwritableError
from fhir_profiles.form_writing import Form, Writer
from fhir_profiles.primitives import Check

Object = dict[str, Any]
Names = tuple[str, ...]

MET: Final = frozenset(2**power for power in range(3, 14))
"""A form is written, or widened, by the eighth entry with the same names that it does
not fit, the 16th, and so on: compiling one takes as long as some hundred checks."""
FORMS: Final = 256
"""Forms that are kept, so that no sender can fill the memory."""
_COUNTED: Final = 4096
_CORE: Final = f'"url":"{CORE}'.encode()
"""Extensions that only the full check accepts, since R4 says where they may stand."""
_UNSURE: Final = (KeyError, TypeError)


class Forms:
    """The forms that were met in this process."""

    def __init__(self, acceptance: Acceptance, types: Types, check: Check) -> None:
        self._acceptance = acceptance
        self._types = types
        self._check = check
        self._learning = Lock()
        self._writers: dict[Names, Writer] = {}
        self._known: dict[Names, Form] = {}
        self._met: dict[Names, count[int]] = {}

    def accepts_entry(self, entry: Object, text: bytes) -> bool:
        """Tell whether nothing is wrong with an entry, whose compact JSON this is.

        False says nothing: the full check must look.
        """
        try:
            names = _names(entry["resource"])
            known = self._known.get(names)
        except _UNSURE:
            return False
        if known is not None and known.fits(entry, str(text, "utf-8")):
            return True
        is_right = self._acceptance.accepts_entry(entry) or (
            _CORE in text and not self._check(entry, Walk())
        )
        if is_right:
            self._meet(names, entry)
        return is_right

    def _meet(self, names: Names, entry: Object) -> None:
        """Count an entry that no form fits, and learn from it when it is time."""
        met = self._met.get(names)
        if met is None:
            if len(self._met) >= _COUNTED:
                return
            met = self._met[names] = count(1)
        if next(met) in MET and (names in self._known or len(self._known) < FORMS):
            with self._learning:
                self._learn(names, entry)

    def _learn(self, names: Names, entry: Object) -> None:
        writer = self._writers.setdefault(names, Writer(self._types))
        try:
            self._known[names] = writer.form(entry)
        except UnwritableError:
            self._writers[names] = Writer(self._types)


def _names(resource: Object) -> Names:
    """Give the type and names of a resource, and of those that it contains."""
    names = (resource["resourceType"], *resource)
    if "contained" not in resource:
        return names
    return (*names, *(part for one in resource["contained"] for part in _names(one)))
