"""Between FHIR and the domain, in both directions; pure."""
