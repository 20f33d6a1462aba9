"""Words and codes of injuries, exposures, and harm by oneself or by others."""

from domain.floor.concepts import Concept, concept

INJURIES: tuple[Concept, ...] = (
    concept(
        "penetrating-trauma",
        """
        gunshot; gsw
        shot chest|abdom*|stomach|neck|head|back !flu|vaccin*|steroid|cortisone
        stab|stabbed|stabbing|knife chest|abdom*|stomach|neck|head|back|torso !pain|
            pains|discomfort|sensation|ache
        stabbed; impaled; penetrating wound|trauma|injury
        """,
        icd10="S21 S31 S11",
    ),
    concept(
        "head-injury",
        """
        head injury|trauma|injured|strike|concussion; concussion
        hit|struck|bumped|banged|hitting|hits|bump head; fell|fall hit|head|face
        skull fracture; subdural
        """,
        snomed="82271004",
        icd10="S06 S02 S09",
    ),
    concept(
        "major-mechanism",
        """
        fell|fall|fallen|jumped roof|balcony|window|scaffold*|bridge|storey|story|
            stories|storeys|height|cliff
        eject* car|vehicle|truck|motorcycle; ejected; extricat*; rollover !pain
        pedestrian|cyclist|bicyclist struck|hit
        hit|struck|run car|truck|bus|train|vehicle !head|hand
        motorcycle crash|accident|collision|mcc; high speed crash|mvc|mva|collision|rta
        polytrauma; major trauma; crushed chest|pelvis|abdom*
        """,
    ),
    concept(
        "amputation",
        """
        finger|fingers|thumb|toe|hand|arm|foot|leg|limb cut|torn|bitten off
        finger|fingers|thumb|toe|hand|arm|foot|leg|limb amputat*|amputated|severed
        traumatic amputat*; severed finger|fingers|thumb|toe|hand|arm|foot|leg
        """,
        icd10="S48 S58 S68 S78 S88 S98",
    ),
    concept(
        "chemical-eye",
        "chemical|bleach|acid|alkali|lye|cleaner|cement|lime|ammonia eye|eyes",
        icd10="T26",
    ),
    concept(
        "drowning-or-current",
        """
        drown*; submersion; submerged; electrocut*; electric|electrical shock|injury
        heat stroke; heatstroke; lightning; hanged|hanging himself|herself|rope|neck
        hanged; strangl*
        smoke inhal*; inhal* smoke; burn|burns|burned|burnt airway|face|throat
        """,
        icd10="T71 T751 T754 T750",
    ),
    concept("snakebite", "snake bite|bit|bitten; snakebite*", icd10="T630"),
    concept(
        "suicidal",
        """
        suicid*; kill|killing|harm|harming myself|himself|herself|themselves|self
        wants|want|wanting|wish|wishes|wanted die|dead; end|ending life|everything
        self harm*; better off dead; not want|wanting live; si !joint|joints
        """,
        snomed="6471006 82313006",
        icd10="R45851 T1491 X6 X7 X80 X81 X82 X83 X84",
    ),
    concept(
        "psychosis-or-violence",
        """
        homicid*; kill|killing people|him|her|someone|them; hallucinat*
        psychosis|psychotic
        hearing|hears voices; combative|violent !coughing|cough; paranoi* delusion*
        """,
        icd10="R443 R440 R45850 F23 F29",
    ),
    concept(
        "sexual-assault",
        "sexual* assault*|abus*; rape|raped",
        icd10="T742 T762",
    ),
    concept(
        "needle-exposure",
        """
        needlestick*; needle stick|stuck|puncture|stab
        blood|body fluid exposure|splash*
        hiv exposure|exposed
        """,
        icd10="Z206 W46",
    ),
)
