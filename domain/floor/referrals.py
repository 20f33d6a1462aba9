"""Words and codes of what others found first: results, transfers, devices."""

from domain.floor.concepts import Concept, concept

REFERRALS: tuple[Concept, ...] = (
    concept(
        "transfer",
        """
        transfer|transferred|transfered|xfer !unable|able|bed|chair|wheelchair|care|
            self|
            difficult*|trouble|prison|money
        """,
    ),
    concept(
        "abnormal-result",
        """
        abnormal|critical|abn|deranged|bad|concerning lab|labs|bloods|bloodwork|result|
            results|test|tests|value|values|ekg|ecg
        lab|labs|bloods|bloodwork|ekg|ecg abnormal*|critical
        low hb|hgb|hemoglobin|haemoglobin|hct|hematocrit|platelet*|sodium|potassium|
            calcium|magnesium|neutrophil*|wbc
        high|elevated|raised potassium|sodium|calcium|inr|creatinine|troponin|lactate|
            wbc|
            bilirubin|lft|lfts|lipase|ammonia|crp
        anemia|anaemia; hyponatr*; hypernatr*; hypokal*; hypercalc*; thrombocytop*
        pancytop*; supratherapeutic inr; inr high|elevated|supratherapeutic
        """,
        icd10="R79 D64 E871 E870 E876 R7989 D50 D62",
    ),
    concept(
        "abnormal-imaging",
        """
        abnormal|abn|concerning|positive|critical ct|mri|scan|imaging|xray|cxr|
            ultrasound|
            angiogram|cta|radiology
        ct|mri|scan|imaging|xray|ultrasound abnormal*|shows|showed|showing|revealed|
            found
            mass|bleed*|clot|lesion|stroke|infarct*|tumor|tumour|aneurysm|abnormal*|
            hemorrhage|haemorrhage|occlusion|fracture|perforat*
        """,
        icd10="R90 R91 R93",
    ),
    concept(
        "device-infection",
        """
        picc|port|line|catheter|pacemaker|icd|shunt|hickman|cvc|central|drain|pump|
            graft|
            permacath|lvad infect*|pus|red|redness|purulent|swollen|draining
        line sepsis; clabsi; vp shunt malfunction|infect*|blocked|fever
        infected picc|port|line|catheter|device|hardware|graft|prosthes*
        """,
        icd10="T802 T827 T835 T845 T846 T857",
    ),
    concept(
        "shunt",
        "vp|ventriculoperitoneal|brain shunt; shunt malfunction|blocked|block*|failure",
        icd10="T850",
    ),
    concept(
        "device-shock",
        """
        defibrillator|icd|aicd went|shock|shocked|shocks
        defibrillator|icd|aicd fired|firing|shock|shocked|shocks|discharg*
        pacemaker fail*|malfunction|not|battery; lvad alarm|failure|malfunction
        """,
        icd10="T821",
    ),
    concept(
        "low-pressure",
        """
        hypotens* !orthostatic; low|dropping|soft blood|bp pressure|bp|pressures
        =soft|low pressure|pressures
        bp|pressure low|dropping|dropped|soft
        """,
        snomed="45007003",
        icd10="I95",
    ),
    concept(
        "high-pressure",
        """
        hypertens*; high|elevated|raised blood|bp pressure|bp; bp|pressure high|elevated
        htn
        """,
        snomed="38341003",
        icd10="I10 I16",
    ),
    concept(
        "arrhythmia",
        """
        svt; vtach; =v tach; =vt; ventricular tachycardia; afib rvr; rapid afib
        atrial fibrillation|flutter|fib; afib; aflutter; =a fib; =af; =new af
        tachycardi* !ventricular; bradycardi*; irregular heartbeat|pulse|heart|rhythm
        arrhythm*; tachyarrhyth*
        """,
        icd10="I47 I48 I49 R000",
    ),
    concept(
        "dangerous-rhythm",
        """
        ventricular tachycardia|fibrillation; vtach; =v tach; =vt; torsade*; =vfib
        =v fib
        heart|av complete|third|degree|3rd block; complete heart block; =chb; mobitz
        """,
        snomed="25569003",
        icd10="I472 I442 I441 I490",
    ),
    concept(
        "casualties",
        """
        mass casualty|casualties|incident
        multiple|several|many casualties|victims|wounded
        active shooter; ~explosion|bomb|blast injur*|victim*|casualt*|casualty|patient*|
            worker|injured|metres|meters
        """,
    ),
    concept(
        "travel",
        """
        travel* africa|asia|tropic*|india|america|abroad|nigeria|ghana|kenya|uganda|
            congo|
            brazil|malaria|returned
        returned|return|back from africa|asia|tropic*|india|nigeria|ghana|kenya|uganda|
            congo|brazil|thailand|pakistan|bangladesh
        malaria !prophylaxis; dengue; ebola; lassa; typhoid
        """,
        icd10="B50 B51 B54 A90",
    ),
)
