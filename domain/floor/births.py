"""Words and codes of pregnancy, birth and the weeks after it."""

from domain.floor.concepts import Concept, concept

BIRTHS: tuple[Concept, ...] = (
    concept(
        "pregnancy",
        """
        pregnan* !test|negative|not|ago|prevent*; weeks gestation|gravid|gestational
        iup
        """,
        snomed="77386006",
        icd10="Z33 Z34 O0 O1 O2 O3 O4",
    ),
    concept(
        "labour",
        """
        active|preterm|premature labor|labour; crowning; breech; cord prolapse
        water|waters broke|broken|breaking
        contractions|contracting minutes|regular|every|
            strong|painful|since
        going into labor|labour; membranes ruptured|rupture; =srom; =pprom; =prom
        """,
        icd10="O60 O62 O63 O64 O80 O42",
    ),
    concept(
        "imminent-delivery",
        """
        crowning; pushing !stroller|button|pedal|through contraction*|baby|labor|labour|
            birth|urge|involuntar*|deliver*
        head|foot|feet|cord|buttocks|hand|arm|limb visible|showing|out|hanging|coming
            introitus|vagina|baby|babys|birth|deliver*
        fully|completely dilated|dilation; urge push; feels|feel|needs|need to push
        baby coming now|out; cord prolapse*
        breech visible|showing|presenting|presentation
        prolapsed cord; =precipitous delivery; delivering now; =born before arrival
        gave|given birth car|home|toilet|ambulance|taxi; bearing down
        """,
        icd10="O690",
    ),
    concept(
        "eclampsia",
        """
        eclamp*; preeclamp*; =pre eclampsia; hellp
        pregnan*|postpartum seizure|seizures|
            convuls*
        """,
        snomed="398254007 15938005",
        icd10="O14 O15",
    ),
    concept(
        "obstetric-alarm",
        """
        baby|fetal|foetal|fetus not|no|less|reduced|decreased|absent mov*|kicks|kicking
        placental|placenta abrupt*|previa|praevia; abruptio*; uterine rupture
        ~fluid|water leaking pregnan*|weeks
        ~pregnan* fell|fall|crash|mvc|mva|accident|assault*|
            trauma|hit|kicked|punched abdom*|stomach|belly|bump
        """,
        icd10="O45 O710 O3681",
    ),
    concept(
        "postpartum",
        """
        postpartum; post partum; gave birth
        after|since delivery|childbirth|birth|section
        just|recently delivered; delivered weeks|days ago; =had a baby; =had my baby
        """,
        icd10="Z39 O85 O86 O90",
    ),
    concept(
        "ectopic",
        "ectopic|tubal pregnan*; ectopic !beat|beats|heartbeat*",
        snomed="34801009",
        icd10="O00",
    ),
    concept(
        "missed-period",
        """
        missed|late|no period|menses; weeks since period; positive pregnan* test
        weeks last period|lmp; amenorrh*
        """,
    ),
)
