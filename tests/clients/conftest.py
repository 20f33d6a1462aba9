import pytest
from joserfc.jwk import ECKey

from tests.clients.story import SCOPE, Door
from tests.gateway_process import GatewayProcess


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A gateway that knows one system by its public key, and a nurse."""
    key = ECKey.generate_key("P-384", {"kid": "front-door", "use": "sig"})
    folder = tmp_path_factory.mktemp("door")
    process = GatewayProcess(folder)
    process.register("integration-engine", scopes=[SCOPE], key=key.as_dict(False))
    process.start()
    yield Door(root=process.base, client_id="integration-engine", key=key)
    process.stop()
