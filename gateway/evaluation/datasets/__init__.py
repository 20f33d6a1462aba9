"""Public triage data sets, each made into FHIR Bundles with labels beside them.

None of the data is part of this program. A loader maps values as they are: units are
not changed, what is missing stays missing, and outcomes never enter a Bundle.
"""
