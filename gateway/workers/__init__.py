"""Reactions to the log: they look before they act, and speak by commands."""
