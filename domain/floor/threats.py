"""Words and codes of threats to life: airway, breathing, circulation, disability."""

from domain.floor.concepts import Concept, concept

THREATS: tuple[Concept, ...] = (
    concept(
        "arrest",
        """
        cardiac|respiratory|heart arrest
        =not breathing !well|properly|right|normal*|easily|good|great
        not|stopped|isnt|wasnt breathing !well|properly|right|normal*|easily|good|great|
            trouble|difficult*|problem*|issue*|hard*|short*|painful*
        no pulse !deficit*; no heartbeat !sustained|fast|irregular|abnormal
        pulseless !leg|arm|foot|hand|limb
        apnea|apnoea|apneic|apnoeic !sleep|asleep|snor*|obstructive|osa|cpap|episodic|
            nocturnal|daytime
        cpr progress|ongoing|performed|started; asystol*; agonal breath*|resp*|gasp*
        stopped breathing !sleep|asleep|snor*; pea|vf|vfib arrest
        return spontaneous circulation; rosc; coded ems
        """,
        snomed="410429000 87317003",
        icd10="I46 R092",
    ),
    concept(
        "unresponsive",
        """
        unresponsive !treatment|antibiotic*|medication*|therapy|tylenol
        unconscious !episode*; comatose; coma; obtunded !not
        =gcs 3|4|5|6|7|8; =gcs of 3|4|5|6|7|8; no response voice|pain
        responds|responsive|responding|reacts only pain
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
        seizure|seizures|convuls*|fitting|jerking ongoing|continu*|nonstop|progress
        =fitting now; =still fitting; =still jerking; back back seizures
        """,
        snomed="230456007",
        icd10="G41",
    ),
    concept(
        "seizure",
        """
        seizure|seizures; convulsion|convulsions|convulsing; seized; epileptic fit|fits
        =had a fit; =having fits; =having a fit; =sz; grand mal; tonic clonic; postictal
        post ictal; breakthrough|febrile sz|seizure; jerking arms|legs|limbs|movements
        """,
        snomed="91175000",
        icd10="R56 G41",
    ),
    concept(
        "airway-obstruction",
        """
        choking !sensation|feeling|cough*; choked object|food|coin|grape|nut
        airway obstruct*|block*|clos*|compromis*; foreign airway body
        cannot|cant|unable cough|breathe speak|talk|cry; turning|turned blue choking
        throat tight|tightening|tightness !sore
        throat closing|closed|closes|swollen|swelling|swells !sore|tonsil*|gland*
        """,
        snomed="79688008",
        icd10="T172 T173 T174 T175 T178 T179",
    ),
    concept(
        "aspiration",
        """
        choked !up|emotion*|by|hands|strangl*
        choked|choking|gagging|gagged cough*|wheez*|eating|fed|feed|feeding|peanut*|nut|
            nuts|toy|bead|food|meat|pill|playing
        cough*|wheez*|choke eating|swallowed|inhaled peanut*|nut|nuts|toy|bead|grape|
            popcorn|carrot|seed|seeds|bone
        inhaled|aspirated|aspirating popcorn|peanut*|nut|nuts|toy|bead|coin|food|tooth|
            pill|
            object|vomit*|seed|body|brick|piece
        foreign body aspirat*|inhal*|bronchus|lung|windpipe; aspirat* event|food
        eating|ate peanuts|peanut|nuts|nut cough*|wheez*
        """,
        icd10="T17",
    ),
    concept(
        "airway-hazard",
        """
        eating|ate|mouth|playing|gave|swallowed peanut*|nut|nuts|grape|grapes|popcorn|
            coin|
            bead|beads|toy|lego|brick|bricks|marble|seeds|candy
        """,
    ),
    concept(
        "stridor",
        """
        stridor*; crowing|squeaky breath*|sound|noise
        high pitched breath*|inhal*|inspir*
        """,
        snomed="70407001",
        icd10="R061",
    ),
    concept(
        "secretions",
        """
        drooling|drools !teeth*
        cannot|cant|unable|trouble|difficulty swallow* saliva|secretions|spit|anything
        cannot|cant|unable manage|handle|control secretions|saliva|spit
        spitting saliva|secretions; pooling secretions; ludwig* angina
        neck abscess; peritonsillar|retropharyngeal|parapharyngeal abscess; quinsy
        epiglottitis; hot potato voice; muffled voice; trismus fever
        """,
        icd10="J390 J36 J051",
    ),
    concept(
        "anaphylaxis",
        """
        anaphyla*
        epipen|epinephrine|adrenaline used|gave|given|administered|after !local
        """,
        snomed="39579001",
        icd10="T782 T780 T886",
    ),
    concept(
        "allergic-reaction",
        """
        allergic|allergy reaction; hives; urticaria*
        ~bee|wasp|insect sting|stings|stung allergic
        reaction bee|wasp|peanut*|nut|nuts|shellfish|antibiotic*|penicillin|medicine
        tongue|lip|lips swelling|swollen|swell|swelled|swells
        face|facial|eyes swelling|swollen|swell|swelled|puffed !tooth|teeth|dental|
            toothache|gum|gums|gingiv*|jaw|abscess|wisdom|fell|fall|punch*|injury|hit
        angioedema|angiooedema|angioneurotic
        """,
        snomed="419076005",
        icd10="T784 L50 T783",
    ),
    concept(
        "respiratory-distress",
        """
        respiratory|breathing distress|failure
        cannot|cant|unable|couldnt breathe|breath !nose
        struggling|gasping|fighting|labored|laboured breath*|air !sleep|asleep|snor*
        =working hard to breathe; increased|increase work breathing; =in extremis
        tripod*; head bobbing; =belly breathing; hardly|barely|scarcely breathe|breath*|
            talk|speak !nose
        silent chest; turning|turned|going|went|goes blue !cold
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
        orthopn*; pnd; wakes|waking|woke short|gasping|breath*; winded; chest congest*
        copd|asthma exacerb*|flare|worse|worsening|attack; cannot|cant catch|get breath
        breath* fast|rapid*|heavy|heavily; puffed walking|stairs; sats low; low|dropping
            oxygen|sats|saturation|spo2; hypoxi*; pulmonary edema|oedema
        difficulty|trouble|hard|problem|problems|laboured|labored|difficult breath*
        out of breath; air hunger; wheez*; asthma attack|exacerbation|flare
        """,
        snomed="267036007 62744007 230145002",
        icd10="R060",
    ),
    concept(
        "hypoperfusion",
        """
        mottled; ashen; clammy; cold sweaty|sweats skin; pale|grey|gray sweaty|sweating
        =cold sweats; =cold sweat; =gray and sweaty; looks|looking gray|grey|ashen
        drenched sweat; no urine 12|18|24|hours; hypoperfus*; poor|poorly perfus*
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
        "altered-state",
        """
        confus*; disorient*; altered mental*|conscious*|sensorium|state
        ams; letharg* !months|month|years|chronic
        amnesi*; cannot|cant|unable remember happened|anything|name|today
        memory loss|lost sudden*|acute|new|hours; =gcs 9|10|11|12|13|14
        =gcs of 9|10|11|12|13|14; incoherent; rambling speech; encephalopath*
        drowsiness !antihistamine|daytime; talking nonsense|gibberish; not recogni*
        unusually|abnormally|very|too sleepy; somnolen* !daytime
        acting strange*|weird|odd*|bizarre*|differently; out of it
        deliri*
        stupor*; not|doesnt|dont making|make sense; drowsy; obtunded
        hard|difficult|difficulty wake|waking|rouse|arouse
        mental change*|status; mental* changed
        not acting right|normal|himself|herself|themselves
        """,
        snomed="419284004 130987000 286933003 48167000",
        icd10="R410 R413 R4182 R400 R401",
    ),
    concept(
        "sepsis",
        """
        sepsis; septic !tank|arthritis; septicemia|septicaemia; urosepsis; sirs
        blood poisoning; positive blood cultures; bacteremia|bacteraemia
        """,
        snomed="91302008 76571007",
        icd10="A40 A41 R652",
    ),
    concept(
        "non-blanching-rash",
        """
        non|not|doesnt|wont|isnt blanch*|fading|fade rash|spots
        purpur* rash|spots|fever; petechia* rash|fever|spots; purpura !henoch|idiopathic
        meningococc* !vaccin*; glass test rash|spots|positive|fail*
        purple|bruise|bruised|bruising rash|spots fever|spreading
        """,
        icd10="A39",
    ),
)
