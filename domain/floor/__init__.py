"""The clinical floor: deterministic rules that bound how low urgency may go."""
