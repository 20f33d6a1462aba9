import pytest
from fhir.resources.R4B.device import Device

from fhir_profiles.datatypes import MisbuiltResourceError
from fhir_profiles.device import DeviceKind, device
from fhir_profiles.structure import check


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_a_device_names_the_exact_version_of_what_assessed(kind):
    built = device(resource_id="d1", name="SmolLM2", version="sha256:1", kind=kind)

    assert built["version"] == [{"value": "sha256:1"}]
    assert built["deviceName"][0]["name"] == "SmolLM2"
    assert built["type"]["coding"][0]["code"] == kind
    assert Device.model_validate(built)
    assert check(built) == []


def test_a_fault_of_ours_names_the_place_and_never_the_content():
    with pytest.raises(MisbuiltResourceError) as refused:
        device(resource_id="a secret", name="x", version="", kind=DeviceKind.RULES)

    assert "Device" in str(refused.value)
    assert "version" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_good_resource_does_not_excuse_a_bad_one_of_the_same_shape():
    device(resource_id="d1", name="x", version="1", kind=DeviceKind.RULES)

    with pytest.raises(MisbuiltResourceError, match=r"Device\.id"):
        device(resource_id="a secret", name="x", version="1", kind=DeviceKind.RULES)
