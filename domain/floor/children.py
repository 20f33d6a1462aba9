"""Words and codes of what parents say of infants and children."""

from domain.floor.concepts import Concept, concept

CHILDREN: tuple[Concept, ...] = (
    concept(
        "young-infant",
        "youngerthan90days; newborn !thing|screening|photos; neonat* !screen*",
        icd10="P",
    ),
    concept("infant", "infant; baby !shower|aspirin; youngerthan1year; newborn"),
    concept(
        "flaccid",
        """
        floppy|limp|flaccid !arm|leg|hand|foot|limb|penis|walk*|walks|valve
        no|poor|low muscle tone; rag doll; lifeless
        """,
        snomed="398152000",
        icd10="P942",
    ),
    concept(
        "intussusception",
        """
        intussuscept*; red currant|jelly jelly|stool|stools|diaper|nappy
        currant jelly|stool; jelly blood* stool|diaper|nappy
        ~screams|screaming|crying|cries|colic* knees|legs up|pulls|pulling|draws|
            drawing|
            chest
        screams|screaming|crying|cries|colic* knees|legs chest|pulls|pulling|draws|
            drawing|up
        """,
        snomed="49723003",
        icd10="K561",
    ),
    concept(
        "bilious-vomiting",
        """
        green|bilious|bile|projectile vomit*|throwing|emesis
        """,
        icd10="P920",
    ),
    concept(
        "inconsolable",
        """
        inconsol*; cannot|cant|wont|unable|not consol*|comforted|settle|settled
        high pitched cry|crying|scream; weak|feeble cry|crying
        crying|screaming nonstop|continuous*|constantly|hours
        moaning|whimpering baby|infant|child
        """,
        icd10="R681",
    ),
    concept(
        "poor-feeding",
        """
        refus*|wont|not|stopped|poor* feed*|bottle|bottles|nurse|nursing|eating|
            drinking|
            breastfeed*
        no|few|dry|less|fewer|not wet|dry|soaked diaper|diapers|nappy|nappies
        less|half feeds|feeding|usual|formula
        """,
        icd10="R633 P92",
    ),
    concept(
        "bulging-fontanelle",
        "bulging|swollen|sunken fontanel*|soft|spot|spot",
    ),
    concept(
        "blue-spell",
        """
        brue; alte
        blue|grey|gray|purple|pale spell|episode|limp|lips baby|infant|feeding
        stopped|stops|paused|pauses breathing baby|infant|newborn|feeding|seconds
        ~turned|turning|went|goes blue|grey|gray|purple|limp baby|infant|newborn|feeding
        ~pauses|paused|stops|stopped breathing baby|infant|newborn|feeding
        """,
        icd10="R6813",
    ),
    concept(
        "jaundice",
        "jaundic*; yellow skin|eyes|baby|newborn|sclera*",
        icd10="R17 P59",
    ),
    concept(
        "carer-concern",
        """
        not himself|herself|themselves; not acting right|normal|usual
        different than|from usual; something|somethings wrong
        parent*|mother|mom|mum|father|dad|carer|family|caregiver very|extremely|really|
            deeply worried|concerned
        never seen him|her|them like; just isnt|not right; gut feeling
        parental|maternal|carer concern
        """,
    ),
)
