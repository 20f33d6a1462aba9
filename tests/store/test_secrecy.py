from gateway.store.founding import read_identity
from gateway.store.opening import unlock
from gateway.store.reading import snapshot
from tests.store.samples import note, opened


def _files(folder):
    return {
        path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_no_name_and_no_payload_is_readable_in_any_file(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(
        note("Patient/mrn-4711", "crushing chest pain", subject="Patient/mrn-4711")
    )
    running = _files(tmp_path)
    ledger.close()
    stopped = _files(tmp_path)

    for content in [*running.values(), *stopped.values()]:
        for secret in (b"4711", b"chest", b"Patient", b"Device/feed", b"req-1"):
            assert secret not in content
    assert b"note.noted.v1" in stopped["log.sqlite"]


def test_the_same_names_look_different_in_another_log(tmp_path):
    rows = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        ledger = opened(folder)
        ledger.submit_sync(note("s", "x", subject="p"))
        rows.append(ledger._log.recorder.rows_after(0)[0])
        ledger.close()

    assert rows[0].originator_id != rows[1].originator_id
    assert rows[0].subject_tag != rows[1].subject_tag


def test_each_subject_has_one_key_and_shares_it_with_nobody(tmp_path):
    ledger = opened(tmp_path)
    for subject in ("p", "q", "", "p"):
        ledger.submit_sync(note("s", "x", subject=subject))

    keys = [row.key_id for row in ledger._log.recorder.rows_after(0)]
    ledger.close()

    assert len(set(keys)) == 3
    assert keys[0] == keys[3]


def test_a_secret_is_not_printed_with_what_holds_it(tmp_path):
    ledger = opened(tmp_path)
    key_file = tmp_path / "keys" / "kek"
    with snapshot(tmp_path) as connection:
        unlocked = unlock(connection, read_identity(connection), key_file)
    secrets = unlocked.foundation.secrets

    shown = repr((ledger._log, unlocked))

    assert repr(key_file.read_bytes()) not in shown
    assert repr(secrets.names) not in shown
    assert repr(secrets.signing) not in shown
    ledger.close()
