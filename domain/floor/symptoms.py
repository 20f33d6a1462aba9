"""Words and codes of the chest, the brain and the senses."""

from domain.floor.concepts import Concept, concept

SYMPTOMS: tuple[Concept, ...] = (
    concept(
        "chest-pain",
        """
        chest|chst|cheast|chets|chect pain|pian|pains|painful|pressure|tight*|heav*|
            hurt*|discomfort|ache|aches|
            aching|squeez*|crushing|burning|sore
        cp !cerebral|palsy; angina; elephant chest; heart attack; stemi; nstemi; acs; mi
        myocardial infarction; acute coronary
        """,
        snomed="29857009 22298006 394659003 194828000 4557003",
        icd10="I20 I21 I22 I24 R072 R074 R0789",
    ),
    concept(
        "dissection",
        """
        tearing|ripping chest|back|abdom* pain
        aortic|aorta dissect*|rupture*|aneurysm; ruptured aneurysm; aaa
        """,
        snomed="308546005",
        icd10="I710 I711 I713 I715",
    ),
    concept(
        "embolism",
        "pulmonary embol*; lung clot",
        snomed="59282003",
        icd10="I26",
    ),
    concept(
        "syncope",
        """
        syncop*; passed|passing|passes out
        faint|fainted|fainting|faints !feels|feeling|feel
        collaps* !lung; blacked|blacking|blackout out
        lost|loss|loosing|losing consciousness
        unconscious episode; loc !no
        """,
        snomed="271594007",
        icd10="R55",
    ),
    concept(
        "palpitations",
        "palpitation*; heart racing|pounding|fluttering; racing heart",
        snomed="80313002",
        icd10="R002",
    ),
    concept(
        "stroke",
        """
        stroke|strokes !heat; cva; tia
        face|facial|mouth droop*|drooping|numb*|weak*|asymmetr*
        slur*|garbled speech|words|talking; slurring; aphasi*; dysphasi*; dysarthri*
        speech difficult*|trouble|problem|problems|loss|lost
        cannot|cant|unable|trouble|difficulty speak*|talk* !sentence|sentences|breath*
        sudden*|one|left|right side|sided|arm|leg|face|hand weak*|numb*|paraly*|paresis
        sudden* weak*|numb*|paraly*; hemipar*|hemipleg*|hemianop*
        motor weak*|deficit; facial palsy; parapar*; tetrapar*; quadripar*
        arm|leg|side|limb paraly*; arm drift; sudden* balance|coordination
        """,
        snomed="230690007 422504002 266257000",
        icd10="I60 I61 I63 I64 G45 R4781 R2981 G81 R470",
    ),
    concept(
        "intracranial-bleeding",
        """
        ich; sdh; sah; subdural; subarachnoid
        intracranial|intracerebral|brain|cerebral bleed*|haemorrhag*|hemorrhag*
        """,
        snomed="21454007",
        icd10="I60 I61 I62",
    ),
    concept(
        "thunderclap",
        """
        worst|thunderclap|explosive headache|migraine|head; thunderclap
        sudden* severe headache; sudden* onset headache; subarachnoid
        """,
        snomed="21454007",
        icd10="I60",
    ),
    concept(
        "headache",
        "headache*; head pain|hurts|hurting; migraine*",
        snomed="25064002",
        icd10="R51 G43",
    ),
    concept(
        "neck-stiffness",
        "neck stiff*|stiffness; meningitis; meningism*; photophobi* fever",
        snomed="7180009",
        icd10="G00 G01 G03 A390 R291",
    ),
    concept(
        "visual-loss",
        """
        sudden* vision|sight|blind*|visual loss|lost|lose|losing|gone|blind*|change*
        vision|visual|sight loss|lost; lost|losing|loss vision|sight|eyesight
        declining vision; double vision; diplopia; went|going|gone blind
        cannot|cant see !doctor|gp|anyone
        """,
        icd10="H340 H341 H342 H532 H5313 H331 H332",
    ),
    concept(
        "visual-disturbance",
        """
        blurr* vision; seeing|see spots|flashes|flashing|stars
        vision|visual change*|disturb*
        """,
    ),
)
