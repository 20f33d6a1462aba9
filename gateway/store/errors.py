"""One class for each way in which the log says no."""


class StoreError(Exception):
    """The log could not do what was asked; the sentence says what to do."""


class LogUnavailableError(StoreError):
    """The disk refused a read or a write; nothing of the request was kept."""


class LogUncertainError(LogUnavailableError):
    """Nobody can tell whether the request was kept; a repetition does nothing twice."""


class OverloadedError(StoreError):
    """Too many requests wait for the log; try again in a moment."""


class LogClosedError(StoreError):
    """The log is closing or closed and takes no more work."""


class LogLockedError(StoreError):
    """Another process is writing this log."""


class LogMissingError(StoreError):
    """The folder holds no log."""


class LogFormatError(StoreError):
    """The log belongs to another tenant or to another version of the format."""


class LogDamagedError(StoreError):
    """What is stored is not what was written."""


class LogFileDamagedError(LogDamagedError):
    """The log's file is no sound database: the fault is not that of one row."""


class LogForkedError(LogDamagedError):
    """The log did not grow from what was seen of it before."""


class CiphertextError(LogDamagedError):
    """A ciphertext, or what it is bound to, is not what was encrypted."""


class KeyFileError(StoreError):
    """The file with the key-encryption key is missing, unreadable or another's."""


class UnknownTopicError(StoreError):
    """An event's name is not in the registry."""


class UnrecordableEventError(StoreError):
    """An event would not be read back as it was written."""


class BackupError(StoreError):
    """A backup cannot be made, is not whole, or would lose or replace something."""
