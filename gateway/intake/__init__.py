"""From a received body to events: one request, one atomic append."""
