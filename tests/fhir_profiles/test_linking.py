from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.linking import linked, references, rewrite

KEYS = st.sampled_from(["reference", "url", "system", "valueUri", "text", "item"])
TEXTS = st.sampled_from(["Patient/1", "urn:uuid:1", "urn:oid:1.2", "http://x", "x"])
PLAIN = st.one_of(TEXTS, st.integers(), st.none(), st.booleans())


def objects(inner):
    """Return objects; FHIR has no arrays of arrays."""
    values = st.one_of(PLAIN, inner)
    return st.dictionaries(KEYS, st.one_of(values, st.lists(values, max_size=3)))


RESOURCES = objects(st.recursive(PLAIN, objects, max_leaves=20))


def at(resource, path):
    for step in path:
        resource = resource[step]
    return resource


@given(RESOURCES)
def test_a_link_is_found_with_its_place(resource):
    found = list(references(resource))

    assert [at(resource, link.path) for link in found] == [link.text for link in found]
    assert linked(resource) == {link.text for link in found}


@given(RESOURCES)
def test_only_what_names_another_resource_is_rewritten(resource):
    written = rewrite(resource, {"urn:uuid:1": "Patient/7"})

    assert "urn:uuid:1" not in linked(written)
    assert rewrite(resource, {}) == resource
    assert list(map(str, resource)) == list(map(str, written))
