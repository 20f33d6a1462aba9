"""From a case to a checked, cited draft."""
