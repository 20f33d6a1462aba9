"""Trees and notes are those of their specifications, whoever computes them."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.errors import LogDamagedError
from gateway.store.evidence import (
    Checkpoint,
    EvidenceError,
    Log,
    Row,
    Tree,
    decoded,
    grown,
    included,
    leaf,
    node,
    opened,
)
from gateway.store.framing import framed
from gateway.store.notes import SigningKey, WitnessKey, signed, verifier_key
from gateway.store.proofs import StoredTree
from gateway.store.seal import Head, kept_nodes

# The tree of the tests of certificate-transparency-go and of RFC 6962's authors.
CONTENTS = (
    *("", "00", "10", "2021", "3031", "40414243"),
    *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# The note of the documentation of golang.org/x/mod/sumdb/note.
AT = "2026-03-01T12:00:00.123456+00:00"
SOMEBODYS_KEY = "GlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNY="
SOMEBODYS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgK"
    "vqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def leaves(count):
    return [hashlib.sha256(b"\x00%d" % number).digest() for number in range(count)]


def root_of(hashes):
    """RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def grow(hashes):
    tree, nodes = Tree(), {}
    for position, each in enumerate(hashes, 1):
        for kept in kept_nodes(position, tree.append(each)):
            nodes[kept.level, kept.number] = kept.hash
    return tree, nodes


def stored(hashes, nodes):
    def kept(level, first):
        if not level:
            return dict(enumerate(hashes[first : first + 256], first))
        return {
            number: each
            for (of, number), each in nodes.items()
            if of == level and first <= number < first + 256
        }

    return StoredTree(kept)


@pytest.mark.parametrize("size", range(9))
def test_the_known_trees_have_their_known_roots(size):
    known = [hashlib.sha256(b"\x00" + bytes.fromhex(each)) for each in CONTENTS]
    tree, _ = grow([each.digest() for each in known[:size]])

    assert tree.root().hex() == ROOTS[size]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 700])
def test_a_tree_is_what_the_definition_says_however_it_grew(size):
    hashes = leaves(size)
    tree, nodes = grow(hashes)

    assert tree.root() == root_of(hashes)
    assert stored(hashes, nodes).root(size) == tree.root()
    assert stored(hashes, {}).root(size) == tree.root()  # without any kept node
    assert Tree(size, tree.edge).root() == tree.root()


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 600), data=st.data())
def test_every_leaf_has_a_path_that_no_other_leaf_has(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    tree, nodes = grow(hashes)

    path = stored(hashes, nodes).inclusion(index, size)

    assert included(hashes[index], index, size, path) == tree.root()
    assert not _leads(included, (b"x" * 32, index, size, path), tree.root())
    for other in {0, index - 1, index + 1, size - 1, size} - {index, -1}:
        assert not _leads(included, (hashes[index], other, size, path), tree.root())
    for wrong in _spoilt(path):
        assert not _leads(included, (hashes[index], index, size, wrong), tree.root())


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 600), data=st.data())
def test_every_older_tree_is_proven_to_have_grown_and_no_other(size, data):
    old = data.draw(st.integers(1, size))
    hashes = leaves(size)
    tree, nodes = grow(hashes)
    roots = (root_of(hashes[:old]), tree.root())

    proof = stored(hashes, nodes).consistency(old, size)

    assert grown(old, size, proof, [roots[0]]) == roots
    for wrong in _spoilt(proof):
        assert not _leads(grown, (old, size, wrong, [roots[0]]), roots)
    if old < size:
        assert not _leads(grown, (old, size, proof, [b"x" * 32]), (b"x" * 32, roots[1]))


def _spoilt(path):
    """Give the path with a step more, fewer or changed."""
    yield [*path, b"x" * 32]
    for place in range(len(path)):
        yield path[:place] + path[place + 1 :]
        yield [*path[:place], b"x" * 32, *path[place + 1 :]]


