"""Red flags of limbs, joints, the spine and the skin."""

from domain.floor.ages import years
from domain.floor.flag import ONE, THREE, TWO, RedFlag, flag

VESSELS = "ESI handbook v5 (ENA 2023), ch. 4, neurovascular compromise"
CORD = "NICE NG234 spinal metastases; GIRFT cauda equina pathway 2023"
BONES = "NICE NG37 complex fractures; ESI handbook v5 (ENA 2023), ch. 4"
FROM_65 = years(65)

SIX_HOURS = "Muscle and nerve die within six hours."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(TWO, "limb-ischaemia", "A limb without blood.", SIX_HOURS),
        citation=VESSELS,
    ),
    flag(
        *(TWO, "compartment-syndrome", "Compartment syndrome possible.", SIX_HOURS),
        citation=VESSELS,
    ),
    flag(TWO, "amputation", "Amputation.", SIX_HOURS, citation=VESSELS, worse=ONE),
    flag(
        *(TWO, "open-fracture", "An open fracture."),
        "Antibiotics within an hour decide about the limb.",
        citation=BONES,
        worse=ONE,
    ),
    flag(
        *(THREE, "hip-fracture", "A fracture of hip or pelvis possible."),
        "It bleeds inside, hurts, and needs imaging and surgery.",
        citation=BONES,
        worse=TWO,
    ),
    flag(
        *(TWO, "cauda-equina", "Cauda equina syndrome possible."),
        "Bladder and legs are lost within a day or two.",
        citation=CORD,
    ),
    flag(
        *(TWO, "spinal-injury", "An injury of the spine possible."),
        "Movement can cut the cord; breathing may fail.",
        citation="NICE NG41 spinal injury",
        worse=ONE,
    ),
    flag(
        *(THREE, "hot-joint", "A joint that may be infected."),
        "A septic joint is destroyed within days: it needs aspiration.",
        citation="BSR hot swollen joint guideline 2006",
        worse=TWO,
    ),
    flag(
        *(TWO, "major-burn", "A burn that is large or in a critical place."),
        "Swelling, fluid loss and deep burns need a burn centre.",
        citation="ABA burn centre referral guideline 2022",
        worse=ONE,
    ),
    flag(
        *(THREE, "fall", "A fall in the elderly."),
        "The injury and the cause of the fall must both be found.",
        ages=FROM_65,
    ),
)
