"""Visits that cannot wait. Every patient is invented."""

from gateway.demo.measurements import (
    alertness,
    breathing,
    celsius,
    confused,
    fahrenheit,
    glucose,
    heart_rate,
    pain,
    pregnant,
    pressure,
    saturation,
    six,
)
from gateway.demo.visit import (
    SNOMED,
    Channel,
    Code,
    Decision,
    Medicine,
    Person,
    Visit,
)

DIABETES = Code(SNOMED, "44054006", "Diabetes mellitus type 2")
METFORMIN = Medicine("Metformin 1000 mg tablet", "6809", "1 tablet twice a day")

EMERGENCIES: tuple[Visit, ...] = (
    Visit(
        key="chest-pain",
        person=Person(given="Halvard", family="Brekke", gender="male", years=61),
        complaint="Crushing chest pain for 40 minutes, spreading to the left arm",
        code=Code(SNOMED, "29857009", "Chest pain"),
        measured=(*six("104", "20", "95", "152/94", celsius("36.8")), pain("8")),
        takes=(
            Medicine("Atorvastatin 40 mg tablet", "83367", "1 tablet at night"),
            Medicine("Aspirin 100 mg tablet", "1191", "1 tablet in the morning"),
        ),
        has=(Code(SNOMED, "38341003", "Hypertensive disorder"),),
    ),
    Visit(
        key="stroke",
        person=Person(given="Amara", family="Okonjo", gender="female", years=72),
        complaint="Facial droop on the right and slurred speech, began 50 minutes ago",
        channel=Channel.CONDITION,
        measured=(*six("88", "18", "96", "178/96", celsius("36.6")), glucose("6.1")),
        takes=(Medicine("Ramipril 5 mg capsule", "35296", "1 capsule a day"),),
        decision=Decision(
            decision="corrected",
            correction="Last seen well 50 minutes ago by her son; right arm drifts. "
            "Stroke team called, glucose 6.1 mmol/L.",
        ),
    ),
    Visit(
        key="sepsis",
        person=Person(given="Bogdan", family="Petrescu", gender="male", years=68),
        complaint="Fever, shaking chills and cough with green sputum since two days",
        channel=Channel.OBSERVATION,
        measured=(
            heart_rate("124"),
            breathing("27"),
            saturation("91"),
            pressure("96", "54"),
            celsius("39.4"),
            confused(),
        ),
        takes=(
            METFORMIN,
            Medicine("Tiotropium 18 ug inhalation", "69120", "once a day"),
        ),
        has=(DIABETES,),
        allergic_to=(Code(SNOMED, "764146007", "Penicillin"),),
    ),
    Visit(
        key="anaphylaxis",
        person=Person(given="Noor", family="Haddad", gender="female", years=24),
        complaint="Stung by a bee 15 minutes ago: hives, swollen lips, short of breath",
        measured=(
            heart_rate("132"),
            breathing("28"),
            saturation("92"),
            pressure("84", "48"),
            celsius("36.7"),
            alertness(),
        ),
        takes=(Medicine("Cetirizine 10 mg tablet", "20610", "when needed"),),
        allergic_to=(Code(SNOMED, "288328004", "Bee venom"),),
    ),
    Visit(
        key="asthma-child",
        person=Person(given="Tariq", family="Aziz", gender="male", years=8),
        complaint="Asthma attack since this morning, cannot speak in full sentences",
        code=Code(SNOMED, "195967001", "Asthma"),
        measured=(
            heart_rate("146"),
            breathing("38"),
            saturation("89"),
            celsius("37.1"),
            alertness(),
        ),
        takes=(
            Medicine("Salbutamol 100 ug inhaler", "435", "2 puffs when needed"),
            Medicine("Budesonide 100 ug inhaler", "19831", "1 puff twice a day"),
        ),
    ),
    Visit(
        key="infant-fever",
        person=Person(given="Leilani", family="Kahale", gender="female", days=47),
        complaint="Warm since this morning and feeding less",
        measured=(
            heart_rate("168"),
            breathing("52"),
            saturation("97"),
            fahrenheit("101.5"),
            alertness(),
        ),
    ),
    Visit(
        key="pregnant-headache",
        person=Person(given="Sofia", family="Marchetti", gender="female", years=31),
        complaint="34 weeks pregnant, bad headache and blurred vision since last night",
        measured=(*six("96", "18", "97", "168/112", celsius("36.9")), pregnant()),
        takes=(Medicine("Labetalol 200 mg tablet", "6185", "1 tablet twice a day"),),
    ),
    Visit(
        key="warfarin-head-injury",
        person=Person(given="Gertrud", family="Lindqvist", gender="female", years=81),
        complaint="Fell in the bathroom and hit her head. Denies loss of "
        "consciousness, denies headache",
        measured=six("72", "16", "97", "138/78", celsius("36.5")),
        takes=(
            Medicine("Warfarin 5 mg tablet", "11289", "by INR"),
            Medicine("Bisoprolol 2.5 mg tablet", "19484", "1 tablet in the morning"),
        ),
        has=(Code(SNOMED, "49436004", "Atrial fibrillation"),),
    ),
    Visit(
        key="low-glucose",
        person=Person(given="Desmond", family="Achieng", gender="male", years=58),
        complaint="Found confused and pale by his wife",
        measured=(
            heart_rate("108"),
            breathing("18"),
            saturation("97"),
            pressure("132", "80"),
            fahrenheit("97.5"),
            confused(),
            glucose("2.3"),
        ),
        takes=(
            Medicine("Insulin glargine 100 U/mL pen", "274783", "24 units at night"),
            METFORMIN,
        ),
        has=(DIABETES,),
    ),
    Visit(
        key="ketoacidosis",
        person=Person(given="Ingrid", family="Solheim", gender="female", years=35),
        complaint="Vomiting since yesterday, very thirsty",
        measured=(
            *six("112", "26", "98", "112/70", celsius("36.9")),
            glucose("23.6"),
        ),
        takes=(
            METFORMIN,
            Medicine("Empagliflozin 10 mg tablet", "1545653", "1 tablet a day"),
        ),
        has=(DIABETES,),
    ),
)
