"""Inputs that no well-behaved sender would send, made from those that one would.

Everything comes from one `random.Random`, so that a seed gives the same inputs.
"""

import copy
import json

TRICKY = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, "", " ", "\u0000", "null", "a" * 3000,
    "\u202e\u200b", "\ud83d\ude00", "2026-02-30", "2026-11-22T24:00:00Z", "0001-01-01",
    "9999-12-31T23:59:60Z", "<div xmlns='http://www.w3.org/1999/xhtml'><script/></div>",
    "Patient/../Patient", "urn:uuid:not-one", "javascript:alert(1)", "Patient?x=|",
    "http://127.0.0.1:9/Patient/1", "#", "#x", "Patient/" + "9" * 65, "=", "%00", "\\",
    "identifier=a|b&identifier=c|d", "*", 'W/"1"', 'W/"99999999999999999999"', [], {},
    [[]], [{}], {"": None}, {"resourceType": "Patient"}, {"extension": [{}]},
    {"reference": "urn:uuid:0"}, {"coding": [{"code": "x"}]}, [None], [1, "a", {}],
)  # fmt: skip
NAMES = (
    "resourceType", "id", "meta", "text", "div", "contained", "extension", "url",
    "modifierExtension", "identifier", "system", "value", "valueString", "code",
    "entry",
    "valueQuantity", "coding", "status", "subject", "reference", "display", "period",
    "effectiveDateTime", "_effectiveDateTime", "_status", "fullUrl", "request",
    "method",
    "ifNoneExist", "ifMatch", "resource", "type", "versionId", "lastUpdated", "profile",
    "link", "component", "item", "answer", "birthDate", "deceasedBoolean", "__proto__",
)  # fmt: skip
SPLICES = (
    b"\x00", b"\xff", b"\xc0\x80", b'"', b"}", b"{", b"[", b",", b":", b"\\u0000",
    b"\\ud800", b"1e400", b"-0", b"01", b"NaN", b"Infinity", b"\xef\xbb\xbf", b"//",
    b'"id":"1",', b"[" * 200, b'{"a":' * 200, b"\xe2\x80\xae", b"9" * 400,
)  # fmt: skip
_DEPTH = 6


def places(node, path=()):
    """Give the path of every value in a JSON value."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def mutated(rng, content, most=4):
    """Return a copy of a JSON value with one to `most` changes."""
    changed = copy.deepcopy(content)
    for _ in range(rng.randint(1, most)):
        path = rng.choice(list(places(changed)))
        if not path:
            continue
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        _change(rng, holder, path[-1])
    return changed


def _change(rng, holder, key):
    match rng.randrange(6):
        case 0:
            del holder[key]
        case 1:
            holder[key] = [holder[key]]
        case 2:
            _double(rng, holder, key)
        case 3 if isinstance(holder[key], str):
            holder[key] = _string(rng, holder[key])
        case 4:
            holder[key] = generated(rng)
        case _:
            holder[key] = copy.deepcopy(rng.choice(TRICKY))


def _double(rng, holder, key):
    if isinstance(holder, dict):
        holder[rng.choice(NAMES)] = copy.deepcopy(holder[key])
    else:
        holder.extend([copy.deepcopy(holder[key])] * rng.choice((1, 3, 40)))


def _string(rng, text):
    at = rng.randint(0, len(text))
    inserted = rng.choice(
        ("\u0001", " ", "|", "/", "?", "%", "é", "\U0001d7d9", "\n", "$", ",")
    )
    return rng.choice((text[:at], text[:at] + inserted + text[at:], text[::-1]))


def generated(rng, depth=0):
    """Return any JSON value, made of FHIR's names and of values that hurt."""
    if depth > _DEPTH or rng.random() < 0.4:
        return copy.deepcopy(rng.choice(TRICKY))
    if rng.random() < 0.4:
        return [generated(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    names = rng.sample(NAMES, rng.randint(1, 5))
    return {name: generated(rng, depth + 1) for name in names}


def damaged(rng, body):
    """Return bytes with a piece cut out, doubled or replaced by something else."""
    start = rng.randrange(len(body) + 1)
    end = min(len(body), start + rng.choice((0, 1, 2, 20)))
    middle = rng.choice((b"", body[start:end] * 2, rng.choice(SPLICES)))
    return body[:start] + middle + body[end:]


def encoded(rng, content):
    """Return a JSON value as bytes, once in a while damaged."""
    body = json.dumps(content, ensure_ascii=rng.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )
    return damaged(rng, body) if rng.random() < 0.3 else body
