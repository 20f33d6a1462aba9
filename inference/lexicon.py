"""Words for medicines, treatments and diseases, and what a text says of them: pure.

English, as the contract asks for. The lists would rather know too much than too little:
a word that is known is checked, one that is not is let pass.
"""

import re
from typing import Final

from inference.plain import comparable

THERAPY: Final = (
    r"(?:administer\w*|prescri\w+|inject(?:s|ion|ions|ing)?|infus\w+|titrat\w+"
    r"|intubat\w+|sedat(?:e|es|ed|ing|ion)|transfus\w+|thrombolys\w+|cardiover\w+"
    r"|defibrillat\w+|anticoagulate[sd]?|discharg(?:e|es|ed|ing)\b(?! from)"
    r"|medicate[sd]?"
    r"|vaccinat\w+|operate[sd]? on|catheteri[sz]e[sd]?|iv access|iv fluids?)"
)
TREAT: Final = (
    "give|gives|giving|given|take|start|starting|stop|stopping|hold|withhold|continue"
    "|discontinue|increase|decrease|reduce|double|skip|resume|switch|order|admit|apply"
    "|use|try|offer|provide|insert|perform|treat|drink|eat|swallow|send|let|allow"
    "|request|arrange|schedule|refer|transfer|move|place|put|cancel|remove|delay"
    "|defer|postpone|wait|release|advise|tell"
)
DRUG: Final = (
    r"(?:\w+(?:cillin|mycin|floxacin|olol|pril|sartan|statin|prazole|azepam|azolam"
    r"|caine|triptan|profen|setron|parin|xaban|gatran|gliptin|gliflozin|barbital"
    r"|cycline|lukast|terol|sone|solone|nazole|vudine|ciclovir|mab)"
    r"|aspirin|paracetamol|acetaminophen|ibuprofen|naproxen|ketorolac|morphine|codeine"
    r"|tramadol|oxycodone|fentanyl|ketamine|opioids?|opiates?|propofol|lithium|digoxin"
    r"|adrenaline|epinephrine|naloxone|insulin|glucagon|dextrose|warfarin|alteplase"
    r"|tenecteplase|nitroglycerin\w*|nitrates?|gtn|salbutamol|albuterol|steroids?"
    r"|prednisol?one|dexamethasone|hydrocortisone|antibiotics?|antihistamines?"
    r"|benzodiazepines?|antacids?|diuretics?|furosemide|clopidogrel|ticagrelor"
    r"|magnesium|potassium|tranexamic|antivenom|charcoal|vaccin\w+|painkillers?"
    r"|analges\w+|oxygen therapy|fluids?|saline|a tablet|tablets|pills?|medicine"
    r"|medication)"
)
_DISEASE = (
    r"(?:\w{3,}(?:itis|oma|emia|aemia|osis|ectasis|pathy|plegia)|heart attacks?"
    r"|infarct\w*|n?stemi|mi|acs|coronary|angina|strokes?|tia|sepsis|septic"
    r"|septicaemia|embol\w+|pe|dvt|thromb\w+|(?:blood )?clots?|pneumonia|asthma|copd"
    r"|emphysema|cancer|malignan\w*|tumou?rs?|metasta\w+|leuk\w+|diabet\w+|dka"
    r"|ketoacidosis|infections?|infected|uti|influenza|flu|covid\w*|viral|virus|a cold"
    r"|croup|measles|malaria|tetanus|abscess\w*"
    r"|an? (?:\w+ )?fracture|fractur\w*|sprain\w*|concussion|ruptur\w*|aneurysm\w*"
    r"|dissection|aortic|torsion|ectopic|pre-?eclampsia|eclampsia|abruption|miscarriage"
    r"|ha?emorrhag\w*|epilep\w+|anaphyla\w+|angioedema|oedema|edema"
    r"|heart failure|(?:cardiac|respiratory) arrest|(?:renal|kidney|liver) failure"
    r"|overdose|intoxicat\w+|poisoning|withdrawal|depression|anxiety|panic"
    r"|schizo\w+|psychosis|bipolar|dementia|delirium|migraine|gout|hernia|ulcers?"
    r"|reflux|gerd|stones?|colic|obstruction|perforat\w+|pneumothorax"
    r"|tamponade|shock|syndrome|disease|disorder|lupus|sclerosis)"
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|can|possibl[ey]|possibility|suspect\w*|suspicio\w+|risk\w*"
    r"|consider\w*|suggest\w*|concern\w*|compatible|consistent|worr\w+|raises?|warns?"
    r"|potential\w*|signs? of|pattern|until|look for|looks like|fear\w*|if|whether"
    r"|danger|points? to|chance|likelihood|features? of|warning)\b"
)
_NAMED = re.compile(rf"\b{_DISEASE}\b")
_PARTS = re.compile(r"[.;!?]|\b(?:but|because|so|since|and therefore)\b")

GENERIC: Final = frozenset({"disease", "disorder"})
"""Words for a disease that name none: to ask for its history tells nothing."""


def conditions_named(text: str) -> frozenset[str]:
    """Return the diseases and syndromes that a text names, folded."""
    return frozenset(_NAMED.findall(comparable(text)))


def conditions_asserted(text: str) -> frozenset[str]:
    """Return those that a text names as a fact and not as a possibility."""
    return frozenset().union(
        *(
            _NAMED.findall(part)
            for part in _PARTS.split(comparable(text))
            if not _HEDGE.search(part)
        )
    )
