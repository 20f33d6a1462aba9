import pytest

from gateway.http.preferences import Preferences, stated


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], Preferences()),
        (["return=minimal"], Preferences(returned="minimal")),
        (['Return="Minimal"'], Preferences(returned="minimal")),
        (["return=OperationOutcome"], Preferences(returned="OperationOutcome")),
        (["return=representation, return=minimal"], Preferences()),
        (["return=x"], Preferences()),
        (["handling=lenient; wait=10"], Preferences(lenient=True)),
        (["handling=strict"], Preferences()),
        (
            ["respond-async", "handling=lenient"],
            Preferences(lenient=True, respond_async=True),
        ),
        (["respond-asynchronous, ,;="], Preferences()),
    ],
)
def test_what_is_preferred_is_read_as_rfc_7240_writes_it(headers, expected):
    assert stated(headers) == expected
