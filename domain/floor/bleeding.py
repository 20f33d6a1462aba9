"""Words and codes of bleeding, by where the blood comes from."""

from domain.floor.concepts import Concept, concept

BLEEDING: tuple[Concept, ...] = (
    concept(
        "haematemesis",
        """
        vomit*|throwing|threw|puking|puked bright|red blood !pressure
        puking|puked blood
        vomit*|vomitus|emesis blood*|bloody !pressure; =threw|throwing up blood|bloody
        blood vomit|vomitus|emesis; =hematemesis; haematemesis; hematemes*; haematemes*
        coffee ground|grounds
        """,
        snomed="8765009",
        icd10="K920 I850",
    ),
    concept(
        "melaena",
        """
        melena; melaena; tarry stool*|poop|bowel*; black tarry; =black stool|stools
        black poop|bowel* !iron
        gi|gastrointestinal|gib|variceal|varices bleed*|haemorrhage|hemorrhage
        =ugib; =lgib; =gib
        """,
        snomed="2901004 74474003",
        icd10="K921 K922",
    ),
    concept(
        "rectal-bleeding",
        """
        rectal*|rectum|anal|anus|bottom bleed*|blood; brbpr; hematochezi*; haematochezi*
        blood*|bright|maroon stool*|bowel*|poop|diarrh*|toilet|feces|faeces; =pr bleed*
        """,
        snomed="12063002",
        icd10="K625",
    ),
    concept(
        "haemoptysis",
        """
        cough* blood*|bloody; hemoptys*; haemoptys*; blood* sputum|phlegm
        spitting|spit blood
        """,
        snomed="66857006",
        icd10="R042",
    ),
    concept(
        "massive-haemoptysis",
        """
        cough* ml|cup|cups|cupful|cupfuls|pint|bowl|basin|liter|litre|tablespoons blood
        massive|large|copious|profuse|torrential|brisk hemoptys*|haemoptys*
        actively|continuously|still hemoptys*|haemoptys*
        cough* lots|lot|large|massive|huge blood
        drowning|choking|suffocating blood
        """,
    ),
    concept(
        "epistaxis",
        "nosebleed*; nose|nasal|nostril* bleed*|blood|bloody; epistaxis",
        snomed="249366005",
        icd10="R040",
    ),
    concept(
        "bleeding",
        """
        bleed*; bleeding; bled; haemorrhag*; hemorrhag*
        blood loss|stool !pressure|sample|test
        """,
        snomed="131148009",
        icd10="R58",
    ),
    concept(
        "haematuria",
        """
        hematuri*; haematuri*; blood* urine|pee|peeing|urinating|wee; red urine|pee
        clot|clots urine|catheter|foley
        """,
        snomed="34436003",
        icd10="R31",
    ),
    concept(
        "vaginal-bleeding",
        """
        vaginal*|vagina|pv bleed*|blood|spotting !pressure
        heavy period|bleeding menstru*; menorrhagia; miscarr*; passing clots !urine
        uterine|menstrual|postmenopausal|womb bleed*|hemorrhage|haemorrhage
        =heavy|bleeding period; =heavy periods; =spotting; threatened abortion
        """,
        snomed="289530006",
        icd10="N93 N921 N92 O20 O03 O46 O72",
    ),
    concept(
        "heavy-vaginal-bleeding",
        """
        soaking|soaked|soaks|saturating|filling|changing pad|pads|tampon|tampons
        heavy|profuse|severe|massive|flooding|gushing vaginal*|pv|menstrual|period|
            postpartum bleed*|blood|hemorrhage|haemorrhage
        passing|passed large|big|golf|fist clots|clot|ball|size|sized
        clots|clot size|sized golf|fist|ball|balls|egg|orange|plum !urine|nose|lung
        ~flooding|gushing menstrual|vaginal*|period bleed*
        bleeding hour|hourly pad|pads; postpartum|pph hemorrhage|haemorrhage
        """,
        icd10="O72",
    ),
    concept(
        "bleeding-after-procedure",
        """
        post|after tonsil*|tonsillectomy bleed*|blood; tonsil* bleed*
        fistula|avf|graft|shunt bleed*|oozing|blood
        """,
        icd10="T810 J9583",
    ),
)
