"""The patch in the Binary of an entry."""

from base64 import b64encode

import pytest

from fhir_profiles.patching import MalformedPatchError
from gateway.intake.patches import JSON_PATCH, patch_of_entry

BODY = b'[{"op": "add", "path": "/a", "value": 1}]'


def binary(data):
    return {"resourceType": "Binary", "contentType": JSON_PATCH, "data": data}


def test_base64_may_be_broken_into_lines():
    data = b64encode(BODY).decode()

    patch = patch_of_entry(binary(f"{data[:20]}\n  {data[20:]}"))

    assert patch.apply({}) == {"a": 1}


@pytest.mark.parametrize("data", ["x", "====", "é"])
def test_what_is_no_base64_is_refused(data):
    with pytest.raises(MalformedPatchError) as refused:
        patch_of_entry(binary(data))

    assert refused.value.issues[0].expression == "Binary.data"
