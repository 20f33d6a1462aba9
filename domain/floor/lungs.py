"""Words and codes of the lungs by which scores are chosen: pneumonia, hypercapnia."""

from domain.floor.concepts import Concept, concept

LUNGS: tuple[Concept, ...] = (
    concept(
        "pneumonia",
        "pneumon* !vaccin*|shot; =chest infection; =lung infection; =lrti",
        snomed="233604007",
        icd10="J12 J13 J14 J15 J16 J17 J18",
    ),
    concept(
        "hypercapnic-failure",
        """
        hypercap* failure; =type 2|ii respiratory failure; =type 2|ii resp failure
        =co2 retainer|retention; target 88 92; =scale 2 88 92; =spo2 scale 2
        """,
        icd10="J9602 J9612 J9622 J9692",
    ),
)
