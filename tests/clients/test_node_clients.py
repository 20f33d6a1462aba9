"""The story of an integration, told by two clients for JavaScript.

`make test` installs them by `npm ci`; without Node.js these tests cannot run, which
they say, and which the continuous integration counts as a failure.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.absent import absent
from tests.clients.story import private_key_pem
from tests.patients import fresh_record

NODE = Path(__file__).parent / "node"
STORY = [
    "token",
    "create",
    "conditional create",
    "transaction",
    "search with paging",
    "read",
    "update with a version conflict",
    "complete a Task",
]


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None or not (NODE / "node_modules").is_dir():
        absent("Node.js 20 and `npm ci --prefix tests/clients/node` are needed.")
    return found


def told(node, script, door):
    given = {
        "base": door.base,
        "tokenUrl": door.token_url,
        "clientId": door.client_id,
        "kid": door.kid,
        "privateKey": private_key_pem(door),
        "nurse": door.nurse,
        "record": fresh_record(),
    }
    played = subprocess.run(
        [node, NODE / script, json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    return json.loads(played.stdout.splitlines()[-1])


def test_fhir_kit_client_tells_the_whole_story(node, door):
    assert told(node, "fhir_kit.mjs", door) == STORY


def test_medplum_core_tells_the_whole_story_and_patches(node, door):
    assert sorted(told(node, "medplum.mjs", door)) == sorted([*STORY, "patch"])
