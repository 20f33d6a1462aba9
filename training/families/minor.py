"""What can wait, and what must not be mistaken for it."""

from training.scenario import FIVE, FOUR, TWO, Degree, Family, Strain

_C = "ESI handbook v5 (ENA 2023), decision point C"


def _simple(
    name: str,
    complaint: str,
    why: str,
    *,
    years: tuple[float, float],
    absent: tuple[str, ...] = (),
) -> Family:
    """Return a complaint that needs no resource."""
    return Family(
        name=name,
        why=why,
        citation=_C,
        years=years,
        minutes=(1000, 20000),
        degrees=(
            Degree(
                name="simple",
                acuity=FIVE,
                strain=(0, 1),
                core=((complaint,),),
                pain=(0, 2),
            ),
        ),
        absent=absent,
        history={"hay fever": 0.15},
    )


FAMILIES = (
    _simple("refill", "refill", "A prescription needs no resource.", years=(18, 49)),
    _simple(
        "stitches",
        "stitches",
        "Removing stitches needs no resource.",
        years=(8, 70),
        absent=("fever",),
    ),
    _simple("certificate", "certificate", "A form needs no resource.", years=(18, 60)),
    _simple(
        "insect-bite",
        "insect-bite",
        "A local itch needs no resource.",
        years=(6, 70),
        absent=("breathless", "tongue-swelling", "hives"),
    ),
    _simple(
        "mild-rash",
        "rash-mild",
        "An itch without fever needs no resource.",
        years=(6, 60),
        absent=("fever", "tongue-swelling", "breathless"),
    ),
    _simple(
        "dry-mouth",
        "dry-mouth",
        "A known mild side effect needs advice.",
        years=(20, 64),
    ),
    _simple(
        "sticky-eye",
        "red-eye",
        "A sticky eye that sees well needs no resource.",
        years=(5, 70),
        absent=("light-hurts", "vision-gone"),
    ),
    Family(
        name="toothache",
        why="Toothache without swelling belongs to a dentist.",
        citation="SDCEP acute dental problems 2013; " + _C,
        years=(8, 80),
        minutes=(600, 8000),
        degrees=(
            Degree(
                name="alone",
                acuity=FOUR,
                strain=(0, 1),
                core=(("tooth",),),
                pain=(3, 7),
            ),
        ),
        absent=("fever", "drooling"),
        medicines={"ibuprofen": 0.3},
    ),
    Family(
        name="nosebleed",
        why="A nosebleed that stopped is routine; on a blood thinner it is not.",
        citation="Tunkel DE et al., AAO-HNS nosebleed guideline 2020",
        years=(6, 88),
        minutes=(20, 400),
        strain=Strain(heart=0.3, systolic=-0.1),
        degrees=(
            Degree(
                name="on a blood thinner",
                acuity=TWO,
                strain=(0.3, 1),
                weight=0.4,
                core=(("nosebleed",), ("faint-feeling",)),
            ),
            Degree(
                name="stopped",
                acuity=FOUR,
                strain=(0, 0.1),
                weight=0.6,
                core=(("nosebleed",),),
            ),
        ),
        medicines={"warfarin": 0.2, "apixaban": 0.15},
    ),
    Family(
        name="chest-wall-strain",
        why="A sore spot in a young person still gets an electrocardiogram.",
        citation="Gulati M et al., 2021 AHA/ACC chest pain guideline",
        years=(18, 35),
        minutes=(600, 8000),
        degrees=(
            Degree(
                name="sore",
                acuity=FOUR,
                strain=(0, 1),
                core=(("chest-sore",),),
                pain=(2, 5),
            ),
        ),
        absent=("breathless", "sweating", "fainted"),
    ),
    Family(
        name="priapism",
        why="Each hour costs tissue.",
        citation="Bivalacqua TJ et al., AUA/SMSNA priapism guideline 2022",
        years=(14, 60),
        minutes=(240, 900),
        female=0.0,
        degrees=(
            Degree(
                name="painful",
                acuity=TWO,
                strain=(0, 1),
                core=(("priapism",),),
                pain=(6, 10),
            ),
        ),
        history={"sickle cell disease": 0.3},
        medicines={"trazodone": 0.2},
    ),
)
