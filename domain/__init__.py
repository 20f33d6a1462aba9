"""The rules of triage, with no framework and no I/O: commands in, events out."""
