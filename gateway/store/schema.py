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
    """CREATE TABLE data_keys (
        key_id BLOB PRIMARY KEY NOT NULL,
        subject_tag BLOB NOT NULL,
        generation INTEGER NOT NULL,
        kek_id BLOB NOT NULL,
        wrapped BLOB,
        UNIQUE (subject_tag, generation))""",
    # Who shares a key with others, so that the erasure of each finds it.
    """CREATE TABLE data_key_members (
        member_tag BLOB NOT NULL,
        key_id BLOB NOT NULL,
        PRIMARY KEY (member_tag, key_id))""",
    "CREATE TABLE log_secrets (name TEXT PRIMARY KEY NOT NULL, wrapped BLOB NOT NULL)",
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
    """CREATE TRIGGER data_keys_are_never_removed
        BEFORE DELETE ON data_keys
        BEGIN SELECT RAISE(ABORT, 'A key is erased, its row is kept.'); END""",
)

SCHEMA: Final = (*_TABLES, *_TRIGGERS)

# Bytes 2 to 17 of a state are its key's id, so one query brings row and key.
_SELECT_ROWS: Final = """
    SELECT e.position, e.originator_id, e.originator_version, e.topic, e.state,
        e.leaf, k.key_id, k.subject_tag, k.generation, k.kek_id, k.wrapped
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
    "SELECT key_id, subject_tag, generation, kek_id, wrapped FROM data_keys"
)
SELECT_KEYS_OF_SUBJECTS: Final = (
    SELECT_KEYS + " WHERE subject_tag IN ({}) ORDER BY generation"
)
SELECT_KEYS_OF_MEMBERS: Final = (
    SELECT_KEYS + " WHERE subject_tag = ? UNION "
    "SELECT k.key_id, k.subject_tag, k.generation, k.kek_id, k.wrapped "
    "FROM data_keys k JOIN data_key_members m ON m.key_id = k.key_id "
    "WHERE m.member_tag = ?"
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
SELECT_NODES: Final = """
    SELECT number, hash FROM seal_nodes
    WHERE number >= ? AND number < ? AND level = ?"""
NO_LIMIT: Final = 2**63 - 1
BEFORE_ALL: Final = -(2**63)
_ROW_TYPES: Final = (int, str, int, str, bytes, bytes)


class KeyRow(NamedTuple):
    """A data key as it is stored; `wrapped` is None once it was erased."""

    key_id: bytes
    subject_tag: bytes
    generation: int
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
    def sealed(self) -> evidence.Row:
        """Return what the row's leaf is the hash of."""
        return evidence.Row(*self[:5])

    @property
    def is_well_formed(self) -> bool:
        """Tell whether every column has the type that was written."""
        return (*map(type, self[: len(_ROW_TYPES)]),) == _ROW_TYPES
