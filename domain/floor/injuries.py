"""Words and codes of injuries, burns, bites and exposures."""

from domain.floor.concepts import Concept, concept

INJURIES: tuple[Concept, ...] = (
    concept(
        "penetrating-trauma",
        """
        gunshot; gsw
        shot chest|abdom*|stomach|neck|head|back !flu|vaccin*|steroid|cortisone
        stab|stabbed|stabbing|knife chest|abdom*|stomach|neck|head|back|torso !pain|
            pains|discomfort|sensation|ache
        stabbed; impaled; penetrating wound|wounds|trauma|injury|injuries|torso
        stab|gunshot|bullet|knife wound|wounds
        shot !flu|vaccin*|steroid|cortisone|covid|
            tetanus|booster|allergy leg|arm|thigh|foot|twice|times|by
        sucking wound chest; slashed throat|neck; cut throat|neck !sore
        """,
        icd10="S21 S31 S11 W32 W33 W34 X93 X94 X95 X99",
    ),
    concept(
        "head-injury",
        """
        head injury|trauma|injured|strike|concussion; concussion
        hit|struck|bumped|banged|hitting|hits|bump|knocked|cracked|smacked head !car|
            truck
        fell|fall hit|head|face; headinjury; tbi; landed|lands head|face
        skull fracture; subdural; blow head; kicked|punched head|face
        """,
        snomed="82271004",
        icd10="S06 S02 S09",
    ),
    concept(
        "major-mechanism",
        """
        fell|fall|fallen|jumped|thrown roof|balcony|window|scaffold*|bridge|storey|
            story|
            stories|storeys|height|cliff|floor|tree|horse|ladder !same|home|kitchen|
            bathroom|
            bedroom|wet|onto|flat|dance|living|hit|slipped|tripped
        eject* car|vehicle|truck|motorcycle; ejected; extricat*; rollover !pain
        pedestrian|cyclist|bicyclist struck|hit
        hit|struck|run car|truck|bus|train|vehicle !head|hand
        motorcycle crash|accident|collision|mcc; high speed crash|mvc|mva|collision|rta
        polytrauma; major|multiple trauma; crushed chest|pelvis|abdom*|under|machine*
        trapped under|vehicle|car|machine*|rubble; fatality|death same|crash|accident
        =ped vs auto; =ped struck; =mcc; =mva rollover; blast injur*
        """,
    ),
    concept(
        "injury",
        """
        trauma* !finger|hand|toe|foot|ankle|knee; crash|accident|collision|mvc|mva|rta
        assault|assaulted|beaten; punched|kicked|trampled|crushed; multiple injuries
        """,
        icd10="S T07 T14",
    ),
    concept(
        "chest-injury",
        """
        chest|rib|ribs|sternum injury|trauma|fracture*|broken|crush*|hit|kicked|fell|
            blow
        """,
        icd10="S2",
    ),
    concept(
        "abdominal-injury",
        """
        abdom*|belly|stomach|flank injury|trauma|hit|kicked|punched|crush*|handlebar*|
            blow
        """,
        icd10="S30 S31 S35 S36 S37 S39",
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
        """
        chemical|chemicals|solvent|pesticide|detergent|drain|bleach|acid|alkali|lye|
            cleaner|cement|lime|ammonia eye|eyes
        ~chemical|chemicals|bleach|acid eye|eyes
        """,
        icd10="T26",
    ),
    concept(
        "drowning-or-current",
        """
        drown*; submersion; submerged; electrocut*; electric|electrical shock|injury
        electric socket|outlet|current; lightning
        hanged|hanging himself|herself|rope|neck
        hanged; strangl*; underwater
        pulled pool|water|lake|bath face|drown*|under|found|not
        choked by|him|her hands|partner|boyfriend|husband
        smoke inhal*; inhal* smoke; burn|burns|burned|burnt airway|throat|nostrils
        singed nose|nasal|eyebrows; house|building fire smoke|trapped|soot|cough*
        """,
        icd10="T71 T751 T754 T750",
    ),
    concept(
        "snakebite",
        """
        snake|rattlesnake|adder|cobra|viper|copperhead bite|bit|bites|bitten|strike
        snakebite*; envenom*
        """,
        icd10="T630 X20",
    ),
    concept(
        "major-burn",
        """
        burn|burns|burned|burnt|scald|scalded|scalds face|facial|hands|genital*|groin|
            perine*|circumferential|percent|neck|chest|extensive|large|third|full|both
        burn|burns|scald 10|15|20|25|30|40|50|60; electrical|chemical burn|burns
        """,
        icd10="T20 T21 T31",
    ),
    concept(
        "animal-bite-rabies",
        """
        bat bite|bit|bitten|room|contact
        rabies|rabid exposure|bite|bit|animal|dog|contact|risk
        """,
        icd10="Z203",
    ),
    concept(
        "needle-exposure",
        """
        needlestick*; needle stick|stuck|puncture|stab|pricked|prick|jab|sharps
        body|bodily fluid|fluids exposure|splash*|exposed
        blood splash*|exposure|exposed
        hiv exposure|exposed; =nsi; sharps injury|exposure; =bbp exposure; =body fluid
        pep condom|exposure|hiv|needed|broke
        """,
        icd10="Z206 W46",
    ),
)
