"""Words and codes of what the patient has, which changes what signs mean."""

from domain.floor.concepts import Concept, concept

HISTORIES: tuple[Concept, ...] = (
    concept(
        "diabetes",
        "diabet*; dm; t1dm; t2dm; iddm; niddm",
        snomed="73211009 44054006 46635009",
        icd10="E10 E11 E12 E13 E14",
    ),
    concept(
        "immunosuppression",
        """
        immunosuppress*; immunocomprom*; immunodefic*; neutropen*; chemo|chemotherapy
        transplant* kidney|renal|liver|heart|lung|bone|marrow|stem|organ; transplant
        leukemia; leukaemia; aids; asplen*; splenectomy
        """,
        snomed="165517008 234532001 303011007",
        icd10="D70 D80 D81 D82 D83 D84 Z94 B20 C91 C92 C93 C94 C95 D61",
    ),
    concept(
        "neutropenia",
        """
        neutropen*; chemo|chemotherapy; immunotherapy; bone|stem marrow|cell transplant*
        agranulocyt*
        """,
        snomed="165517008 303011007",
        icd10="D70",
    ),
    concept(
        "cancer",
        "cancer; metasta*; lymphoma; leukemia; leukaemia; tumor; tumour; carcinoma",
        snomed="363346000",
        icd10="C",
    ),
    concept("sickle-cell", "sickle; scd", snomed="417357006", icd10="D57"),
    concept(
        "aneurysm",
        "aneurysm !brain|cerebral; aaa; aortic dissection|graft|stent; marfan*",
        icd10="I71 Q874",
    ),
    concept(
        "heart-disease",
        """
        cad; coronary artery|stent|stents|bypass; cabg; chf; hfref; hfpef
        heart failure|disease|transplant|surgery|stent|stents; cardiomyopath*
        ischaemic heart
        """,
        snomed="53741008 84114007 414545008",
        icd10="I25 I50 I42",
    ),
    concept(
        "haemophilia",
        "hemophil*; haemophil*; von willebrand; factor viii|ix deficiency",
        snomed="90935002",
        icd10="D66 D67 D680",
    ),
)
