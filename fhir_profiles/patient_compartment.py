"""Which search parameters put a resource into a Patient's compartment.

The table is http://hl7.org/fhir/R4/compartmentdefinition-patient.html, without the
Patients that are there by `link`: which of them are one person is asked otherwise.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_TABLE: Final = {
    "Account": "subject",
    "AdverseEvent": "subject",
    "AllergyIntolerance": "patient recorder asserter",
    "Appointment": "actor",
    "AppointmentResponse": "actor",
    "AuditEvent": "patient",
    "Basic": "patient author",
    "BodyStructure": "patient",
    "CarePlan": "patient performer",
    "CareTeam": "patient participant",
    "ChargeItem": "subject",
    "Claim": "patient payee",
    "ClaimResponse": "patient",
    "ClinicalImpression": "subject",
    "Communication": "subject sender recipient",
    "CommunicationRequest": "subject sender recipient requester",
    "Composition": "subject author attester",
    "Condition": "patient asserter",
    "Consent": "patient",
    "Coverage": "policy-holder subscriber beneficiary payor",
    "CoverageEligibilityRequest": "patient",
    "CoverageEligibilityResponse": "patient",
    "DetectedIssue": "patient",
    "DeviceRequest": "subject performer",
    "DeviceUseStatement": "subject",
    "DiagnosticReport": "subject",
    "DocumentManifest": "subject author recipient",
    "DocumentReference": "subject author",
    "Encounter": "patient",
    "EnrollmentRequest": "subject",
    "EpisodeOfCare": "patient",
    "ExplanationOfBenefit": "patient payee",
    "FamilyMemberHistory": "patient",
    "Flag": "patient",
    "Goal": "patient",
    "Group": "member",
    "ImagingStudy": "patient",
    "Immunization": "patient",
    "ImmunizationEvaluation": "patient",
    "ImmunizationRecommendation": "patient",
    "Invoice": "subject patient recipient",
    "List": "subject source",
    "MeasureReport": "patient",
    "Media": "subject",
    "MedicationAdministration": "patient performer subject",
    "MedicationDispense": "subject patient receiver",
    "MedicationRequest": "subject",
    "MedicationStatement": "subject",
    "MolecularSequence": "patient",
    "NutritionOrder": "patient",
    "Observation": "subject performer",
    "Person": "patient",
    "Procedure": "patient performer",
    "Provenance": "patient",
    "QuestionnaireResponse": "subject author",
    "RelatedPerson": "patient",
    "RequestGroup": "subject participant",
    "ResearchSubject": "individual",
    "RiskAssessment": "subject",
    "Schedule": "actor",
    "ServiceRequest": "subject performer",
    "Specimen": "subject",
    "SupplyDelivery": "patient",
    "SupplyRequest": "subject",
    "VisionPrescription": "patient",
}
COMPARTMENT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: tuple(names.split()) for kind, names in _TABLE.items()}
)
"""The search parameters of each type of which one refers to the Patient."""
