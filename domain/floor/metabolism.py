"""Words and codes of sugar, salts and hormones, and of heat and cold."""

from domain.floor.concepts import Concept, concept

METABOLISM: tuple[Concept, ...] = (
    concept(
        "ketoacidosis",
        """
        dka; ketoacidosis; ketones high|positive|large|moderate|elevated|raised
        high|large ketones; fruity|acetone breath*
        """,
        snomed="420422005",
        icd10="E101 E111 E131",
    ),
    concept(
        "hypoglycaemia",
        """
        hypoglyc*; low|dropped blood sugar|sugars|glucose|bg|bs
        sugar|sugars|glucose|bg|bs low
        diabetic hypo|low; =having a hypo; glucagon given|gave|used
        """,
        snomed="302866003",
        icd10="E160 E161 E162 E1064 E1164",
    ),
    concept(
        "hyperglycaemia",
        """
        hyperglyc*; high|elevated|raised sugar|sugars|glucose|bg|bs|bgl
        glucometer|meter reads|reading|says hi|high
        sugar|sugars|glucose high|elevated|over|raised
        hhs; honk; hyperosmolar
        """,
        icd10="R739 E1065 E1165 E110",
    ),
    concept(
        "thirst",
        """
        polyuri*; polydips*; thirst*; excessive|increased|constantly|frequent|always
            urinat*|peeing|drinking|thirst*
        peeing lot|constantly|all|nonstop
        """,
        snomed="17173007 28442001",
        icd10="R35 R631",
    ),
    concept(
        "missed-insulin",
        """
        missed|missing|skipped|ran|run|out|without|stopped|no|forgot insulin
        insulin pump fail*|broke*|off|disconnect*|malfunction*|out
        insulin run|ran out; not taking|taken|took|have insulin
        """,
    ),
    concept(
        "adrenal-crisis",
        """
        adrenal crisis|insufficien*|failure; addison*; addisonian
        missed|ran|out|stopped|vomit* hydrocortisone
        """,
        icd10="E272 E274 E271",
    ),
    concept(
        "thyroid-storm",
        "thyroid storm|crisis; thyrotoxic crisis|storm; myxedema|myxoedema coma|crisis",
        icd10="E055 E035",
    ),
    concept(
        "potassium",
        """
        hyperkal*; high|elevated|raised|critical potassium
        potassium high|elevated|6|7|8
        missed|skipped dialysis|hemodialysis|haemodialysis|hd !never
        """,
        icd10="E875",
    ),
    concept(
        "heat-illness",
        """
        heat stroke|stroked|exhaustion|exhausted|collapse*|illness; heatstroke
        working|worked|running|ran|marathon|football|outside|car heat|hot collaps*|
            confus*|passed|fainted|unresponsive|delirious
        left|locked hot car
        skin|body very|burning hot dry !eye
        """,
        snomed="52072009",
        icd10="T67",
    ),
    concept(
        "told-temperature",
        "temperaturefrom38; fever high|degrees",
    ),
    concept(
        "very-high-temperature",
        "temperaturefrom40; hyperpyrexi*; hypertherm*; burning up",
    ),
    concept(
        "cold-exposure",
        """
        ~found|lying|slept outside|outdoors cold|snow|freezing|frozen
        hypotherm*; found outside cold|snow|freezing|frozen; frostbit*
        frozen fingers|toes
        fell icy|freezing water|lake|river
        """,
        snomed="386689009",
        icd10="T68 R680 T33 T34",
    ),
    concept(
        "dialysis",
        """
        dialysis; hemodialysis; haemodialysis; esrd; =on hd; =pd catheter; eskd
        end stage renal|kidney; dialyz*; dialys*
        """,
        icd10="Z992 N186 Z4931 Z491",
    ),
    concept(
        "dehydration",
        """
        dehydrat*; dry mouth|mucous
        not|no|nothing drinking|fluids|intake down|fluids|water; =poor po
        """,
        icd10="E86",
    ),
)