def _leads(way, arguments, target):
    try:
        return way(*arguments) == target
    except EvidenceError:
        return False


def test_an_empty_tree_needs_no_proof():
    assert stored([], {}).consistency(0, 0) == []
    assert stored(leaves(3), {}).consistency(0, 3) == []


def test_a_leaf_that_is_not_there_is_missed():
    hashes = leaves(5)

    with pytest.raises(LogDamagedError, match="position 6"):
        stored(hashes, {}).root(7)


def test_a_leaf_is_hashed_as_the_documentation_says():
    row = Row(7, "ab" * 32, 3, "note.noted.v1", b"\x01state")
    stranger = b"".join(
        len(part).to_bytes(8, "big") + part
        for part in (
            (7).to_bytes(8, "big"),
            b"ab" * 32,
            (3).to_bytes(8, "big"),
            b"note.noted.v1",
            b"\x01state",
        )
    )

    assert leaf(row) == hashlib.sha256(b"\x00" + stranger).digest()
    assert leaf(row) == hashlib.sha256(b"\x00" + framed(*row)).digest()


def test_somebody_else_s_note_is_opened_with_their_key():
    key = base64.b64decode(SOMEBODYS_KEY)

    text = opened(SOMEBODYS_NOTE, "PeterNeumann", key)

    assert text.endswith("problem is.\n")
    assert verifier_key("PeterNeumann", key) == (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )


@pytest.mark.parametrize("spoil", ["problem is", "x08go", "PeterNeumann", "— ", "=\n"])
def test_a_note_that_was_changed_is_not_opened(spoil):
    changed = SOMEBODYS_NOTE.replace(spoil, spoil[::-1] + "x")

    with pytest.raises(EvidenceError):
        opened(changed, "PeterNeumann", base64.b64decode(SOMEBODYS_KEY))


def test_a_note_may_bear_the_lines_of_several_keys():
    keys = [SigningKey("log", bytes([number]) * 32) for number in range(3)]

    note = signed("said\n", keys)

    assert {opened(note, "log", key.public) for key in keys} == {"said\n"}
    assert opened(note, "log", *(key.public for key in keys)) == "said\n"
    with pytest.raises(EvidenceError, match="must have signed"):
        opened(note, "log", SigningKey("log", b"9" * 32).public)
    with pytest.raises(EvidenceError, match="must have signed"):
        opened(note, "other", keys[0].public)


def test_a_false_line_of_a_known_key_spoils_a_note_and_a_stranger_s_does_not():
    ours, before, witness = (
        SigningKey(name, bytes([number]) * 32)
        for number, name in enumerate(("log", "log", "witness"))
    )
    note = signed("said\n", [ours])
    false = before.line("something else\n")

    assert opened(note + witness.line("other\n"), "log", ours.public) == "said\n"
    assert opened(note + false, "log", ours.public) == "said\n"
    with pytest.raises(EvidenceError, match="not what was signed"):
        opened(note + false, "log", ours.public, known=[before.public])
    with pytest.raises(EvidenceError, match="must have signed"):
        opened(note, "log", ours.public, before.public)


@pytest.mark.parametrize(
    "junk",
    [
        *("anything\n", "— x y\n", "— x\n", "—\n", "— x AAAAAAAA", "— x AAAAAAA\n"),
        *("— a+b AAAAAAAA\n", "— x AAAA AAAA\n"),
        *("— \x1b[8m AAAAAAAA\n", "— x\x9b8m AAAAAAAA\n"),
    ],
)
def test_nothing_but_signature_lines_may_follow_a_note_s_text(junk):
    key = SigningKey("log", b"k" * 32)

    with pytest.raises(EvidenceError):
        opened(signed("said\n", [key]) + junk, "log", key.public)


@pytest.mark.parametrize("text", ["said\rnothing\n", "\x1b[8msaid\n", "\0\n", "\t\n"])
def test_a_note_cannot_write_into_the_terminal_of_whoever_reads_it(text):
    key = SigningKey("log", b"k" * 32)

    with pytest.raises(EvidenceError, match="no text"):
        opened(signed(text, [key]), "log", key.public)


