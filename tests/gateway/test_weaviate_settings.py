import pytest

from gateway.settings import PREFIX, SettingsError, load

URL = "https://weaviate.example.org:8443"


def settings(**given):
    return load({"data": "x", "dev": True, **given})


def test_without_an_address_the_index_is_a_file():
    assert settings().weaviate_url is None


def test_the_key_comes_from_the_environment_and_is_never_shown(monkeypatch):
    monkeypatch.setenv(f"{PREFIX}WEAVIATE_URL", URL)
    monkeypatch.setenv(f"{PREFIX}WEAVIATE_API_KEY", "a secret")
    monkeypatch.setenv(f"{PREFIX}WEAVIATE_GRPC_PORT", "50052")

    read = settings()

    assert read.weaviate_api_key.get_secret_value() == "a secret"
    assert (read.weaviate_url, read.weaviate_grpc_port) == (URL, 50052)
    assert "a secret" not in repr(read)


@pytest.mark.parametrize(
    "given",
    [
        {"weaviate_api_key": "a secret"},
        {"weaviate_tenant": "hospital-a"},
        {"weaviate_url": "weaviate:8080"},
        {"weaviate_url": "https://user:word@weaviate"},
        {"weaviate_url": URL, "weaviate_grpc_port": 0},
        {"weaviate_url": URL, "weaviate_timeout_seconds": 0},
        {"weaviate_url": URL, "weaviate_replicas": 0},
    ],
)
def test_what_cannot_be_meant_is_refused_without_its_value(given):
    with pytest.raises(SettingsError, match="weaviate") as refusal:
        settings(**given)

    assert "secret" not in str(refusal.value)
    assert "word" not in str(refusal.value)


def test_tenants_have_knowledge_of_their_own():
    read = settings(weaviate_url=URL, tenants=[{"name": "north"}, {"name": "south"}])

    own = [read.of(each) for each in read.tenants]

    assert [each.tenant_in_weaviate for each in own] == ["north", "south"]
    assert {each.weaviate_url for each in own} == {URL}


def test_tenants_cannot_be_given_one_knowledge_to_replace_in_turn():
    with pytest.raises(SettingsError, match="weaviate_tenant"):
        settings(weaviate_url=URL, weaviate_tenant="all", tenants=[{"name": "north"}])


def test_a_name_that_weaviate_does_not_take_needs_another():
    with pytest.raises(SettingsError, match="weaviate_tenant"):
        settings(weaviate_url=URL, tenant="Klinik Süd")

    named = settings(weaviate_url=URL, tenant="Klinik Süd", weaviate_tenant="sued")
    assert named.tenant_in_weaviate == "sued"


def test_without_the_client_an_address_is_refused(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(SettingsError, match=r"triage-gateway\[weaviate\]"):
        settings(weaviate_url=URL)
