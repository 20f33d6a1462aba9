"""The wire: one file a FHIR interaction."""
