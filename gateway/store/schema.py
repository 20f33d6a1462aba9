"""The tables of the log. Their rows are final: nothing here rewrites one."""

from typing import Final, NamedTuple

from gateway.store import evidence

LOG_FILE: Final = "log.sqlite"
LOCK_FILE: Final = "log.lock"
SERVER_FILE: Final = "log-server.json"

# `position` is an alias of SQLite's rowid, so VACUUM cannot renumber it, and
# AUTOINCREMENT never gives the number of a removed last row again.
_TABLES: Final = (
    """CREATE TABLE stored_events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        leaf BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    # Where a row has a number of its own, two rows may be given the same, and one goes.
    """CREATE TABLE data_keys (
        key_id BLOB PRIMARY KEY NOT NULL,
        subject_tag BLOB NOT NULL,
        generation INTEGER NOT NULL,
        members BLOB NOT NULL,
        kek_id BLOB NOT NULL,
        wrapped BLOB,
        UNIQUE (subject_tag, generation)) WITHOUT ROWID""",
    # Few keys are shared, and the erasure of each who shares one has to find it.
    """CREATE INDEX shared_data_keys ON data_keys (key_id)
        WHERE length(members) > 0""",
    """CREATE TABLE log_secrets (name TEXT PRIMARY KEY NOT NULL, wrapped BLOB NOT NULL)
        WITHOUT ROWID""",
    "CREATE TABLE log_info (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    """CREATE TABLE log_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        size INTEGER NOT NULL,
        edge BLOB NOT NULL,
        note TEXT NOT NULL)""",
    """CREATE TABLE seal_nodes (
        level INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hash BLOB NOT NULL,
        PRIMARY KEY (level, number))""",
    # Few rows bear this topic, and a proof needs them all.
    """CREATE INDEX signing_key_changes ON stored_events (position)
        WHERE topic = 'log.signing-key-changed.v1'""",
)

# They stop mistakes, not an owner of the file: against that there is the seal.
_TRIGGERS: Final = (
    """CREATE TRIGGER stored_events_are_never_changed
        BEFORE UPDATE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'The log is append-only.'); END""",
    """CREATE TRIGGER stored_events_are_never_removed
        BEFORE DELETE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'The log is append-only.'); END""",
    # INSERT OR REPLACE removes a row without a word to the triggers above.
    """CREATE TRIGGER stored_events_are_never_replaced
        BEFORE INSERT ON stored_events
        WHEN EXISTS (SELECT 1 FROM stored_events WHERE position = NEW.position)
        OR EXISTS (SELECT 1 FROM stored_events
            WHERE originator_id = NEW.originator_id
            AND originator_version = NEW.originator_version)
        BEGIN SELECT RAISE(ABORT, 'The log is append-only: it is there.'); END""",
    """CREATE TRIGGER data_keys_are_never_replaced
        BEFORE INSERT ON data_keys
        WHEN EXISTS (SELECT 1 FROM data_keys WHERE key_id = NEW.key_id)
        OR EXISTS (SELECT 1 FROM data_keys WHERE subject_tag = NEW.subject_tag
            AND generation = NEW.generation)
        BEGIN SELECT RAISE(ABORT, 'A key stays whose it is.'); END""",
    """CREATE TRIGGER data_keys_are_never_removed
        BEFORE DELETE ON data_keys
        BEGIN SELECT RAISE(ABORT, 'A key is erased, its row is kept.'); END""",
    """CREATE TRIGGER data_keys_stay_whose_they_are
        BEFORE UPDATE OF key_id, subject_tag, generation, members ON data_keys
        BEGIN SELECT RAISE(ABORT, 'A key stays whose it is.'); END""",
    """CREATE TRIGGER log_secrets_are_never_replaced
        BEFORE INSERT ON log_secrets
        WHEN EXISTS (SELECT 1 FROM log_secrets WHERE name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'A secret is wrapped anew, its row is kept.'); END""",
    """CREATE TRIGGER log_secrets_are_never_removed
        BEFORE DELETE ON log_secrets
        BEGIN SELECT RAISE(ABORT, 'A secret is wrapped anew, its row is kept.'); END""",
    """CREATE TRIGGER log_secrets_keep_their_names
        BEFORE UPDATE OF name ON log_secrets
        BEGIN SELECT RAISE(ABORT, 'A secret is wrapped anew, its row is kept.'); END""",
)

SCHEMA: Final = (*_TABLES, *_TRIGGERS)

# Bytes 2 to 17 of a state are its key's id, so one query brings row and key.
_SELECT_ROWS: Final = """
    SELECT e.position, e.originator_id, e.originator_version, e.topic, e.state,
        e.leaf, k.key_id, k.subject_tag, k.generation, k.members, k.kek_id, k.wrapped
    FROM stored_events e
    LEFT JOIN data_keys k ON k.key_id = substr(e.state, 2, 16)
    """
SELECT_ROWS_AFTER: Final = (
    _SELECT_ROWS + "WHERE e.position > ? ORDER BY e.position LIMIT ?"
)
SELECT_ROWS_OF_STREAM: Final = (
    _SELECT_ROWS + "WHERE e.originator_id = ? AND e.originator_version > ? "
    "ORDER BY e.originator_version"
)
# One without a key, which was never written so, is not passed over.
SELECT_NEWEST_OF_STREAM: Final = (
    _SELECT_ROWS + "WHERE e.originator_id = ? "
    "AND (k.key_id IS NULL OR k.wrapped IS NOT NULL) "
    "ORDER BY e.originator_version DESC LIMIT 1"
)
SELECT_ROWS_OF_STREAMS: Final = (
    _SELECT_ROWS
    + "WHERE e.originator_id IN ({}) ORDER BY e.originator_id, e.originator_version"
)
SELECT_NOTIFICATIONS: Final = """
    SELECT originator_id, originator_version, topic, state, position
    FROM stored_events
    WHERE position > ?1 AND (?2 IS NULL OR position <= ?2)
    AND (?3 = '[]' OR topic IN (SELECT value FROM json_each(?3)))
    ORDER BY position LIMIT ?4
    """
SELECT_KEYS: Final = (
    "SELECT key_id, subject_tag, generation, members, kek_id, wrapped FROM data_keys"
)
SELECT_KEYS_OF_SUBJECTS: Final = (
    SELECT_KEYS + " WHERE subject_tag IN ({}) ORDER BY generation"
)
SELECT_KEYS_OF_MEMBERS: Final = (
    f"{SELECT_KEYS} WHERE subject_tag = ? "
    f"UNION {SELECT_KEYS} WHERE length(members) > 0 AND instr(members, ?) > 0"
)
DESTROY_KEY: Final = "UPDATE data_keys SET wrapped = NULL WHERE key_id = ?"
SELECT_STATE_AT: Final = "SELECT state FROM stored_events WHERE position = ?"
SELECT_LEAVES: Final = """
    SELECT position - 1, leaf FROM stored_events
    WHERE position > ? AND position <= ?"""
SELECT_HANDOVERS: Final = """
    SELECT position FROM stored_events WHERE topic = 'log.signing-key-changed.v1'"""
SELECT_ROWS_AT: Final = _SELECT_ROWS + "WHERE e.position IN ({}) ORDER BY e.position"
SELECT_POSITIONS_OF_KEYS: Final = """
    SELECT position FROM stored_events WHERE substr(state, 2, 16) IN ({})"""
SELECT_STREAMS_OF_KEYS: Final = """
    SELECT DISTINCT originator_id FROM stored_events
    WHERE substr(state, 2, 16) IN ({})"""
SELECT_NODES: Final = """
    SELECT number, hash FROM seal_nodes
    WHERE number >= ? AND number < ? AND level = ?"""
NO_LIMIT: Final = 2**63 - 1
BEFORE_ALL: Final = -(2**63)
_ROW_TYPES: Final = (int, str, int, str, bytes, bytes)


class KeyRow(NamedTuple):
    """A data key as it is stored; `wrapped` is None once it was erased.

    `members` are the tags of those who share it, sorted and joined; empty where nobody
    does.
    """

    key_id: bytes
    subject_tag: bytes
    generation: int
    members: bytes
    kek_id: bytes
    wrapped: bytes | None


class NewRow(NamedTuple):
    """An event that is to be stored, by the names of the library's `StoredEvent`."""

    originator_id: str
    originator_version: int
    topic: str
    state: bytes


class Row(NamedTuple):
    """One stored event with the data key that it names, if there is one."""

    position: int
    originator_id: str
    version: int
    topic: str
    state: bytes
    leaf: bytes
    key_id: bytes | None
    subject_tag: bytes
    generation: int
    members: bytes
    kek_id: bytes
    wrapped: bytes | None

    @property
    def key(self) -> KeyRow | None:
        """Return the row's data key, None if the log has no such key."""
        return None if self.key_id is None else self.stored_key

    @property
    def stored_key(self) -> KeyRow:
        """Return the row's data key, which the log must have."""
        return KeyRow._make(self[len(_ROW_TYPES) :])

    @property
    def is_erased(self) -> bool:
        """Tell whether the row's data key is known, and was destroyed."""
        return self.key_id is not None and self.wrapped is None

    @property
    def sealed(self) -> evidence.Row:
        """Return what the row's leaf is the hash of."""
        return evidence.Row(*self[:5])

    @property
    def is_well_formed(self) -> bool:
        """Tell whether every column has the type that was written."""
        return (*map(type, self[: len(_ROW_TYPES)]),) == _ROW_TYPES
