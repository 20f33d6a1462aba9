"""The narrative of a resource: XHTML that cannot run anything.

http://hl7.org/fhir/R4/narrative.html, invariants txt-1 and txt-2. Read with expat,
which fetches nothing; a document type, and with it every entity, is refused.
"""

from typing import Final
from xml.parsers import expat

from fhir_profiles.findings import Findings, Walk, joined
from fhir_profiles.primitives import runs
from fhir_profiles.problems import masked

_NAMESPACE: Final = "http://www.w3.org/1999/xhtml"
_SEPARATOR: Final = "}"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS: Final = _words(
    "a abbr acronym b big blockquote br caption center cite code col colgroup dd "
    "del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins "
    "kbd li ol p pre q s samp section small span strike strong sub sup table "
    "tbody td tfoot th thead tr tt u ul var area map "
)
"""HTML 4.0 chapters 7 to 11 and 15, a and img, and the sectioning that servers emit."""
_ATTRIBUTES: Final = _words(
    "abbr accesskey align alt axis bgcolor border cellpadding cellspacing char "
    "charoff cite class clear color cols colspan compact coords datetime dir face "
    "frame headers height href hreflang hspace id lang longdesc name noshade "
    "nowrap rel rev rowspan rules scope shape size span src start style summary "
    "tabindex title type usemap valign value vspace width "
)
_LINKS: Final = frozenset(("href", "src", "cite", "longdesc"))
_WHOLE: Final = True
"""To expat: what is given is all there is."""
_IMAGE: Final = "data:image/"
_STYLES: Final = ("expression(", "javascript:", "@import", "url(")
_NEVER: Final = _words(
    "script iframe frame object embed applet form input button link style base "
    "meta select textarea svg math "
)


class _Reader:
    """What expat meets in one narrative."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._is_root = True
        self.found: Findings = None
        self.has_content = False

    def report(self, kind: str, *details: str) -> None:
        self.found = joined(self.found, self._walk.report(kind, *details))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        if self._is_root:
            self._root(namespace, local)
        elif namespace != _NAMESPACE or local not in _ELEMENTS:
            shown = f"The element {local}" if local in _NEVER else "An element"
            self.report("narrative.element", shown)
        self.has_content = self.has_content or local == "img"
        for attribute, value in attributes.items():
            self._attribute(attribute.rpartition(_SEPARATOR)[2], value)

    def _root(self, namespace: str, local: str) -> None:
        self._is_root = False
        if namespace != _NAMESPACE or local != "div":
            self.report("narrative.root")

    def _attribute(self, name: str, value: str) -> None:
        if name not in _ATTRIBUTES:
            handles = name.lower().startswith("on")
            shown = "An event handler" if handles else "An attribute"
            self.report("narrative.attribute", shown)
        elif name in _LINKS and runs(value) and not value.startswith(_IMAGE):
            self.report("narrative.link")
        elif name == "style" and any(word in value.lower() for word in _STYLES):
            self.report("narrative.attribute", "A style that loads or runs something")

    def text(self, characters: str) -> None:
        if not self.has_content and not characters.isspace():
            self.has_content = True

    def refuse_type(self, *_declaration: object) -> None:
        raise expat.ExpatError("a document type is not allowed")


def xhtml(value: object, walk: Walk) -> Findings:
    """Check the text of a narrative's div."""
    if value == "":
        return walk.report("structure.empty", "text")
    if type(value) is not str:
        return walk.report("value.xhtml", masked(value))
    reader = _Reader(walk)
    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_type
    try:
        parser.Parse(value.encode("utf-8", "surrogatepass"), _WHOLE)
    except expat.ExpatError as error:
        reader.report("narrative.syntax", _reason(error))
        return reader.found
    if not reader.has_content:
        reader.report("narrative.empty")
    return reader.found


def _reason(error: expat.ExpatError) -> str:
    """Say what expat disliked; its own messages name no content."""
    code = getattr(error, "code", 0)
    return expat.ErrorString(code) or "unreadable" if code else str(error)
