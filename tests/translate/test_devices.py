"""Which Device a maker of assessments is, and the names that it is recalled by."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import ModelIdentity
from fhir_profiles.canonical import (
    ADAPTER,
    ADAPTER_SHA256,
    MODEL,
    RELEASE,
    WEIGHTS,
)
from gateway.translate import devices
from tests import model_runs

BASE, TRAINED = "ab" * 32, "cd" * 32
RUN = replace(
    model_runs.RUN,
    model=ModelIdentity(name="scripted:ward", weights=f"sha256:{BASE}", server="s"),
    adapter_sha256=TRAINED,
    release="ward@1",
)


def named(name, **changes):
    return replace(RUN, model=replace(RUN.model, name=name), **changes)


def weighing(weights):
    return replace(RUN, model=replace(RUN.model, weights=weights))


def values(resource, system):
    return [
        each["value"] for each in resource["identifier"] if each["system"] == system
    ]


def test_a_model_has_the_name_it_was_served_by_its_base_s_and_its_release_s():
    model = devices.model_device(RUN)

    assert values(model, MODEL) == ["scripted:ward", "scripted"]
    assert values(model, RELEASE) == ["ward@1"]
    assert "release ward@1" in model["version"][0]["value"]


def test_a_model_without_an_adapter_has_one_name_and_no_release_unless_registered():
    model = devices.model_device(named("scripted", adapter_sha256="", release=""))

    assert values(model, MODEL) == ["scripted"]
    assert values(model, RELEASE) == []
    assert "release" not in model["version"][0]["value"]


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("undeclared", ["undeclared"]),
        ("revision-9", ["revision-9"]),
        (BASE, [BASE, f"sha256:{BASE}"]),
        (f"sha256:{BASE}", [f"sha256:{BASE}", BASE]),
        (
            f"sha256:{BASE.upper()}",
            [f"sha256:{BASE.upper()}", f"sha256:{BASE}", BASE],
        ),
        (
            f"sha256:{BASE}+sha256:{TRAINED}",
            [
                f"sha256:{BASE}+sha256:{TRAINED}",
                *(f"sha256:{BASE}", BASE),
                *(f"sha256:{TRAINED}", TRAINED),
            ],
        ),
    ],
)
def test_weights_are_found_as_declared_and_by_each_hash_however_it_is_written(
    declared, found
):
    assert values(devices.model_device(weighing(declared)), WEIGHTS) == found


def test_an_adapter_is_found_by_name_files_and_release():
    adapter = devices.adapter_device(RUN)

    assert values(adapter, ADAPTER) == ["ward"]
    assert values(adapter, ADAPTER_SHA256) == [TRAINED]
    assert values(adapter, RELEASE) == ["ward@1"]


def test_an_adapter_that_is_known_by_its_hash_alone_is_a_device_too():
    """A server may serve it by a name of its own, without the base's."""
    adapter = devices.adapter_device(named("ward"))

    assert values(adapter, ADAPTER) == []
    assert values(adapter, ADAPTER_SHA256) == [TRAINED]
    assert adapter["deviceName"][0]["name"] == "adapter of ward"


def test_a_model_alone_has_no_adapter():
    alone = named("scripted", adapter_sha256="")

    assert devices.adapter_device(alone) is None
    assert devices.references(alone) == [devices.model_reference(alone)]


def test_an_adapter_without_a_declared_hash_says_so():
    adapter = devices.adapter_device(replace(RUN, adapter_sha256="", release=""))

    assert values(adapter, ADAPTER_SHA256) == []
    assert "files not declared" in adapter["version"][0]["value"]


RUNS = st.builds(
    lambda name, weights, server, adapter_sha256, release: replace(
        RUN,
        model=ModelIdentity(name=name, weights=weights, server=server),
        adapter_sha256=adapter_sha256,
        release=release,
    ),
    name=st.sampled_from(["a", "a:b", "a:c", "b", "a|1", "a:b|1"]),
    weights=st.sampled_from(["1", "2", "1|2", BASE]),
    server=st.sampled_from(["s", "t"]),
    adapter_sha256=st.sampled_from(["", BASE, TRAINED]),
    release=st.sampled_from(["", "ward@1", "ward@2"]),
)


@pytest.mark.parametrize("made", [devices.model_reference, devices.adapter_reference])
def test_a_separator_in_a_name_makes_no_other_device_the_same(made):
    one, other = named("a:b|c"), named("a:b")
    one = replace(one, model=replace(one.model, weights="d"))
    other = replace(other, model=replace(other.model, weights="c|d"))

    assert made(one) != made(other)


@given(RUNS, RUNS)
def test_whatever_a_device_says_is_settled_by_its_id(one, other):
    """It is published where it is first mentioned, and is never changed after."""
    for made in (devices.model_device, devices.adapter_device):
        first, second = made(one), made(other)
        if first and second:
            assert (first == second) is (first["id"] == second["id"])
