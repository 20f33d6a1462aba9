"""Words and codes of harm to oneself and to others, and of a mind in crisis."""

from domain.floor.concepts import Concept, concept

_SELF = "myself|himself|herself|themselves|self|oneself"

MIND: tuple[Concept, ...] = (
    concept(
        "suicidal",
        f"""
        suicid*; kill|killing|harm|harming|hurt|hurting|cut|cutting {_SELF}
        wants|want|wanting|wish|wishes|wanted die|dead; end|ending life|everything
        self harm*; better off dead|without !doctor
        not|dont|doesnt want|wanting|wants live|alive|here; si !joint|joints
        no|nothing reason live; =si; plan|planning die|suicid*|overdose
        hang|shoot|stab {_SELF}; slit|cut wrists|wrist; thoughts dying|death|ending
        """,
        snomed="6471006 82313006",
        icd10="R45851 T1491 X6 X7 X80 X81 X82 X83 X84",
    ),
    concept(
        "psychosis-or-violence",
        """
        homicid*; kill|killing people|him|her|someone|them|everyone|coworker|others
        hallucinat* !asleep|sleep|hypnagogic|hypnopompic; psychosis|psychotic
        hearing|hears voices; combative|violent !coughing|cough; paranoi* delusion*
        hurt|hurting|harm|harming someone|others|people|him|her|them !will
        paranoi*; delusion*; command voices|hallucinat*; =hi with plan
        schizo* off|stopped|decompensat*|relapse; seeing things there
        threatening|attacked|assaultive staff|family|others|people|kill
        """,
        snomed="7011001 69322001",
        icd10="R443 R440 R45850 F23 F29",
    ),
    concept(
        "mania",
        """
        mania; manic !depressive; grandios*
        not|havent|hasnt|no|without|barely sleep|slept|sleeping four|three|five|six|
            several|3|4|5|6|7 days|nights !cough*|pain|baby
        not|havent|hasnt|no|without|barely sleep|slept|sleeping days energy|incredible|
            amazing|racing|spending|talking|god|mission
        racing thoughts; pressured speech; ~bipolar off|stopped|manic|elevated
        ~not|havent|hasnt|no|without|barely sleep|slept|sleeping energy|incredible|
            racing
        """,
        snomed="231494001",
        icd10="F30 F311 F312",
    ),
    concept(
        "agitation",
        "agitat* !well; aggressive|aggression behav*|patient|toward*; restrain*",
        icd10="R451",
    ),
    concept(
        "anxiety",
        "anxi*; panic; depress* !fracture; stress*; nervous*",
        snomed="48694002 35489007",
        icd10="F41 F32 F33",
    ),
    concept(
        "sexual-assault",
        """
        sexual* assault*|abus*|violen*|attack*|molest*; rape|raped; molested
        forced sex; drink spiked; =sane exam
        """,
        icd10="T742 T762 Z0441",
    ),
    concept(
        "abuse",
        """
        domestic|partner|spous*|husband|boyfriend violence|abuse*|beat|beats|hit|hits|
            assault*
        elder|child abuse|abused|neglect* !sexual*
        child|elder physical|physically|suspected abuse*|neglect*; non accidental injury
        nai suspected; physically abused; strangled partner|husband|boyfriend
        """,
        icd10="T741 T761 T744",
    ),
)
