"""A closed list of complaints that are usually minor, where nothing else is told.

These floor nothing. They only tell an understood minor complaint apart from one that
nobody could read: what is not understood is not minor.
"""

from domain.floor.concepts import Concept, concept

_LIMB = (
    "finger|fingers|thumb|hand|wrist|forearm|arm|elbow|shoulder|foot|toe|toes|ankle|"
    "heel|leg|knee|shin|calf|thigh|hip|limb|joint|joints"
)

MINOR: tuple[Concept, ...] = (
    concept(
        "minor-limb",
        f"""
        {_LIMB} pain|pains|painful|ache|aching|sore|injury|injured|hurt|hurts|swelling|
            swollen|sprain|sprained|strain|twisted|bruise|bruised|fracture|dislocat*|
            stiff*
        sprain*; sore {_LIMB}; ingrown nail|toenail; gout; bursitis; tendonitis
        arthritis
        dislocat*; contusion|bruise; carpal tunnel; coccyx|coccygeal|tailbone pain
        plantar fasciitis; cramps leg|legs
        """,
        icd10="S60 S63 S80 S83 S90 S93 M25 M79",
    ),
    concept(
        "minor-wound",
        """
        laceration*; lac; cut|cuts; abrasion*; scrape|scraped|graze*; open wound
        stitches
        suture|sutures|staple|staples remov*|out
        wound eval*|check|recheck|care|dressing
        wound; splinter; blister*; minor|small burn|scald; burn arm|hand|leg|foot|finger
        puncture; skin tear|defect
        bee|insect|wasp|mosquito|spider|tick sting|stung|bite|
            bites|bitten
        dog|cat|human bite|bit|bitten|scratch; dressing change; drain removal
        """,
        icd10="S61 S81 S91 S01 S51",
    ),
    concept(
        "minor-mouth",
        """
        tooth*|teeth|dental|gum|gums|gingiv*|molar|wisdom pain|ache|swelling|swollen|
            abscess|
            broken|chipped|problem|bleeding
        toothache; mouth|lip|tongue|chin|jaw sore|sores|ulcer*|pain|dislocat*|cut
        lip|face|facial|nose|nasal|chin|cheek|forehead|eyebrow injury|laceration|cut|
            bruise
        throat sore|pain|painful|hurts|scratchy; sorethroat; tonsillitis; pharyngitis
        """,
        icd10="K0 K12 J02",
    ),
    concept(
        "minor-ear-and-nose",
        """
        ear|ears pain|ache|pains|infection|wax|discharge|blocked|plugged|fullness
        earache
        otalgia; otitis; runny|stuffy|blocked|congested nose; nasal congestion|discharge
        cold !leg|arm|foot|hand|feet|sweat*|sweaty|skin; =common cold; sinus*; coryza
        uri
        hay fever; cough*; congestion; sneez*; hoarse*; tinnitus; hearing loss; urti
        flu symptoms
        """,
        snomed="49727002",
        icd10="H60 H65 H66 H92 J00 J01 J06 J30 J3489 R05",
    ),
    concept(
        "minor-eye",
        """
        red|pink|itchy|watery|irritated|dry|sticky eye|eyes; conjunctivitis; stye
        chalazion
        eye|corneal foreign|fb|scratch|abrasion; eyelid*; blepharitis
        eye discharge|redness|itching|swelling|injury; eye|eyes|ocular pain|pains
        """,
        icd10="H10 H00 T150",
    ),
    concept(
        "minor-skin",
        """
        rash !fever|purpl*; itch*; pruritus; eczema; acne; boil*; ringworm; scabies
        lice
        papule*; skin|facial|face lesion|lesions|eruption|bump|bumps|spots|peeling|rash
        wart*; sunburn; poison ivy|oak; lump; cyst; dermatitis; lymph node*
        """,
        icd10="L2 L30 R21 L29 L70",
    ),
    concept(
        "minor-back",
        """
        back|neck|lumbar|sciatic* pain|pains|ache|strain|spasm|stiff|sore|hurts
        sciatica
        backache; lbp; rib pain
        muscle pain|pains|ache|strain|
            spasm|cramp*
        myalgia; torticollis; whiplash
        """,
        icd10="M54 M62 M791",
    ),
    concept(
        "minor-errand",
        """
        medication|medicine|prescription|med|meds refill*|request|renew*|for|po|change
        refill*; for medication|examination|exam|checkup|certificate|evaluation|results
        sick|work note; catheter|foley|tube|cath remov*|change|check|exchange|replace*
        medical clearance; vaccin*|immunization*|tetanus needed|shot|booster|for
        covid test; pregnancy test; std|sti check|test; form|paperwork; insect bite
        dislodged|clogged|leak*|leakage|malfunction*|blocked tube|ptbd|drain|gtube|
            foley|catheter|avf|fistula
        difficult*|difficulty voiding
        for tapping; paracentesis; acid reflux
        constipat*; hemorrhoid*|haemorrhoid*; heartburn; indigestion; hiccup*; insomnia
        vaginal discharge|itching; painful|irregular menses|periods|menstruation
        """,
        icd10="Z76 Z48 Z02 K59 K21",
    ),
)
