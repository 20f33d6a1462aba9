"""The tables of the log. Their rows are final: nothing here rewrites one."""

from typing import Final, NamedTuple

LOG_FILE: Final = "log.sqlite"
LOCK_FILE: Final = "log.lock"

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
        chain BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    """CREATE TABLE data_keys (
        key_id BLOB PRIMARY KEY NOT NULL,
        subject_tag BLOB NOT NULL,
        generation INTEGER NOT NULL,
        kek_id BLOB NOT NULL,
        wrapped BLOB,
        UNIQUE (subject_tag, generation))""",
    "CREATE TABLE log_secrets (name TEXT PRIMARY KEY NOT NULL, wrapped BLOB NOT NULL)",
    "CREATE TABLE log_info (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    """CREATE TABLE log_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        position INTEGER NOT NULL,
        chain BLOB NOT NULL,
        at TEXT NOT NULL,
        signature BLOB NOT NULL)""",
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
        e.leaf, e.chain, k.key_id, k.subject_tag, k.generation, k.kek_id, k.wrapped
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
NO_LIMIT: Final = -1
BEFORE_ALL: Final = -(2**63)
_ROW_TYPES: Final = (int, str, int, str, bytes, bytes, bytes)


class KeyRow(NamedTuple):
    """A data key as it is stored; `wrapped` is None once it was erased."""

    key_id: bytes
    subject_tag: bytes
    generation: int
    kek_id: bytes
    wrapped: bytes | None


class Row(NamedTuple):
    """One stored event with the data key that it names, if there is one."""

    position: int
    originator_id: str
    version: int
    topic: str
    state: bytes
    leaf: bytes
    chain: bytes
    key_id: bytes | None
    subject_tag: bytes
    generation: int
    kek_id: bytes
    wrapped: bytes | None

    @property
    def key(self) -> KeyRow | None:
        """Return the row's data key, None if the log has no such key."""
        if self.key_id is None:
            return None
        return KeyRow(
            self.key_id, self.subject_tag, self.generation, self.kek_id, self.wrapped
        )

    @property
    def is_well_formed(self) -> bool:
        """Tell whether every column has the type that was written."""
        return all(map(isinstance, self, _ROW_TYPES))
