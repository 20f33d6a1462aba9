"""What calms a reader: reassurance, and the denial of findings. Pure.

Unknown is never normal, and a model has examined nobody: it may not say that a sign
is absent, that something is harmless, or that anybody may wait.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_REASSURANCE = _any(
    r"\b(?:not|non|isn't|never|hardly|no)[ -](?:an? |so |very |at all )?(?:urgent"
    r"|emergency|emergent|serious|severe|dangerous|critical|worrying|worrisome"
    r"|concern\w*|alarming|life[ -]threatening|acute|at risk|in danger)\b",
    r"\b(?:nonurgent|nonemergent|nonemergency|nonserious|nonacute|non-acute)\b",
    r"\b(?:reassur\w+|harmless|benign|innocent|innocuous|trivial|minor"
    r"|self[ -]?limit\w*"
    r"|nothing|fine|okay|ok|healthy|unremarkable|unconcerning|well[ -]?appearing|safe"
    r"|safely|comfortabl\w+|cheerful|happily|relaxed|good health|doing well|looks well"
    r"|feels well|appears well|is well|was well|recover(?:ed|ing|s)|improv\w+"
    r"|resolv\w+|pass(?:es)? soon|temporary|transient|over by)\b",
    r"\b(?:can|could|may|might|should|will|to|able to) (?:safely |probably |easily )?"
    r"(?:wait\w*|rest|relax|recover|resolve|leave|sleep|return|pass|be seen"
    r"|be managed|be handled)\b",
    r"\b(?:wait(?:s|ing)?(?: room)?|tomorrow|next (?:day|week|month)|later today"
    r"|in the morning|routine\w*|outpatient|ambulatory|appointment|family doctor"
    r"|general practitioner|walk-in|pharmac(?:y|ist)|home care|at leisure"
    r"|low[ -]?acuity"
    r"|fast[ -]?track|leave it|in due course|over the counter|when convenient)\b",
    r"\b(?:low|lower|lowest|minimal|little|least|less|small|slight|negligible|poor)[ -]"
    r"(?:\w+ )?(?:evidence|suspicion|acuity|priority|urgency|risk|concern|danger"
    r"|severity|probability|likelihood"
    r"|chance)\b",
    r"\b(?:urgency|risk|acuity|priority|danger|concern|severity|likelihood|suspicion"
    r"|need|emergency) (?:\w+ ){0,6}?(?:low|lower|less|little|small|reduced|over|gone"
    r"|past|least|last)\b",
    r"\b(?:is|was|are|were|now|to be) (?:\w+ )?(?:out|up|away|over|gone|past|off"
    r"|old|known|after)\b(?! \d)",
    r"\b(?:only|others|other patients|is fit|old age)\b"
    r"|\b(?:shows|due to|from|of|her|his) age\b(?! of)"
    r"|\bfor (?:many |some |several |a few |the last )?(?:years|months|weeks|days)\b",
    r"\b(?:seen|review\w*|assess\w*|look\w*|follow\w*|repeat\w*|care|attention) "
    r"(?:\w+ ){0,4}(?:later|next|last|after (?:all|other|every|hour)|(?:in"
    r"|within) (?:\w+ )?"
    r"(?:hours|days|weeks|months))\b|\b(?:after|behind) (?:all )?(?:the )?other",
    r"\b(?:stable|normal\w*|unlikely|improbable|ruled? out|rules out|exclude[ds]?"
    r"|don't worry|do not worry|worry|mild\w*|slight\w*|good condition|within limits"
    r"|in range|anxiety|stress|exaggerat\w*|usual self|baseline|as usual|well known"
    r"|chronic\w*(?! (?:obstructive|kidney|lung|heart|liver|renal|respiratory|disease))"
    r"|long-?standing|habitual|common\w*|typical(?:ly)?|expected|everyday"
    r"|ordinary|psycholog\w+|imagin\w+|simple|simply|merely|just|muscular|muscle"
    r"|musculoskeletal|indigestion|heartburn|tired(?:ness)?|false alarm|probably)\b",
    r"\b(?:less|not that|not too|barely) (?:urgent|serious|severe|likely|sick|ill)\b",
    r"\b(?:settle[sd]?|heals?|hurry|self[ -]?care|on its own|by itself|gets? better"
    r"|feel(?:s|ing)? better|most likely|goes away|go away|sure|subsid\w+|eas(?:es|ed)"
    r"|calm\w*|over-?triag\w*|over-?react\w*)\b",
    r"\b(?:downgrad\w*|de-?escalat\w*|down-?triag\w*|lower(?:ed|ing)? the"
    r"|deprioriti\w*)\b",
)
# Negations that deny nothing: what is unknown, and what must not be concluded.
_OPEN = _any(
    r"\buntil (?:shown|proven) otherwise(?=\W*$)",
    r"\b(?:is|are|was|were|has|have|had)(?: not|n't) (?:yet |been )*(?:known|measured"
    r"|recorded|taken|stated|given|documented|available|clear|told|said|assessed"
    r"|examined|checked|explained|been \w+)\b",
    r"\b(?:do|does|did|should|must|can|need)(?: not|n't|not) (?:rule out|exclude|hide"
    r"|delay|wait|reassure|mean safety|say|tell|end|cancel|be (?:taken as|delayed"
    r"|ignored|missed|dismissed|overlooked|assumed))\b",
    r"\b(?:not|un)(?: yet)? (?:known|measured|recorded|explained|stated)\b",
    r"\bno (?:\w+ ){0,2}(?:was|were|is|are|has been|have been) (?:measured|recorded"
    r"|taken|given|stated|documented|available|known)\b",
    r"\bwithout (?:a |an |any )?(?:measured|recorded|known|stated|clear|other|obvious"
    r"|measurement|explanation|delay|warning|further)\b",
    r"\b(?:can|could|may|might)(?: not|not) (?:be (?:ruled out|excluded|judged"
    r"|assessed)|breathe|speak|walk|stand|swallow|see|move|feel|hear|talk|sleep|eat"
    r"|drink|wake|lie|bear|keep)\b",
    r"\bnot (?:breathing|waking|responding|drinking|eating|feeding|moving|walking"
    r"|speaking|able to|passing|only|fade|blanch)\b",
    r"\b(?:does|do|did|will)(?: not|n't) (?:stop|fade|blanch|respond|wake|drink|eat"
    r"|feed"
    r"|move|breathe|speak|settle)\b",
)
_DENIAL = _any(
    r"\b(?:no|not|none|never|without|neither|nor|nobody|nowhere|otherwise|hardly"
    r"|scarcely|lacks?"
    r"|lacking|absen(?:t|ce)|den(?:y|ies|ied)|free of|free from|negative|cannot"
    r"|fails)\b",
    r"n't\b|\b(?:dont|doesnt|isnt|wasnt|hasnt)\b|\b(?:afebrile|painless|pain-?free"
    r"|symptom-?free|asymptomatic|painfree|symptomless|uneventful|uncomplicated"
    r"|uninjured|unharmed|unaffected)\b",
)


def reassures(text: str) -> bool:
    """Say whether a text calms: what is unknown is not normal, and a rule cannot."""
    return bool(_REASSURANCE.search(text))


def denies(text: str) -> bool:
    """Say whether a text denies a finding; that something is not known is no denial."""
    return bool(_DENIAL.search(_OPEN.sub(" ", text)))
