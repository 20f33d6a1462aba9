"""Starting on PostgreSQL: what is refused, and what the sentence says."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.store.errors import (
    KeyFileError,
    LogDamagedError,
    LogFormatError,
    LogLockedError,
    LogMissingError,
    LogUnavailableError,
)
from gateway.store.postgres import connecting
from gateway.store.schema import SERVER_FILE
from gateway.store.server import URL, URL_FILE, Server, read_url, remembered
from gateway.store.transcript import transcript
from gateway.store.verification import verify
from tests.store.samples import REGISTRY, attack, note, opened, texts

SECRET = "a-password-that-nobody-may-read"


@pytest.fixture
def folder(tmp_path, server):
    """The data folder of a gateway that has written to its log and stopped."""
    ledger = opened(tmp_path / "data", server=server)
    ledger.submit_sync(note("s", "x", subject="Patient/1"))
    ledger.close()
    return tmp_path / "data"


def test_what_the_gateway_opened_it_reads_without_asking_for_the_password(
    folder, monkeypatch
):
    monkeypatch.delenv(URL)

    assert verify(folder).problems == ()


def test_a_schema_that_was_made_before_is_used(tmp_path, postgres, server):
    with postgres.connection() as owner:
        owner.execute(SQL("CREATE SCHEMA {}").format(Identifier(server.schema)))

    ledger = opened(tmp_path, server=server)

    assert ledger.submit_sync(note("s", "x")) == 1
    ledger.close()


_GUARD = "TRIGGER stored_events_are_never_changed"
_IDLE = """CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RETURN NULL; END $$"""


@pytest.mark.parametrize(
    "statement",
    [
        f"DROP {_GUARD} ON stored_events",
        f"ALTER TABLE stored_events DISABLE {_GUARD}",
        f"ALTER TABLE stored_events ENABLE REPLICA {_GUARD}",
        f"""CREATE OR REPLACE {_GUARD} BEFORE DELETE OR TRUNCATE ON stored_events
            EXECUTE FUNCTION refuse('The log is append-only.')""",
        f"""CREATE OR REPLACE {_GUARD}
            BEFORE DELETE OR UPDATE OR TRUNCATE ON stored_events WHEN (false)
            EXECUTE FUNCTION refuse('The log is append-only.')""",
        _IDLE.format("refuse"),
    ],
)
def test_a_log_whose_triggers_do_not_guard_it_is_not_continued(
    folder, server, statement
):
    attack(folder, statement)

    with pytest.raises(LogDamagedError, match="stored_events_are_never_changed"):
        opened(folder, server=server)


def test_nor_is_one_that_does_not_count_the_changes_of_keys(folder, server):
    attack(folder, _IDLE.format("count_key_change"))

    with pytest.raises(LogDamagedError, match=r"The log's key_changes_are_counted was"):
        opened(folder, server=server)


def test_triggers_that_guard_it_against_replication_too_are_as_good(folder, server):
    attack(folder, f"ALTER TABLE stored_events ENABLE ALWAYS {_GUARD}")

    ledger = opened(folder, server=server)

    assert texts(ledger, "s") == ["x"]
    ledger.close()


def test_a_role_whose_settings_are_refused_leaves_no_connection(
    tmp_path, server, monkeypatch
):
    monkeypatch.setattr(connecting, "_LOCK", "no time")

    with pytest.raises(LogUnavailableError, match="lock_timeout"):
        opened(tmp_path, server=server)


def test_gateways_that_start_together_found_one_log(tmp_path, server):
    key = tmp_path / "kek"
    key.write_bytes(b"k" * 32)

    def start(number):
        return opened(tmp_path / str(number), server=server, kek_file=key)

    with ThreadPoolExecutor(4) as threads:
        ledgers = list(threads.map(start, range(4)))

    versions = [each.submit_sync(note("s", "x")) for each in ledgers]
    for each in ledgers:
        each.close()
    assert versions == [1, 2, 3, 4]


def test_the_folder_knows_its_log_and_no_password(folder, server):
    written = (folder / SERVER_FILE).read_text()

    assert remembered(folder) == server
    assert "horse" not in written
    assert server.schema in written


def test_the_address_may_come_from_a_file(folder, server, tmp_path, monkeypatch):
    folder = folder.rename(tmp_path / "of nobody that this process opened")
    file = tmp_path / "url"
    file.write_text(f"{server.url}\n")
    monkeypatch.delenv(URL)
    monkeypatch.setenv(URL_FILE, str(file))

    assert verify(folder).problems == ()


@pytest.mark.parametrize("content", ["", None, b"\xff"])
def test_a_file_without_an_address_is_named(tmp_path, content):
    file = tmp_path / "url"
    if content is not None:
        file.write_bytes(content or b"")

    with pytest.raises(LogFormatError, match=str(file)):
        read_url(file)


def test_a_server_that_cannot_be_reached_is_named_and_the_password_is_not(tmp_path):
    url = f"postgresql://gateway:{SECRET}@127.0.0.1:1/triage"

    with pytest.raises(LogUnavailableError, match=r"triage at 127\.0\.0\.1:1") as said:
        opened(tmp_path, server=Server(url, "log"))

    assert SECRET not in str(said.value)
    assert not (tmp_path / "keys").exists()


def test_a_wrong_password_is_said_and_not_shown(tmp_path, postgres):
    url = postgres.url_at(postgres.folder, password=SECRET)

    with pytest.raises(LogUnavailableError, match="password") as said:
        opened(tmp_path, server=Server(url, "log"))

    assert SECRET not in str(said.value)
    assert SECRET not in repr(Server(url, "log"))
    assert SECRET not in Server(url, "log").address


def test_an_address_that_is_none_is_not_repeated():
    with pytest.raises(LogFormatError, match="postgresql://") as said:
        Server(f"no address {SECRET}", "log")

    assert SECRET not in str(said.value)


def test_a_schema_without_a_log_is_named(folder, server, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    noted = (folder / SERVER_FILE).read_text()
    (other / SERVER_FILE).write_text(noted.replace(server.schema, "nothing_here"))

    with (
        pytest.raises(LogMissingError, match="nothing_here"),
        transcript(other, registry=REGISTRY),
    ):
        raise AssertionError("there is nothing to read")


def test_the_schema_of_another_tenant_is_refused(folder, server):
    with pytest.raises(LogFormatError, match="tenant default, not to other"):
        opened(folder, server=server, tenant="other")


@pytest.mark.usefixtures("folder")
def test_two_gateways_need_the_same_key(server, tmp_path):
    another = tmp_path / "another"
    (another / "keys").mkdir(parents=True)
    (another / "keys" / "kek").write_bytes(b"w" * 32)

    with pytest.raises(KeyFileError, match=str(another)):
        opened(another, server=server)
    with pytest.raises(KeyFileError, match="cannot be read"):
        opened(tmp_path / "third", server=server)

    assert not (tmp_path / "third" / "keys").exists()


def test_two_gateways_need_folders_of_their_own(folder, server):
    first = opened(folder, server=server)

    with pytest.raises(LogLockedError):
        opened(folder, server=server)

    first.close()


def test_a_folder_with_a_log_of_its_own_is_not_given_another(tmp_path, server):
    opened(tmp_path).close()

    with pytest.raises(LogFormatError, match="Leave database_url out"):
        opened(tmp_path, server=server)


def test_a_folder_whose_log_is_elsewhere_does_not_begin_one(folder):
    with pytest.raises(LogFormatError, match="no database_url"):
        opened(folder)


def test_a_note_of_the_server_that_cannot_be_read_is_named(tmp_path):
    folder = tmp_path
    (folder / SERVER_FILE).write_text("{}")

    with pytest.raises(LogFormatError, match=SERVER_FILE):
        verify(folder)


def test_a_log_whose_end_was_changed_is_not_continued(folder, server):
    attack(folder, "UPDATE stored_events SET topic = 'other.v1'")

    with pytest.raises(LogDamagedError):
        opened(folder, server=server)
    assert verify(folder).problems


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET leaf = '\\x00'",
        "UPDATE stored_events SET state = set_byte(state, 9, 255 - get_byte(state, 9))",
        "UPDATE stored_events SET originator_version = 9",
        "DELETE FROM stored_events",
        "DELETE FROM data_keys",
        "UPDATE log_head SET size = 9",
    ],
)
def test_whoever_changes_a_row_is_found_out(folder, statement):
    assert verify(folder).problems == ()

    attack(folder, statement)

    assert verify(folder).problems


@pytest.fixture
def restricted(postgres, folder, server, monkeypatch):
    """A role with the rights of docs/postgresql.md and no more."""
    assert folder.exists()
    name = f"writer_{server.schema[-8:]}"
    with postgres.connection() as owner:
        grants = SQL(
            "CREATE ROLE {role} LOGIN PASSWORD 'correct horse';"
            "GRANT USAGE ON SCHEMA {schema} TO {role};"
            "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {role};"
            "SET search_path TO {schema};"
            "GRANT UPDATE ON log_head, data_keys, key_changes, work_leases TO {role};"
            "GRANT UPDATE ON log_secrets TO {role};"
            "GRANT DELETE ON work_leases, used_assertions TO {role};"
        )
        schema = Identifier(server.schema)
        owner.execute(grants.format(role=Identifier(name), schema=schema))
        owner.execute("SET search_path TO public")
        url = server.url.replace("gateway:", f"{name}:")
        monkeypatch.setenv(URL, url)
        yield Server(url, server.schema)
        owner.execute(SQL("SET search_path TO {}").format(schema))
        owner.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
        owner.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def test_a_role_that_may_only_add_is_enough(restricted, folder):
    ledger = opened(folder, server=restricted)
    ledger.submit_sync(note("s", "y", subject="Patient/2"))
    assert set(ledger.claim(["a"])) == {"a"}
    ledger.release(["a"])

    assert texts(ledger, "s") == ["x", "y"]
    ledger.close()
    assert verify(folder).problems == ()


def test_a_role_that_may_only_add_cannot_drop_what_stops_it(restricted):
    with psycopg.connect(restricted.url, autocommit=True) as connection:
        connection.execute(
            SQL("SET search_path TO {}").format(Identifier(restricted.schema))
        )
        for statement in (
            "UPDATE stored_events SET topic = 'x'",
            "DELETE FROM stored_events",
            "TRUNCATE stored_events",
            "ALTER TABLE stored_events DISABLE TRIGGER ALL",
            "DROP TABLE stored_events",
            "SET session_replication_role TO replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.usefixtures("folder")
def test_its_owner_is_stopped_by_the_triggers(server):
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            SQL("SET search_path TO {}").format(Identifier(server.schema))
        )
        for statement in (
            "UPDATE stored_events SET topic = 'x'",
            "DELETE FROM stored_events",
            "TRUNCATE stored_events",
            "TRUNCATE data_keys",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match=r"only|kept"):
                connection.execute(statement)


def test_an_empty_folder_can_take_the_place_of_a_lost_one(folder, server, tmp_path):
    key = tmp_path / "kek"
    shutil.copy(folder / "keys" / "kek", key)
    shutil.rmtree(folder)

    ledger = opened(folder, server=server, kek_file=key)

    assert texts(ledger, "s") == ["x"]
    ledger.close()
