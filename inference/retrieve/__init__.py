"""Finding passages: one protocol, and the ways to keep it."""
