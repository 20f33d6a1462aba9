"""Names and codes of medicines that change what a sign or a complaint means."""

from domain.floor.concepts import Concept, concept

MEDICINES: tuple[Concept, ...] = (
    concept(
        "anticoagulant",
        """
        warfarin; coumadin; apixaban; eliquis; rivaroxaban; xarelto; dabigatran; pradaxa
        edoxaban; savaysa; lixiana; enoxaparin; lovenox; heparin; dalteparin
        fondaparinux; arixtra; bivalirudin; argatroban
        anticoag*; blood thinner|thinners|thinning; noac; doac; phenprocoumon
        marcumar; acenocoumarol; tinzaparin
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
    concept(
        "antiplatelet",
        """
        clopidogrel; plavix; ticagrelor; brilinta; prasugrel; effient
        dipyridamole; ticlopidine; antiplatelet* !aspirin
        """,
        atc="B01AC04 B01AC05 B01AC07 B01AC22 B01AC24 B01AC30",
        rxnorm="32968 1116632 613391 3521",
    ),
    concept(
        "sglt2-inhibitor",
        """
        empagliflozin; jardiance; dapagliflozin; farxiga; forxiga; canagliflozin
        invokana
        ertugliflozin; steglatro; sglt2*; sotagliflozin
        """,
        atc="A10BK A10BD15 A10BD16 A10BD20 A10BD21 A10BD23",
        rxnorm="1545653 1488564 1373458",
    ),
    concept(
        "steroid",
        """
        prednisone; prednisolone; dexamethasone; methylprednisolone; hydrocortisone
            !cream|ointment|topical; medrol; decadron; betamethasone !cream|ointment
        budesonide !inhal*|nasal; cortisone
        """,
        atc="H02AB",
        rxnorm="8640 8638 3264 6902 5492",
    ),
)
