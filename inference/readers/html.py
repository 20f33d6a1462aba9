"""HTML to blocks: what a reader sees of the body, never scripts or hidden parts."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from inference.document import Block, Form

_UNSEEN = (
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg"),
    *("canvas", "audio", "video", "form", "button", "select", "textarea", "nav"),
    *("footer", "head", "[hidden]", "[aria-hidden=true]"),
)
_HIDING = ("display:none", "visibility:hidden", "font-size:0", "opacity:0")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS = ("ul", "ol")
_INLINE = frozenset(
    (
        *("-text", "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code"),
        *("data", "dfn", "del", "em", "font", "i", "ins", "kbd", "label", "mark", "q"),
        *("s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u"),
        *("var", "wbr"),
    )
)
_DEEPEST_LIST = 6


def title(text: str) -> str:
    """Return the title that the page gives itself, "" where it gives none."""
    found = LexborHTMLParser(text).css_first("title")
    return " ".join(found.text().split()) if found else ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    tree = LexborHTMLParser(text)
    for node in [*tree.css(", ".join(_UNSEEN)), *filter(_hides, tree.css("[style]"))]:
        node.decompose()
    for node in tree.css("br"):
        node.replace_with(" ")
    pieces = _pieces(tree.body) if tree.body is not None else ()
    for number, (form, words, level) in enumerate(pieces, 1):
        yield Block(f"block {number}", form, words, level)


def _hides(node: LexborNode) -> bool:
    style = (node.attributes.get("style") or "").replace(" ", "").casefold()
    return any(each in style for each in _HIDING)


def _pieces(body: LexborNode) -> Iterator[tuple[Form, str, int]]:
    # No recursion: a page may be nested deeper than Python calls may be.
    waiting: list[LexborNode | str] = [body]
    while waiting:
        node = waiting.pop()
        found = _piece(node)
        if found is None and not isinstance(node, str):
            waiting.extend(reversed(list(_inside(node))))
        elif found is not None and found[1]:
            yield found


def _piece(node: LexborNode | str) -> tuple[Form, str, int] | None:
    """Return a node as one block; None where there are blocks inside it."""
    if isinstance(node, str):
        return Form.PARAGRAPH, " ".join(node.split()), 0
    tag = node.tag or ""
    if tag in _HEADINGS:
        return Form.HEADING, _words(node), int(tag[1])
    if tag in _LISTS:
        return Form.WHOLE, "\n".join(_items(node)), 0
    if tag == "table":
        return Form.WHOLE, "\n".join(_rows(node)), 0
    if tag == "pre":
        return Form.WHOLE, node.text().strip("\n"), 0
    return None


def _inside(node: LexborNode) -> Iterator[LexborNode | str]:
    """Yield the blocks in a node, and the running text between them."""
    running = ""
    for each in node.iter(include_text=True):
        if each.tag in _INLINE:
            running += each.text_content or "" if each.tag == "-text" else each.text()
        elif each.tag != "_comment":
            yield running
            running = ""
            yield each
    yield running


def _words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _items(outer: LexborNode) -> Iterator[str]:
    lines: list[tuple[int, list[str]]] = []
    waiting = [(outer, -1)]
    while waiting:
        node, depth = waiting.pop()
        if node.tag == "-text" and lines:
            lines[-1][1].append(node.text_content or "")
        if node.tag == "li":
            lines.append((min(depth, _DEEPEST_LIST), []))
        below = depth + (node.tag in _LISTS)
        inner = [(each, below) for each in node.iter(include_text=True)]
        waiting.extend(reversed(inner))
    for depth, words in lines:
        if text := " ".join("".join(words).split()):
            yield f"{'  ' * depth}- {text}"


def _rows(table: LexborNode) -> Iterator[str]:
    for row in table.css("tr"):
        cells = [_words(cell) for cell in row.iter() if cell.tag in ("td", "th")]
        if any(cells):
            yield f"| {' | '.join(cells)} |"