@pytest.mark.parametrize(
    "at", [AT, "2026-03-01T12:00:00", "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00Z"]
)
def test_a_checkpoint_is_read_as_it_was_written(at):
    written = Checkpoint("origin", 7, b"r" * 32, at)

    assert Checkpoint.parse(signed(written.text, [])) == written


@pytest.mark.parametrize(
    ("place", "instead"),
    [
        (AT, f"{AT}.\rProven: it grew from yours of 3.\x1b[8m"),
        *((AT, "now"), (AT, ""), ("\ntime", "\nTime")),
        *(("7", "07"), ("7", "-7"), ("7", "9" * 5000), ("7", "\u0667")),
    ],
)
def test_a_checkpoint_in_any_other_form_is_refused(place, instead):
    text = Checkpoint("origin", 7, b"r" * 32, AT).text

    with pytest.raises(EvidenceError, match="not a checkpoint"):
        Checkpoint.parse(f"{text.replace(place, instead, 1)}\n")


@pytest.mark.parametrize(
    "text", ["", "A", "AA", "AB==", "AAA=A", "ü", "AAA =", "AA\n=="]
)
def test_base64_is_read_in_one_way_only(text):
    if text:
        with pytest.raises(EvidenceError):
            decoded(text)
    else:
        assert decoded(text) == b""


@settings(max_examples=50)
@given(st.text())
def test_no_text_crashes_the_reader_of_notes(text):
    for note in (text, f"{text}\n\n— log {text}\n", f"o\n7\n{text}\ntime x\n\n"):
        for read in (
            lambda given: opened(given, "log", b"k" * 32),
            Checkpoint.parse,
        ):
            with pytest.raises(EvidenceError):
                read(note)


def test_a_checkpoint_that_names_another_log_is_refused_whoever_signed_it():
    key = SigningKey("", b"k" * 32)
    log = Log("id", "tenant", key.public, 0)
    text = Checkpoint("another", 0, log.tree.root(), AT).text
    note = signed(text, [SigningKey(log.origin, b"k" * 32)])

    with pytest.raises(EvidenceError, match="of another log"):
        log.checkpoint(note)


@pytest.mark.parametrize(("size", "edge"), [(3, b""), (-1, b""), (1, b"x" * 64)])
def test_an_edge_that_is_not_of_a_tree_of_its_size_is_refused(size, edge):
    head = Head(size, edge, "")

    assert not head.is_signed("origin", b"k" * 32)
    with pytest.raises(ValueError, match="edge"):
        head.tree()


def test_a_witness_s_line_is_told_from_others():
    secret = SigningKey("witness", b"w" * 32)
    vkey = _witness_key(secret)
    good = _cosigned(secret, "text\n", 1_700_000_000)
    key = WitnessKey.parse(vkey)

    assert key.cosigned("text\n", f"— other AAAA\n{good}— witness AAAA\n") == [good]
    assert key.cosigned("other\n", good) == []


@pytest.mark.parametrize("vkey", ["", "name", "a+00000000+AAAA", "a+b", "+00+BAAA"])
def test_a_witness_s_key_is_written_as_the_specification_says(vkey):
    with pytest.raises(EvidenceError, match="name"):
        WitnessKey.parse(vkey)


def _witness_key(secret):
    public = base64.b64encode(b"\x04" + secret.public).decode()
    hint = hashlib.sha256(b"witness\n\x04" + secret.public).digest()[:4]
    return f"witness+{hint.hex()}+{public}"


def _cosigned(secret, text, time):
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    hint = hashlib.sha256(b"witness\n\x04" + secret.public).digest()[:4]
    content = hint + time.to_bytes(8, "big") + secret._key.sign(message)
    return f"— witness {base64.b64encode(content).decode()}\n"
