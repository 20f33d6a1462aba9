"""Words and codes of what the patient has and takes, which change what signs mean."""

from domain.floor.concepts import Concept, concept

HISTORIES: tuple[Concept, ...] = (
    concept(
        "pregnancy",
        "pregnan* !test|negative|not; weeks gestation|gravid",
        snomed="77386006",
        icd10="Z33 Z34 O0 O1 O2 O3 O4",
    ),
    concept(
        "labour",
        """
        active|preterm|premature labor|labour; crowning; breech; cord prolapse
        water|waters broke|broken; contractions minutes|regular|pushing|every
        """,
        icd10="O60 O62 O63 O64 O80",
    ),
    concept(
        "postpartum",
        "postpartum; post partum; gave birth; after delivery; just delivered",
        icd10="Z39 O85 O86 O90",
    ),
    concept(
        "diabetes",
        "diabet*; dm; t1dm; t2dm; iddm; niddm",
        snomed="73211009 44054006 46635009",
        icd10="E10 E11 E12 E13 E14",
    ),
    concept(
        "immunosuppression",
        """
        immunosuppress*; immunocomprom*; immunodefic*; neutropen*; chemo|chemotherapy
        transplant* kidney|renal|liver|heart|lung|bone|marrow|stem|organ; transplant
        leukemia; leukaemia; aids; asplen*; splenectomy
        """,
        snomed="165517008 234532001 303011007",
        icd10="D70 D80 D81 D82 D83 D84 Z94 B20 C91 C92 C93 C94 C95 D61",
    ),
    concept(
        "cancer",
        "cancer; metasta*; lymphoma; leukemia; leukaemia; tumor; tumour; carcinoma",
        snomed="363346000",
        icd10="C",
    ),
    concept("sickle-cell", "sickle", snomed="417357006", icd10="D57"),
    concept(
        "haemophilia",
        "hemophil*; haemophil*; von willebrand; factor viii|ix deficiency",
        snomed="90935002",
        icd10="D66 D67 D680",
    ),
    concept(
        "anticoagulant",
        """
        warfarin; coumadin; apixaban; eliquis; rivaroxaban; xarelto; dabigatran; pradaxa
        edoxaban; savaysa; lixiana; enoxaparin; lovenox; heparin; dalteparin
        fondaparinux
        anticoag*; blood thinner*; phenprocoumon; marcumar; acenocoumarol; tinzaparin
        """,
        atc="B01AA B01AB B01AE B01AF B01AX05",
        rxnorm="11289 1364430 1114195 1599538 67108 5224",
    ),
    concept(
        "glucose-lowering",
        """
        insulin; lantus; humalog; novolog; novorapid; levemir; tresiba; glargine; lispro
        glipizide; glyburide; glibenclamide; glimepiride; gliclazide; sulfonylurea*
        sulphonylurea*; repaglinide
        """,
        atc="A10A A10BB A10BX02",
        rxnorm="4821 4815 25789 253182",
    ),
    concept(
        "immunosuppressant",
        """
        methotrexate; azathioprine; tacrolimus; ciclosporin; cyclosporine; mycophenolate
        cyclophosphamide; rituximab; adalimumab; infliximab; etanercept
        chemo|chemotherapy
        prednisone; prednisolone; dexamethasone; methylprednisolone; capecitabine
        fluorouracil; cisplatin; carboplatin; doxorubicin; paclitaxel; docetaxel
        imatinib
        """,
        atc="L01 L04 H02AB",
        rxnorm="6851 1256 42316 3008 68149 8640 8638 3264",
    ),
    concept(
        "beta-blocker",
        """
        metoprolol; bisoprolol; atenolol; propranolol; carvedilol; labetalol; nebivolol
        sotalol; nadolol; timolol !eye|eyes|ophthalmic; beta blocker*
        """,
        atc="C07",
        rxnorm="6918 19484 1202 8787 20352 6185 31555 9947 7226",
    ),
)
