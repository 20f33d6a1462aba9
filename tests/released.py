"""Releases of models: one that counts in a log, and the folder of another."""

import hashlib
import json
from contextlib import closing
from datetime import UTC, datetime

from domain.events import REGISTRY
from domain.registered import Measured, Release, Required
from domain.registering import ActivateModel, RegisterModel
from gateway.intake.registry import RegistryUnit
from gateway.intake.release import asking
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from inference.adapter import CONFIG, WEIGHTS, read_adapter
from inference.release import file_hashes
from inference.signature import PrivateKey
from tests.inference.test_adapter import PLAIN, safetensors, tensors

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASE_SHA256 = "ab" * 32
ADAPTER_SHA256 = "cd" * 32
DECLARED = {"model_shadow": False, "model_weights": f"sha256:{BASE_SHA256}"}
"""Settings by which a model without an adapter counts, once it is activated."""
WITH_ADAPTER = {**DECLARED, "model_adapter_sha256": ADAPTER_SHA256}
KEY = PrivateKey("clinic-a", bytes(range(32)))
FIGURE = {
    "value": 0.6,
    "low": 0.5,
    "high": 0.7,
    "total": 400,
}
GATE = """
[[require]]
data = "ward"
assessor = "combined"
metric = "quadratic_kappa"
end = "low"
at_least = 0.5
why = "as nurses agree with each other"
"""


def activate(data, *, adapter_sha256=""):
    """Let a model count in the log of a folder, before a gateway opens it."""
    data.mkdir(parents=True, exist_ok=True)
    with closing(Ledger.open(data, registry=REGISTRY, tenant="default")) as ledger:
        activate_in(ledger, adapter_sha256=adapter_sha256)


def activate_in(ledger, *, adapter_sha256=""):
    """Let a model count in a log that is open."""
    kappa = Measured(
        data="ward", assessor="combined", metric="quadratic_kappa", **FIGURE
    )
    release = Release(
        name="scripted",
        version="1",
        sha256="ef" * 32,
        base="scripted",
        base_sha256=BASE_SHA256,
        adapter_sha256=adapter_sha256,
        asking=asking(),
        figures=(kappa,),
        key=str(KEY.public),
    )
    demand = Required(
        data="ward", assessor="combined", metric="quadratic_kappa", at_least=0.5
    )
    counting = ActivateModel(
        title=release.title,
        gate="01" * 32,
        required=(demand,),
        asking=asking(),
        by="Dr Jo Doe",
        reason="for a test",
        at=AT,
    )
    known = RegisterModel(release=release, by="Dr Jo Doe", at=AT)
    for command in (known, counting):
        decide(ledger, command)


def decide(ledger, command):
    """Hand a command to the registry of releases."""
    context = Context(at=AT, actor="test", request="test")
    return ledger.submit_sync(RegistryUnit(command=command, context=context))


def folder_of(folder, *, version="1", key=KEY, figure=FIGURE, **changes):
    """Write a release folder as a training leaves it; return the adapter's hash."""
    adapter = folder / "adapter"
    adapter.mkdir(parents=True)
    (adapter / CONFIG).write_text(json.dumps(PLAIN))
    (adapter / WEIGHTS).write_bytes(safetensors(tensors()))
    (adapter / "chat_template.jinja").write_text("{{ messages }}")
    (folder / "card.md").write_text("# A card\n")
    (folder / "evaluation.html").write_text("<p>figures</p>\n")
    sha256 = read_adapter(adapter).sha256
    told = evaluation(f"scripted:ward sha256:{sha256}", figure)
    (folder / "evaluation.json").write_text(json.dumps(told))
    body = json.dumps({**manifest(folder, version, sha256), **changes}, indent=2)
    (folder / "release.json").write_text(body)
    (folder / "release.sig").write_text(key.line(body))
    return sha256


def manifest(folder, version, adapter_sha256):
    now = asking()
    return {
        "name": "ward",
        "version": version,
        "made": AT.isoformat(),
        "base": {"name": "scripted", "sha256": BASE_SHA256},
        "adapter": {"sha256": adapter_sha256, "rank": 4, "alpha": 8},
        "prompt": {"version": now.prompt, "sha256": now.prompt_sha256},
        "schema": {"sha256": now.schema_sha256},
        "rows": {},
        "stages": [],
        "packages": {},
        "evaluation": {},
        "files": file_hashes(folder),
    }


def evaluation(model, figure):
    """Return what `triage-gateway evaluate` writes, as far as a gate asks for it."""
    combined = {
        "assessor": "combined",
        "overall": {"quadratic_kappa": figure, "exact": None},
        "groups": {},
        "missed": [],
    }
    header = {
        "at": AT.isoformat(),
        "gateway": "0.1.0",
        "rules": "2",
        "prompt": asking().prompt,
        "models": [model],
        "seed": 1,
        "held_out": True,
        "caveats": [],
    }
    ward = {
        "name": "ward",
        "total": 400,
        "labelled": 400,
        "clusters": 400,
        "sha256": hashlib.sha256(b"ward").hexdigest(),
        "caveats": [],
        "left_out": [],
        "assessments": [combined],
        "predictions": [],
    }
    return {"header": header, "gate": [], "data": [ward]}
