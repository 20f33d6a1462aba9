import hmac

from hypothesis import given
from hypothesis import strategies as st

from gateway.store.framing import frame, frame_number, framed
from gateway.store.names import KeyedNames


@given(secret=st.binary(max_size=64), name=st.text())
def test_a_name_s_digest_is_the_hmac_of_rfc_2104(secret, name):
    names = KeyedNames(tenant="default", secret=secret)
    message = framed("default", "subject", name)

    assert names.subject(name) == hmac.digest(secret, message, "sha256")


def plain(part):
    if isinstance(part, int):
        return part.to_bytes(8, "big", signed=True)
    return part.encode() if isinstance(part, str) else part


@given(st.lists(st.one_of(st.text(), st.binary(), st.integers(-(2**63), 2**63 - 1))))
def test_a_frame_tells_every_part_s_length(parts):
    rest = framed(*parts)
    for part in parts:
        length = int.from_bytes(rest[:8], "big")
        content, rest = rest[8 : 8 + length], rest[8 + length :]
        assert content == plain(part)

    assert rest == b""


@given(st.binary(), st.integers(-(2**63), 2**63 - 1))
def test_frames_one_after_the_other_are_those_of_the_parts_together(content, number):
    assert frame(content) + frame_number(number) == framed(content, number)
