"""A signature is of one text and one key, in the form of the log's own notes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.evidence import EvidenceError, opened
from gateway.store.notes import SigningKey, signed, verifier_key
from inference.signature import PrivateKey, PublicKey, SignatureError

SEED = bytes(range(32))
KEY = PrivateKey("clinic-a", SEED)
TEXT = '{"name": "a"}\n'


def refusal(key, lines, text=TEXT):
    """Return why a key did not sign a text, or nothing where it did."""
    try:
        key.public.require(text, lines)
    except SignatureError as error:
        return str(error)
    return ""


def test_a_signature_holds_for_its_text_alone():
    line = KEY.line(TEXT)

    assert refusal(KEY, line) == ""
    assert "not what the key clinic-a has signed" in refusal(KEY, line, TEXT + " ")


def test_another_key_of_the_same_name_has_not_signed_it():
    other = PrivateKey("clinic-a", bytes(32))
    renamed = PrivateKey("clinic-b", SEED)

    assert "has not signed it" in refusal(other, KEY.line(TEXT))
    assert "has not signed it" in refusal(renamed, KEY.line(TEXT))


def test_a_second_signature_beside_it_changes_nothing():
    beside = PrivateKey("clinic-b", bytes(32))
    both = beside.line(TEXT) + KEY.line(TEXT)

    assert refusal(KEY, both) == refusal(beside, both) == ""
    assert "has not signed it" in refusal(KEY, beside.line(TEXT))


def test_a_signature_within_a_line_is_none_as_in_the_log():
    line = f"x{KEY.line(TEXT)}"

    with pytest.raises(SignatureError, match="has not signed it"):
        KEY.public.require(TEXT, line)
    with pytest.raises(EvidenceError):
        opened(f"{TEXT}\n{line}", "clinic-a", KEY.public.public)


def test_it_is_the_form_in_which_the_log_signs_its_checkpoints():
    log = SigningKey("clinic-a", SEED)

    assert log.line(TEXT) == KEY.line(TEXT)
    assert verifier_key("clinic-a", log.public) == str(KEY.public)
    assert opened(signed(TEXT, [log]), "clinic-a", KEY.public.public) == TEXT
    assert opened(f"{TEXT}\n{KEY.line(TEXT)}", "clinic-a", log.public) == TEXT


def test_keys_are_read_as_they_were_written():
    made = PrivateKey.new("clinic/releases.2026")

    assert PrivateKey.parse(made.notation + "\n") == made
    assert PublicKey.parse(f"{made.public}\n") == made.public
    assert made.notation not in repr(made)
    assert base64.b64encode(made.private).decode() not in repr(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "clinic-a",
        "clinic-a+00000000",
        "clinic-a+00000000+AAAA",
        "clinic-a+00000000+%",
        str(KEY.public).replace("clinic-a", "clinic-b"),
        str(KEY.public).replace("clinic-a", "clinic a"),
        "clinic-a+" + str(KEY.public).partition("+")[2].upper(),
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(SignatureError):
        PublicKey.parse(text)
    with pytest.raises(SignatureError):
        PrivateKey.parse(f"PRIVATE+KEY+{text}")
    with pytest.raises(SignatureError, match="written as PRIVATE"):
        PrivateKey.parse(text)


@given(st.text(), st.text())
def test_no_text_passes_for_a_signature(text, lines):
    with pytest.raises(SignatureError):
        KEY.public.require(text, lines)
    with pytest.raises(SignatureError):
        KEY.public.require(text, f"— clinic-a {lines}\n")


@given(st.integers(0, 67), st.integers(1, 255))
def test_a_signature_with_another_byte_is_none(place, flip):
    name, content = KEY.line(TEXT).removeprefix("— ").split()
    changed = bytearray(base64.b64decode(content))
    changed[place] ^= flip
    line = f"— {name} {base64.b64encode(changed).decode()}\n"

    with pytest.raises(SignatureError):
        KEY.public.require(TEXT, line)
