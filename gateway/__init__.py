"""The triage gateway: FHIR in, an event log in the middle, FHIR out."""
