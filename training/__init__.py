"""Offline: exported files in, an adapter folder with a manifest out."""
