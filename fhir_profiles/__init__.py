"""Everything that knows FHIR's shape: reading, checking and taking apart R4 JSON."""
