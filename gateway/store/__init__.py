"""The log: append-only, encrypted for each patient, and sealed against tampering."""
