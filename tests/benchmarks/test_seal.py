"""The benchmark of the seal runs on the log as it is."""

import sys

from benchmarks import seal


def test_the_log_takes_events_with_and_without_a_seal(monkeypatch, capsys):
    monkeypatch.setattr(seal, "_EVENTS", 3)
    monkeypatch.setattr(sys, "argv", ["seal", "--writers", "2", "--rounds", "1"])

    seal.main()

    assert "cost of the seal" in capsys.readouterr().out
