"""`backup` and `restore` as an operator uses them, with erasures in between."""

import asyncio
import json
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from domain.events import REGISTRY, FloorAssessed
from domain.restored import LogRestored
from domain.values import Acuity
from gateway.__main__ import main
from gateway.cli import rebuild, restoration
from gateway.projections.apart import ProjectionEndedError
from gateway.store.erasures import Proof, keep, kept
from gateway.store.founding import require_begun
from gateway.store.handover import signing_keys
from gateway.store.ledger import Ledger
from gateway.store.notes import SigningKey
from gateway.store.reading import snapshot
from gateway.store.records import Context, Recorded
from gateway.store.restore import checkpoint_of
from gateway.store.seal import Signer
from gateway.store.server import URL, URL_FILE
from gateway.store.transcript import transcript
from gateway.store.verification import verify
from tests.gateway_inside import gateway_inside
from tests.patients import complaint, transaction, visit
from tests.store.samples import attack
from tests.worklist import assessed


def ran(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def done(*words):
    result = ran(*words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
async def data(tmp_path):
    """A gateway's folder with two patients who have cases."""
    async with gateway_inside(tmp_path / "data", dev=True) as caller:
        for record in ("1", "2"):
            pushed = await caller.push(visit(record, f"complaint {record}"))
            await assessed(caller, pushed.locations[0].partition("/_history")[0])
    return tmp_path / "data"


@pytest.fixture
def key(data):
    return data / "keys" / "kek"


@pytest.fixture
def backup(data, tmp_path):
    done("backup", "--data", data, "--output", tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def restored(tmp_path):
    return tmp_path / "restored"


def patients(data):
    with transcript(data, registry=REGISTRY) as log:
        told = [each for each in log.events() if isinstance(each, Recorded)]
    return sorted(
        each.stream.removeprefix("record/")
        for each in told
        if each.stream.startswith("record/Patient/")
    )


def erased(data, patient):
    said = done("erase", "--data", data, "--patient", patient, "--by", "dpo", "--yes")
    assert "no value of the patient was found" in said


def history(data, key):
    with transcript(data, registry=REGISTRY, kek_file=key) as log:
        told = [each for each in log.events() if isinstance(each, Recorded)]
    (event,) = [each.event for each in told if isinstance(each.event, LogRestored)]
    return event


async def test_a_backup_comes_back_with_everything(backup, data, key, restored):
    words = ("restore", "--from", backup, "--data", restored, "--newer", data)

    said = await asyncio.to_thread(done, *words, "--key-file", key, "--verify")

    assert "replayed: same" in said
    assert f"the key stays at {key}" in said
    assert verify(restored, kek_file=key, since=checkpoint_of(data)).problems == ()
    assert history(restored, key).erasures == 0
    async with gateway_inside(restored, dev=True, key_file=key) as caller:
        assert len(await caller.search("Patient")) == 2
        assert len(await caller.search("Task")) == 2
        again = await caller.push(visit("3", "chest pain"))
        assert again.status == 200


def test_a_backup_is_made_with_its_key_and_needs_no_other(data, tmp_path, restored):
    done("backup", "--data", data, "--output", tmp_path / "b", "--with-key")

    said = done("restore", "--from", tmp_path / "b", "--data", restored, "--no-newer")

    assert "the key stays" not in said
    assert verify(restored).authenticated


def test_a_patient_who_was_erased_since_does_not_come_back(backup, data, key, restored):
    gone, kept = patients(data)
    erased(data, gone)

    said = done(
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--newer", data, "--accept-loss", "--verify"),
    )

    assert "erased again: 1 erasures" in said
    assert "replayed: same" in said
    (restored / "keys").mkdir(exist_ok=True)
    (restored / "keys" / "kek").write_bytes(key.read_bytes())
    assert patients(restored) == [kept]
    assert history(restored, key).erasures == 1


def test_the_proof_of_an_erasure_is_enough(backup, data, key, restored, tmp_path):
    gone, kept = patients(data)
    erased(data, gone)
    (data / "erasures").rename(tmp_path / "proofs")
    (data / "log.sqlite").unlink()

    said = done(
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--proofs", tmp_path / "proofs"),
    )

    assert "erased again: 1 erasures" in said
    (restored / "keys").mkdir(exist_ok=True)
    (restored / "keys" / "kek").write_bytes(key.read_bytes())
    assert patients(restored) == [kept]
    verdict = verify(restored)
    assert verdict.problems == ()


def proofs_of(data, folder):
    (data / "erasures").rename(folder)
    return ("--proofs", folder)


def signer_of(data, key):
    """Return what signs with a key of one's own, in the log's name."""
    with snapshot(data) as log:
        origin = require_begun(log, data).origin
    return Signer(origin, (SigningKey(origin, key),))


def test_a_proof_that_the_log_did_not_sign_erases_nobody(
    backup, data, key, restored, tmp_path
):
    erased(data, patients(data)[0])
    (proof,) = kept(data)
    keep(data, Proof.of(proof.erasure, signer_of(data, b"k" * 32)))
    words = ("restore", "--from", backup, "--data", restored, "--key-file", key)

    refused = ran(*words, *proofs_of(data, tmp_path / "proofs"))

    assert refused.exit_code == 1
    assert "is not signed by the newest key of the backup's log" in refused.output
    assert not restored.exists()


def test_a_proof_of_another_log_is_passed_over(backup, data, key, restored, tmp_path):
    erased(data, patients(data)[0])
    (proof,) = kept(data)
    other = replace(proof.erasure, keys=(b"o" * 16,))
    keep(data, Proof.of(other, signer_of(data, b"k" * 32)))
    words = ("restore", "--from", backup, "--data", restored, "--key-file", key)

    said = done(*words, *proofs_of(data, tmp_path / "proofs"))

    assert "erased again" not in said


def test_a_proof_by_a_signing_key_that_is_newer_than_the_backup_is_believed_by_name(
    backup, data, key, restored, tmp_path
):
    done("audit", "rotate-signing-key", "--data", data)
    with snapshot(data) as log:
        (_, newest) = signing_keys(log, require_begun(log, data))[-1]
    erased(data, patients(data)[0])
    words = ("restore", "--from", backup, "--data", restored, "--key-file", key)
    words = (*words, *proofs_of(data, tmp_path / "proofs"))

    assert ran(*words).exit_code == 1
    assert "erased again: 1 erasures" in done(*words, "--public-key", newest.hex())


def test_a_retired_signing_key_proves_no_erasure_that_is_newer(
    data, key, restored, tmp_path
):
    with closing(Ledger.open(data, registry=REGISTRY)) as ledger:
        retired = ledger._log.recorder.signer
    done("audit", "rotate-signing-key", "--data", data)
    done("backup", "--data", data, "--output", tmp_path / "backup")
    erased(data, patients(data)[0])
    (proof,) = kept(data)
    keep(data, Proof.of(replace(proof.erasure, position=1), retired))
    words = ("restore", "--from", tmp_path / "backup", "--data", restored)

    refused = ran(*words, "--key-file", key, *proofs_of(data, tmp_path / "proofs"))

    assert refused.exit_code == 1
    assert "is not signed by the newest key" in refused.output


async def test_an_erased_patient_is_not_shown_and_the_other_is(
    backup, data, key, restored
):
    gone, kept = patients(data)
    await asyncio.to_thread(erased, data, gone)
    await asyncio.to_thread(
        done,
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--newer", data, "--accept-loss"),
    )

    async with gateway_inside(restored, dev=True, key_file=key) as caller:
        (patient,) = await caller.search("Patient")
        assert f"Patient/{patient['id']}" == kept
        assert (await caller.get(f"/fhir/{gone}")).status in {404, 410}
        assert len(await caller.search("Task")) == 1


async def test_a_loss_that_is_known_has_to_be_accepted(
    backup, data, key, restored, tmp_path
):
    async with gateway_inside(data, dev=True) as caller:
        await caller.push(transaction(complaint(patients(data)[0], "worse")))
    (tmp_path / "noted").write_text(checkpoint_of(data))
    words = ("restore", "--from", backup, "--data", restored, "--key-file", key)

    refused = await asyncio.to_thread(
        ran, *words, "--no-newer", "--since", tmp_path / "noted"
    )
    said = await asyncio.to_thread(
        done, *words, "--newer", data, "--since", tmp_path / "noted", "--accept-loss"
    )

    assert refused.exit_code == 1
    assert "forked" in refused.output
    assert "Tell your auditors" in said
    event = history(restored, key)
    assert event.known > event.size
    assert verify(restored, kek_file=key, since=checkpoint_of(data)).problems != ()


@pytest.mark.parametrize("more", [(), ("--no-newer", "--newer", ".")])
def test_a_restore_has_to_be_told_what_is_newer(backup, restored, more):
    result = ran("restore", "--from", backup, "--data", restored, *more)

    assert result.exit_code == 2
    assert "--no-newer" in result.output
    assert not restored.exists()


def test_a_log_that_does_not_replay_is_not_restored_with_verify(
    data, key, restored, tmp_path
):
    ledger = Ledger.open(data, registry=REGISTRY)
    (floored, *_) = [
        each
        for each in ledger.read(limit=10_000)
        if isinstance(each.event, FloorAssessed)
    ]
    event = floored.event
    wrong = replace(event, floor=replace(event.floor, acuity=Acuity.NON_URGENT))
    context = Context(at=floored.at, actor="x", request="y")
    subject = str(event.case.patient.unversioned())
    ledger.submit_sync(
        lambda log: log.append(
            floored.stream, [wrong], subject=subject, context=context
        )
    )
    ledger.close()
    done("backup", "--data", data, "--output", tmp_path / "b")
    words = ("restore", "--from", tmp_path / "b", "--data", restored, "--no-newer")

    refused = ran(*words, "--key-file", key, "--verify")

    assert refused.exit_code == 1
    assert "does not replay" in refused.output
    assert not restored.exists()


def test_an_erasure_that_cannot_be_read_is_not_passed_over(backup, data, key, restored):
    erased(data, patients(data)[0])
    spoilt = "UPDATE stored_events SET state = substr(state, 1, 60)"
    attack(data, f"{spoilt} WHERE topic = 'patient.erased.v1'")

    refused = ran(
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--newer", data, "--accept-loss"),
    )

    assert refused.exit_code == 1
    assert "The erasure at position" in refused.output
    assert not restored.exists()


def test_without_the_key_nothing_is_restored(backup, data, restored):
    result = ran("restore", "--from", backup, "--data", restored, "--newer", data)

    assert result.exit_code == 1
    assert "--key-file" in result.output
    assert not restored.exists()


def test_another_key_restores_nothing(backup, restored, tmp_path):
    (tmp_path / "other").write_bytes(b"x" * 32)

    result = ran(
        *("restore", "--from", backup, "--data", restored, "--no-newer"),
        *("--key-file", tmp_path / "other"),
    )

    assert result.exit_code == 1
    assert not restored.exists()


def test_nothing_is_restored_over_a_data_folder(backup, data, key):
    before = sorted(path.name for path in data.iterdir())

    result = ran(
        *("restore", "--from", backup, "--data", data, "--no-newer"),
        *("--key-file", key),
    )

    assert result.exit_code == 1
    assert "not empty" in result.output
    assert sorted(path.name for path in data.iterdir()) == before


def test_only_a_key_in_a_file_can_be_copied(data, tmp_path):
    result = ran(
        *("backup", "--data", data, "--output", tmp_path / "b"),
        *("--key-file", "env:NONE", "--with-key"),
    )

    assert result.exit_code == 2
    assert not (tmp_path / "b").exists()


def test_a_backup_that_is_no_backup_is_named(tmp_path, restored):
    result = ran("restore", "--from", tmp_path, "--data", restored, "--no-newer")

    assert result.exit_code == 1
    assert not restored.exists()


def test_a_backup_names_nobody(backup):
    content = json.loads((backup / "manifest.json").read_text())

    assert set(content) == {
        *("format", "made", "program", "origin", "tenant", "size", "files"),
    }


def test_a_long_log_is_restored_into_a_server_by_the_password_of_the_option(
    backup, key, restored, postgres, monkeypatch
):
    """Other processes share the work there, and none of them is told elsewhere."""
    monkeypatch.setattr(rebuild, "_LONG", 1)
    for name in ("PGPASSWORD", URL, URL_FILE):
        monkeypatch.delenv(name, raising=False)
    server = postgres.fresh()

    said = done(
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--no-newer", "--verify"),
        *("--database-url", server.url, "--database-schema", server.schema),
    )

    assert "replayed: same" in said
    noted = (restored / "log-server.json").read_text()
    assert conninfo_to_dict(server.url)["password"] not in noted


@pytest.fixture
def restoring(backup, key, restored, monkeypatch):
    """Give the words of a restore that fails when all is copied."""

    def ended(*_arguments, **_options):
        raise ProjectionEndedError("A process ended.")

    monkeypatch.setattr(restoration, "make_anew", ended)
    words = ("--from", backup, "--data", restored, "--key-file", key)
    return ("restore", *words, "--no-newer")


def test_what_a_restore_that_fails_leaves_in_a_server_is_said(
    restoring, restored, postgres
):
    server = postgres.fresh()
    there = ("--database-url", server.url, "--database-schema", server.schema)

    failed, again = ran(*restoring, *there), ran(*restoring, *there)

    assert (failed.exit_code, restored.exists()) == (1, False)
    assert "A process ended. No data folder was made" in failed.output
    assert "drop that schema before the next attempt" in failed.output
    assert "There is a log in the database" in again.output


def test_one_into_a_folder_leaves_nothing(restoring, restored):
    failed, again = ran(*restoring), ran(*restoring)

    assert (failed.exit_code, restored.exists()) == (1, False)
    assert (again.exit_code, again.output) == (1, failed.output)
    assert "schema" not in failed.output


def test_a_log_that_was_restored_says_so_to_whoever_reads_it(
    backup, data, key, restored
):
    done(
        *("restore", "--from", backup, "--data", restored, "--key-file", key),
        *("--newer", data),
    )

    ledger = Ledger.open(restored, registry=REGISTRY, kek_file=key)
    (told,) = ledger.stream("log")
    ledger.close()
    assert isinstance(told.event, LogRestored)
    assert told.event.size == told.event.known
    assert told.position == told.event.size + 1
