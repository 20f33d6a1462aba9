"""The tables of the read models.

A version has a serial number that grows along the log. Whatever is filed of a resource
is filed under the serial number of its current version, so that rows are appended.
`term` and `moment` begin with it, to check one resource and to forget an old version;
the index `term_filed` finds resources by a digest, in the order of serial numbers.
"""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS progress(id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL, form INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource(serial INTEGER PRIMARY KEY, type TEXT NOT NULL,
    key BLOB NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
    at INTEGER NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS resource_place ON resource(type, key, version);
CREATE INDEX IF NOT EXISTS resource_told ON resource(type, serial, at);
CREATE TABLE IF NOT EXISTS latest(serial INTEGER PRIMARY KEY, type TEXT NOT NULL,
    key BLOB NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
    address BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS latest_address ON latest(address);
CREATE INDEX IF NOT EXISTS latest_kind ON latest(type);
CREATE INDEX IF NOT EXISTS latest_at ON latest(type, at);
CREATE TABLE IF NOT EXISTS term(serial INTEGER NOT NULL, param INTEGER NOT NULL,
    digest BLOB NOT NULL, PRIMARY KEY (serial, param, digest)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_filed ON term(param, digest);
CREATE TABLE IF NOT EXISTS moment(serial INTEGER NOT NULL, param INTEGER NOT NULL,
    low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (serial, param, low, high)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS moment_low ON moment(param, low, serial, high);
CREATE INDEX IF NOT EXISTS moment_high ON moment(param, high, low);
CREATE TABLE IF NOT EXISTS work(case_id TEXT PRIMARY KEY, revision INTEGER NOT NULL,
    floored INTEGER NOT NULL, answered INTEGER NOT NULL, reviewed INTEGER NOT NULL,
    acuity INTEGER NOT NULL, due INTEGER NOT NULL, overdue INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS work_due ON work(due) WHERE reviewed = 0 AND due > 0;
CREATE INDEX IF NOT EXISTS work_open ON work(reviewed);
CREATE INDEX IF NOT EXISTS work_unfloored ON work(case_id)
    WHERE reviewed = 0 AND floored < revision;
CREATE INDEX IF NOT EXISTS work_unanswered ON work(acuity, case_id)
    WHERE reviewed = 0 AND floored = revision AND answered < revision;
CREATE TABLE IF NOT EXISTS quarantine(id TEXT PRIMARY KEY, position INTEGER NOT NULL,
    status TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS quarantine_at ON quarantine(position);
CREATE TABLE IF NOT EXISTS poisoned(position INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, error TEXT NOT NULL);
"""
DROP: Final = "".join(
    f"DROP TABLE IF EXISTS {table};"
    for table in (
        "progress",
        "resource",
        "latest",
        "term",
        "moment",
        "work",
        "quarantine",
        "poisoned",
    )
)
