import pytest
import structlog

from gateway.logs import Unfailing, configure, only_allowed


class FullDisk:
    """A file that takes nothing, as one on a full disk."""

    def write(self, _text):
        raise OSError(27, "File too large")

    def flush(self):
        raise OSError(28, "No space left on device")

    def isatty(self):
        return False


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_a_line_that_the_disk_refuses_stops_nobody(level):
    told = getattr(Unfailing(FullDisk()), level)("line")

    assert told is None


def test_what_is_configured_goes_on_without_its_log(monkeypatch):
    monkeypatch.setattr("sys.stderr", FullDisk())
    configure("json")

    told = structlog.get_logger().error("worker.paused", worker="floor")

    structlog.reset_defaults()
    assert told is None


def test_a_key_that_is_not_on_the_list_is_dropped_and_that_is_said():
    line = only_allowed(None, "info", {"event": "x", "family_name": "Lindqvist"})

    assert "Lindqvist" not in str(line)
    assert "dropped" in line["problems"]


def test_a_line_of_listed_keys_stays_as_it_is():
    line = only_allowed(None, "info", {"event": "http.answered", "status": 200})

    assert line == {"event": "http.answered", "status": 200}
