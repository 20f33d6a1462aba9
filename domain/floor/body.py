"""Words and codes of the belly, the kidneys, infection and pain."""

from domain.floor.concepts import Concept, concept

BODY: tuple[Concept, ...] = (
    concept(
        "abdominal-pain",
        """
        abdom*|stomach|belly|tummy|epigastr*|ruq|rlq|llq|luq pain|pains|ache|aches|
            cramp*|hurt*|tender*
        abd pain|pains|tender*|cramp*; stomachache; tummyache; bellyache
        acute abdomen; rigid abdom*; pelvic pain; appendicitis; cholecystitis
        diverticulitis; pancreatitis; periumbilical|suprapubic|quadrant pain|tender*
        gallbladder pain|attack; biliary colic
        """,
        snomed="21522001",
        icd10="R10 K35 K81 K85 K57",
    ),
    concept(
        "peritonism",
        """
        rigid|boardlike|board|guarding|rebound|peritonit*|peritonism abdom*|belly|
            stomach|
            abd|pain|tender*|hard
        peritonit*; perforat* !eardrum|ear|tympanic|membrane|nasal; acute abdomen
        surgical abdomen
        hard|tense|rigid abdomen|belly|stomach|abd; bowel obstruct*|ischemi*|ischaemi*
        sbo; mesenteric ischemi*|ischaemi*; pulsatile mass|abdom*; strangulated hernia
        incarcerated|irreducible|stuck hernia
        tearing|sudden* abdom*|belly|stomach|abd pain
        small|large obstruction bowel; ileus; volvulus
        """,
        icd10="K65 K631 K56 K550",
    ),
    concept(
        "abdominal-discomfort",
        """
        abdom*|abd|stomach|belly|tummy|epigastr*|ruq|rlq|llq|luq|suprapubic discomfort|
            upset|fullness|bloating
        dyspepsia
        """,
    ),
    concept(
        "distension", "disten*|bloated|swollen abdom*|belly|stomach|abd; distension"
    ),
    concept(
        "ovarian-torsion",
        """
        ovarian|ovary|adnexal torsion|torted|twisted
        sudden* pelvic|ovary|ovarian pain
        """,
        icd10="N835",
    ),
    concept(
        "torsion",
        """
        testic*|testes|testis|scrot*|balls pain*|ache|aches|swell*|swollen|tender*|
            torsion|
            hurt*
        testicular torsion; torted testic*
        """,
        snomed="81996005",
        icd10="N44",
    ),
    concept(
        "flank-pain",
        """
        flank|loin|kidney|cva pain|colic|ache|tender*|hurts
        renal|ureteric|ureteral colic
        kidney|renal|ureteral|ureteric stone|stones|stonnes; nephrolithiasis
        urolithiasis
        """,
        snomed="7093002",
        icd10="N20 N23",
    ),
    concept(
        "urinary-infection",
        """
        uti; urinary|urine|kidney infection; pyeloneph*; dysuria
        burning|burns|painful|pain|hurts urinat*|peeing|pee|voiding|micturition
        urosepsis; bladder infection; cystitis
        """,
        snomed="68566005",
        icd10="N390 N10",
    ),
    concept(
        "leg-thrombosis",
        """
        dvt; thrombosis; calf pain|swollen|swelling|tender*|sore
        swollen|swelling leg !legs
        blood clot leg|calf|thigh|arm; clot in leg|calf|thigh|arm; venous clot|clots
        thrombophlebitis
        """,
        snomed="128053003",
        icd10="I80 I82",
    ),
    concept(
        "rigors",
        """
        rigor*; shaking chills; shivering !cold|stopped; uncontroll* shaking|shivering
        teeth chattering; chills violent*|severe|shaking|uncontroll*
        """,
    ),
    concept(
        "back-pain",
        "back|flank|loin|lumbar pain|pains|ache|hurts|aching|spasm*; backache; lbp",
        snomed="161891005",
        icd10="M545 M549",
    ),
    concept(
        "infection",
        """
        fever*|febrile|pyrexi*; chills; infect*; pneumon*; cellulitis; abscess
        septic !tank; sepsis; uti; pyeloneph*; meningitis; flu !shot|vaccin*; influenza
        covid
        rigor*; cough productive|sputum|phlegm
        """,
        snomed="386661006 233604007 40733004",
        icd10="A B J0 J1 L03 N10 N390 R50",
    ),
    concept(
        "fever",
        """
        fever*|feaver !hay|blisters; febrile; pyrexi*; high temp|temperature|temps
        burning hot|up; feels hot touch
        """,
        snomed="386661006",
        icd10="R50",
    ),
    concept(
        "vomiting",
        """
        vomit*; throwing|threw|throws up; emesis; puking|puked|puke !blood
        cannot|cant|unable|not keep|keeping down|fluids|food|anything; retching; nv; nvd
        """,
        snomed="422400008",
        icd10="R11",
    ),
    concept(
        "sickle-crisis",
        """
        ~sickle|scd crisis|pain|painful|hurt*; vaso occlusive; vasoocclusive
        scd pain|crisis
        """,
        snomed="417425009",
        icd10="D570",
    ),
    concept(
        "severe-pain",
        """
        severe|worst|excruciating|unbearable|agonizing|agonising|intense|terrible pain|
            colic|ache|hurt*|cramps|cramping
        writhing|screaming pain; =pain 8; =pain 9; =pain 10; pain 10|ten|nine|9 out
        agony; =worst pain ever; cannot|cant stand|bear|tolerate pain
        """,
    ),
    concept(
        "diarrhoea",
        "diarrh*; loose|watery stool|stools|bowel*; gastroenteritis; the runs",
        snomed="62315008",
        icd10="R197 A09 K529",
    ),
    concept(
        "urinary-retention",
        """
        urinary|urine|acute retention; cannot|cant|unable pee|urinate|void|wee|urine
        voiding fail*; retention urine; no urine output
        """,
        icd10="R33",
    ),
    concept(
        "priapism",
        "priapis*; erection hours|painful|wont|gone|persistent|prolonged",
        icd10="N483",
    ),
)
