"""Read models: what readers see, rebuilt from the log at any time."""
