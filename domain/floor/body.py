"""Words and codes of bleeding, the belly, infection, sugar and pain."""

from domain.floor.concepts import Concept, concept

BODY: tuple[Concept, ...] = (
    concept(
        "abdominal-pain",
        """
        abdom*|stomach|belly|tummy|epigastr*|ruq|rlq|llq|luq pain|pains|ache|aches|
            cramp*|hurt*|tender*
        abd pain; stomachache; bellyache; acute abdomen; rigid abdom*; pelvic pain
        """,
        snomed="21522001",
        icd10="R10",
    ),
    concept(
        "haematemesis",
        """
        vomit*|throwing|threw|puking bright|red blood
        vomit*|threw|throwing|emesis blood*
        hematem*; haematem*; coffee ground|grounds
        """,
        snomed="8765009",
        icd10="K920 I850",
    ),
    concept(
        "melaena",
        """
        melena; melaena; tarry stool*|poop|bowel*; black tarry
        gi|gastrointestinal|variceal bleed*|haemorrhage|hemorrhage
        """,
        snomed="2901004 74474003",
        icd10="K921 K922",
    ),
    concept(
        "rectal-bleeding",
        """
        rectal*|rectum|anal bleed*|blood; brbpr; hematochezia; haematochezia
        blood*|bright stool*|bowel*|poop
        """,
        snomed="12063002",
        icd10="K625",
    ),
    concept(
        "haemoptysis",
        "cough* blood*; hemoptysis; haemoptysis",
        snomed="66857006",
        icd10="R042",
    ),
    concept(
        "epistaxis",
        "nosebleed*; nose bleed*; epistaxis",
        snomed="249366005",
        icd10="R040",
    ),
    concept(
        "bleeding",
        "bleed*; bleeding; haemorrhag*; hemorrhag*; blood loss|urine|stool",
        snomed="131148009",
        icd10="R58",
    ),
    concept(
        "vaginal-bleeding",
        """
        vaginal*|pv bleed*|blood|spotting; heavy period|bleeding menstru*
        menorrhagia; miscarr*; passing clots
        """,
        snomed="289530006",
        icd10="N93 O20 O03 O46 O72",
    ),
    concept(
        "ectopic",
        "ectopic pregnan*; ectopic !beat|beats",
        snomed="34801009",
        icd10="O00",
    ),
    concept(
        "missed-period",
        "missed|late period|menses; weeks since period; positive pregnan* test",
    ),
    concept(
        "torsion",
        """
        testic*|testes|testis|scrot*|ball|balls pain|pains|swell*|swollen|tender*|
            torsion|hurt*
        ovarian|ovary torsion; testicular torsion
        """,
        snomed="81996005",
        icd10="N44 N835",
    ),
    concept(
        "flank-pain",
        """
        flank|loin|kidney pain|colic; renal|ureteric colic; kidney stone|stones
        nephrolithiasis
        """,
        snomed="7093002",
        icd10="N20 N23",
    ),
    concept(
        "urinary-infection",
        """
        uti; urinary|urine|kidney infection; pyeloneph*; dysuria
        burning urinat*|peeing|pee
        """,
        snomed="68566005",
        icd10="N390 N10",
    ),
    concept(
        "leg-thrombosis",
        "dvt; thrombosis; calf pain|swollen|swelling; swollen|swelling leg !legs",
        snomed="128053003",
        icd10="I80 I82",
    ),
    concept("weakness", "weak*; fatigue*; dizz*; lightheaded*; vertigo; malaise"),
    concept("fall", "fall; fell; fallen; falls !asleep", icd10="W0 W1"),
    concept(
        "rigors",
        "rigor*; shaking chills; shivering !cold; uncontroll* shaking|shivering",
    ),
    concept(
        "back-pain",
        "back|flank|loin pain|pains|ache|hurts",
        snomed="161891005",
        icd10="M545 M549",
    ),
    concept(
        "cauda-equina",
        """
        saddle numb*|anaesthesia|anesthesia|paraesthesia; cauda equina
        back pain|hurts cannot|cant|unable urinate|pee|walk; incontinen* back pain
        """,
        icd10="G834",
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
        "fever*; febrile; pyrexi*; high temp|temperature",
        snomed="386661006",
        icd10="R50",
    ),
    concept(
        "vomiting",
        "vomit*; throwing up; emesis; puking",
        snomed="422400008",
        icd10="R11",
    ),
    concept(
        "ketoacidosis",
        """
        dka; ketoacidosis; ketones high|positive|large|moderate; high|large ketones
        fruity breath
        """,
        snomed="420422005",
        icd10="E101 E111 E131",
    ),
    concept(
        "hypoglycaemia",
        "hypoglyc*; low blood sugar|glucose; sugar|glucose low",
        snomed="302866003",
        icd10="E160 E161 E162 E1064 E1164",
    ),
    concept(
        "sickle-crisis",
        "sickle crisis|pain|cell; vaso occlusive; vasoocclusive",
        snomed="417425009",
        icd10="D570",
    ),
    concept(
        "severe-pain",
        "severe|worst|excruciating|unbearable|agonizing|agonising pain|colic|ache",
    ),
    concept(
        "limb-ischaemia",
        """
        cold|blue|pulseless|white leg|arm|foot|hand|limb pain*|pulse*|pale
        cold numb|pale leg|arm|foot|hand; sudden* cold leg|arm|foot|hand
        pulseless leg|arm|foot|hand|limb; acute limb ischaemia|ischemia
        compartment syndrome; cold blue leg|arm|foot|hand|limb
        """,
        icd10="I743 I742 T79A",
    ),
    concept(
        "carer-concern",
        """
        not himself|herself|themselves; not acting right|normal|usual
        different than usual; something wrong
        """,
    ),
)
