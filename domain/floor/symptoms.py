"""Words and codes of the chest, the brain and the senses."""

from domain.floor.concepts import Concept, concept

SYMPTOMS: tuple[Concept, ...] = (
    concept(
        "chest-pain",
        """
        chest|chst|cheast|chets|chect pain|pian|pains|painful|pressure|tight*|heav*|
            hurt*|discomfort|ache|aches|
            aching|squeez*|crushing|burning|sore|stabbing|band|gripping|weight
        cp !cerebral|palsy; angina !ludwig*|ludwigs; elephant chest; heart attack|pain
        stemi; nstemi; acs; mi
        myocardial infarction; acute coronary; st elevation|elevations
        troponin elevated|
            positive|high|raised
        substernal|retrosternal|precordial|sternal pain|pressure|
            burning|discomfort|tight*
        pressure|tightness chest|breastbone; pleuritic pain
        """,
        snomed="29857009 22298006 394659003 194828000 4557003",
        icd10="I20 I21 I22 I24 R072 R074 R0789",
    ),
    concept(
        "dissection",
        """
        tearing|ripping chest|back|abdom*|between pain; dissecting aorta|aneurysm
        pain ripping|tearing shoulder|blades|back|through
        aortic|aorta dissect*|rupture*|aneurysm; ruptured aneurysm; aaa
        """,
        snomed="308546005",
        icd10="I710 I711 I713 I715",
    ),
    concept(
        "embolism",
        """
        pulmonary embol*; lung|lungs clot|clots; saddle embol*; =pe; =bilateral pe
        pulmonary|lung infarct*
        """,
        snomed="59282003",
        icd10="I26",
    ),
    concept(
        "syncope",
        """
        syncop*; passed|passing|passes out
        faint|fainted|fainting|faints !feels|feeling|feel|felt|wheeze|wheez*|sound|rash|
            pulse|line
        collaps* !lung; blacked|blacking|blackout out; unresponsive episode|briefly
        blackout*; found down|floor|ground
        lost|loss|loosing|losing|loses consciousness
        unconscious episode; loc !no
        """,
        snomed="271594007",
        icd10="R55",
    ),
    concept(
        "palpitations",
        """
        palpitation*; heart racing|pounding|fluttering|thumping
        racing|pounding heart|pulse
        rapid|fast heartbeat; heart beating fast|rapid*|hard
        """,
        snomed="80313002",
        icd10="R002",
    ),
    concept(
        "stroke",
        """
        stroke|strokes !heat|breast|rehab; cva !tender*|tenderness; tia; code stroke
        face|facial|mouth droop*|drooping|numb*|weak*|asymmetr*
        slur*|garbled speech|words|talking; slurring; aphasi*; dysphasi*; dysarthri*
        speech difficult*|trouble|problem|problems|loss|lost|change*|altered !therapy
        words wrong|jumbled|mixed coming|out; cannot|cant|unable find words
        mouth|smile|face lopsided|crooked|drooped|droops|uneven|sagging
        cannot|cant|unable|trouble|difficulty speak*|talk* !sentence|sentences|breath*
        sudden*|one|left|right side|sided|arm|leg|face|hand weak*|numb*|paraly*|paresis
        sudden* weak*|numb*|paraly*; hemipar*|hemipleg*|hemianop*|hemisensory
        =left|right|l|r|lt|rt weak*|paraly*|hemipar*; =left|right|l|r|lt|rt numb*
        arm|leg|hand weak*|numb*|heavy|limp|dead|drift sudden*|one|left|right|new|
            acute|since
        cannot|cant|unable lift|raise|move arm|leg one|left|right
        weak*|numb* one|left|right side|sided|arm|leg
        focal|unilateral weak*|numb*|deficit*; sudden* cannot|cant|unable walk|see|speak
        dragging leg|foot; sudden* ataxi*|unsteady|imbalance; =l|r sided weak*|numb*
        motor weak*|deficit; facial palsy; parapar*; tetrapar*; quadripar*
        arm|leg|side|limb paraly*; arm drift; sudden* balance|coordination
        """,
        snomed="230690007 422504002 266257000",
        icd10="I60 I61 I63 I64 G45 R4781 R2981 G81 R470",
    ),
    concept(
        "intracranial-bleeding",
        """
        ich; sdh; sah; subdural; subarachnoid; =epidural hematoma; iph; ivh
        intracranial|intracerebral|brain|cerebral|head|ganglia|cerebellar|
            intraventricular
            bleed*|haemorrhag*|hemorrhag* !laceration
        extradural; brain aneurysm rupture*
        """,
        snomed="21454007",
        icd10="I60 I61 I62",
    ),
    concept(
        "thunderclap",
        """
        worst|thunderclap|explosive headache|migraine|head; thunderclap
        sudden* severe|intense|terrible|excruciating|onset headache|head; subarachnoid
        ~headache sudden*|suddenly|instantly severe|worst|intense|terrible|excruciating
        ~headache|head hit|struck|kicked like
        headache maximal|peaked|instantly|instant|seconds|abrupt*|hit; abrupt* headache
        =sudden headache; struck|hit|kicked like headache
        """,
        snomed="21454007",
        icd10="I60",
    ),
    concept(
        "headache",
        """
        headache*; head pain|hurts|hurting|ache|aches|aching|throbbing; migraine*
        ha !haha; cephalgia
        """,
        snomed="25064002",
        icd10="R51 G43",
    ),
    concept(
        "neck-stiffness",
        """
        neck stiff*|stiffness|rigid*; meningitis; meningism*; photophobi* fever; nuchal
        cannot|cant|unable touch|put|bend|move neck; chin chest cannot|cant|unable
        kernig*|brudzinski*
        """,
        snomed="7180009",
        icd10="G00 G01 G03 A390 R291",
    ),
    concept(
        "visual-loss",
        """
        sudden* vision|sight|blind*|visual loss|lost|lose|losing|gone|blind*|change*
        vision|visual|sight loss|lost; lost|losing|loss vision|sight|eyesight
        declining vision; double vision !year|years; diplopia
        went|going|gone|suddenly blind
        cannot|cant see !doctor|gp|anyone|why|cars|connection*; blind one|left|right eye
        curtain vision|eye|over|down; vision|sight gone|disappeared|black|went
        amaurosis
        retinal detach*|occlusion; flashes floaters
        floaters sudden*|new|curtain|flashes
        """,
        icd10="H340 H341 H342 H532 H5313 H331 H332",
    ),
    concept(
        "visual-disturbance",
        """
        blurr*|hazy|foggy|cloudy vision; seeing|see spots|flashes|flashing|stars|halos
        vision|visual change*|disturb*|problem*|decreas*|reduced; photophob*
        """,
    ),
    concept(
        "eye-pain",
        """
        eye|eyes|ocular|eyeball|orbital pain|pains|painful|hurts|hurting|ache|aching
        """,
        snomed="41652007",
        icd10="H571",
    ),
    concept(
        "eye-threat",
        """
        glaucoma acute|attack|angle; open|ruptured globe; retrobulbar
        nail|metal|wire|glass|knife|dart|stick|splinter in eye !glasses
        eye perforat*|penetrat*|punctured|pierced|ruptured|stabbed|popped|impaled
        orbital cellulitis|compartment; endophthalmitis; hyphema|hyphaema
        proptos*|proptotic
        nail|metal|wire|glass|knife|dart|stick stuck|embedded|penetrat*|through eye
        """,
        icd10="H402 S052 S053 S055 H050 H440",
    ),
    concept(
        "dizziness",
        """
        dizz*; vertig*; lightheaded*; light headed|headedness|headness|head; =dz
        room spinning; presyncop*; near|almost|nearly|about|going faint*|syncop*|pass*
        giddy|giddiness; woozy; unsteady; off balance; feels|feeling|feel|felt faint
        """,
        snomed="404640003 399153001",
        icd10="R42 H811 H813",
    ),
    concept(
        "weakness",
        """
        weak* !stream|ankle|knee; fatigue*|fatigued; malaise; tired !of; tiredness
        exhausted|exhaustion; no energy; letharg*; feeling|feels|generally unwell|poorly
        asthenia; failure thrive; =ftt; run down
        """,
        snomed="13791008 84229001",
        icd10="R53",
    ),
    concept(
        "numbness",
        "numb*; tingl*; paresthes*|paraesthes*; pins needles",
        snomed="44077006",
        icd10="R200 R202",
    ),
    concept(
        "unable-to-walk",
        """
        cannot|cant|unable|not|wont walk*|stand*|ambulate|ambulating|weight !far|pain
        off legs; gait problem|disturb*|unsteady|abnormal*; difficulty ambulating
        """,
        icd10="R26",
    ),
    concept(
        "ascending-weakness",
        """
        guillain barre; gbs; myasthenia* crisis|worse|weak*|swallow*|breath*
        weak*|numb*|paraly*|paralysis ascending|spreading|climbing|moving|rising up|
            legs|
            upwards|arms
        ascending weak*|numb*|paraly*|paralysis; myasthenic crisis
        """,
        icd10="G610 G700",
    ),
    concept(
        "exertion",
        """
        exertion*|exercis*|running|run|stairs|upstairs|sport*|football|basketball|
            soccer|
            swimming|playing|gym|training|jogging
        """,
    ),
    concept(
        "anginal-equivalent",
        """
        jaw|arm|shoulder|neck|epigastr* pain|ache|aching|discomfort|heaviness|pressure
            sweat*|diaphor*|clammy|exertion*|radiat*|nausea*
        pain|discomfort|ache radiat*|spreading|shooting|going jaw|arm
        indigestion|heartburn sweat*|diaphor*|clammy|arm|jaw
        left|lt arm heavy|heaviness
        """,
    ),
    concept("nausea", "nause*; sick stomach", snomed="422587007", icd10="R110"),
)
