"""Words and codes of threats to life: airway, breathing, circulation, disability."""

from domain.floor.concepts import Concept, concept

THREATS: tuple[Concept, ...] = (
    concept(
        "arrest",
        """
        cardiac|respiratory|heart arrest
        not|stopped|isnt|wasnt breathing !well|properly|right|normal*|easily|good|great
        no pulse !deficit*; no heartbeat !sustained|fast|irregular|abnormal
        pulseless !leg|arm|foot|hand|limb
        apnea|apnoea|apneic|apnoeic !sleep
        cpr progress|ongoing|performed|started
        """,
        snomed="410429000 87317003",
        icd10="I46 R092",
    ),
    concept(
        "unresponsive",
        """
        unresponsive !treatment|antibiotic*|medication*|therapy|tylenol
        unconscious; comatose; coma
        not responding|responsive|waking|rousable|arousable !treatment|antibiotic*|
            therapy
        cannot|cant|unable|wont|couldnt wake|rouse|arouse !early
        """,
        snomed="418107008 371632003",
        icd10="R402",
    ),
    concept(
        "active-seizure",
        """
        status epilepticus
        actively|still|currently|ongoing|continuous seizing|seizure|seizures|convuls*|
            fitting
        seizing; wont|not stop|stopping seizure|seizures|convuls*
        """,
        snomed="230456007",
        icd10="G41",
    ),
    concept(
        "seizure",
        "seizure|seizures; convulsion|convulsions|convulsing; seized; epileptic fit",
        snomed="91175000",
        icd10="R56 G41",
    ),
    concept(
        "airway-obstruction",
        """
        choking !sensation|feeling; choked object|food|coin|grape|nut
        airway obstruct*|block*|clos*; foreign airway body
        throat closing|closed|closes|swollen|swelling|swells !sore|tonsil*|gland*
        """,
        snomed="79688008",
        icd10="T172 T173 T174 T175 T178 T179",
    ),
    concept("stridor", "stridor*", snomed="70407001", icd10="R061"),
    concept(
        "secretions",
        """
        drooling|drools !teeth*
        cannot|cant|unable|trouble|difficulty swallow* saliva|secretions|spit
        cannot|unable manage|handle secretions|saliva
        neck abscess; peritonsillar|retropharyngeal abscess; epiglottitis
        """,
        icd10="J390 J36 J051",
    ),
    concept(
        "anaphylaxis",
        "anaphyla*; epipen used|gave|given|administered",
        snomed="39579001",
        icd10="T782 T780 T886",
    ),
    concept(
        "allergic-reaction",
        """
        allergic reaction; hives; urticaria*; bee|wasp sting|stings|stung allergic
        tongue|lip|lips|face|facial swelling|swollen|swell
        angioedema|angiooedema
        """,
        snomed="419076005",
        icd10="T784 L50 T783",
    ),
    concept(
        "respiratory-distress",
        """
        respiratory|breathing distress|failure
        cannot|cant|unable|couldnt breathe|breath !nose
        struggling|gasping|fighting breath*|air
        cannot|cant|unable speak|talk sentence|sentences|breath*
        severe|extreme short* breath*; severe|extreme dyspn*; severe asthma attack
        blue|purple|grey|gray lips|face|lip|tongue; cyanosis|cyanotic
        accessory muscle|muscles; retractions; grunting; nasal flaring
        """,
        snomed="271825005 3415004",
        icd10="J960 J80 R230",
    ),
    concept(
        "dyspnoea",
        """
        short|shortness breath; sob !story; dyspn*; breathless*; doe !john|jane
        difficulty|trouble|hard|problem|problems|laboured|labored|difficult breath*
        out of breath; air hunger; wheez*; asthma attack|exacerbation|flare
        """,
        snomed="267036007",
        icd10="R060",
    ),
    concept(
        "hypoperfusion",
        """
        mottled; ashen; clammy; cold sweaty|sweats skin; pale|grey|gray sweaty|sweating
        septic|hypovolemic|hypovolaemic|cardiogenic|haemorrhagic|hemorrhagic shock
        shock !electric*|shocked|therapy; diaphore*
        """,
        snomed="27942005",
        icd10="R57 R652",
    ),
    concept(
        "major-bleeding",
        """
        uncontroll*|massive|spurting|profuse*|pouring|severe|major|arterial bleed*|
            haemorrhag*|hemorrhag*
        massive|spurting|pouring blood !pressure|sugar
        bleed* wont|not|cannot|cant stop|stopping|controlled
        exsanguinat*; hemorrhagic|haemorrhagic shock; soaked blood
        """,
    ),
    concept(
        "flaccid",
        "floppy|limp|flaccid !arm|leg|hand|foot|limb|penis|walk*|walks",
        snomed="398152000",
        icd10="P942",
    ),
    concept(
        "altered-state",
        """
        confus*; disorient*; altered mental*|conscious*|sensorium; ams; letharg*
        deliri*
        obtunded; stupor*; not|doesnt making|make sense; drowsy|somnolen*
        hard|difficult|difficulty wake|waking|rouse|arouse
        mental change*|status; mental* changed
        not acting right|normal|himself|herself|themselves
        """,
        snomed="419284004 130987000",
        icd10="R410 R4182 R400 R401",
    ),
    concept(
        "sepsis",
        "sepsis; septic !tank|arthritis; septicemia|septicaemia; urosepsis",
        snomed="91302008 76571007",
        icd10="A40 A41 R652",
    ),
    concept(
        "non-blanching-rash",
        """
        non|not|doesnt|wont|isnt blanch*|fading|fade rash|spots
        purpur* rash|spots|fever; petechia* rash|fever|spots; purpura; meningococc*
        """,
        icd10="A39",
    ),
    concept(
        "overdose",
        """
        overdos*; od !eye
        took|taken|swallowed|ingested too many|much pills|tablets|meds
        poisoning|poisoned !food|ivy|oak; carbon monoxide !alarm*; intoxicat* drug|drugs
        ingest*|swallowed|drank|drunk|drinking bleach|poison|antifreeze|pesticide|
            detergent|pills|tablets|paracetamol|acetaminophen|lye|gasoline|kerosene
        """,
        snomed="55680006",
        icd10="T36 T37 T38 T39 T40 T41 T42 T43 T44 T45 T46 T47 T48 T49 T50 T51 T56 T58",
    ),
    concept(
        "ingested-battery",
        "battery|batteries|magnet|magnets swallow*|ingest*|ate|eaten|nose|ear|throat",
    ),
)
