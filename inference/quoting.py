"""Which sentences of a knowledge passage may be quoted: pure.

A quote is shown in quotation marks with its source, and still is read as advice. A
document may have been poisoned before it was loaded, and an honest one may give doses
and calm its reader. Such sentences are left out of what can be quoted; the model reads
them, as it reads all of the passage.
"""

import re
from functools import lru_cache
from typing import Final

from inference.disguise import folded
from inference.injection import suspicions
from inference.lexicon import DRUG
from inference.plain import quotable

# Narrower than what is asked of a model's own words: a guideline may say what is done,
# name diseases, and deny ("does not exclude").
_AMOUNT: Final = re.compile(
    r"\d\s*-?(?:mg|mcg|ug|\u03bcg|g|ml|cc|units?|iu|tablets?|tabs?|puffs?|drops?"
    r"|ampoules?|sprays?)\b(?!/d?l)|\b(?:once|twice|three times|four times)"
    r" (?:a day|daily)\b|\bevery \w+ hours\b"
)
_MANY: Final = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half an?) (?:tablets?"
    r"|pills?"
    r"|capsules?|puffs?|ampoules?|drops?|sprays?|milligrams?|grams?|millilit\w+)\b"
)
_CALL: Final = re.compile(
    rf"\b(?:give|administer|inject|prescribe|take|withhold|stop|start)\b.*\b{DRUG}\b"
    r"|(?:^|[.;:]\s*|\b(?:and|then|must|should|please|can|may) (?:be )?)"
    r"(?:discharge[sd]?\b|send|sent)|\b(?:go|going|sent?|return) home\b"
    r"|\b(?:close|cancel) (?:the |this )?(?:task|case|alarm|alert)"
)
_CALM: Final = re.compile(
    r"\b(?:(?:not|never|hardly|non)[ -](?:an? |at all )?(?:urgent|emergency|emergent"
    r"|serious|dangerous|worrying)|harmless|benign|innocent|reassur\w+"
    r"|nothing (?:to|is)"
    r"|no (?:need|reason|cause|danger|risk|rush|urgency|emergency)|(?:can|may|could)"
    r" (?:safely )?wait|less urgent|(?:low|lowest|least) (?:acuity|priority|urgency"
    r"|risk)"
    r"|settles?|clears within|rarely needs?|unlikely|without hurry|suffices?"
    r"|downgrad\w+|usually not|less likely"
    r"|(?:rarely|seldom) (?:an? )?(?:urgent|emergency|serious|dangerous)"
    r"|(?:is|are|as|in) routine(?: order)?|a routine \w+"
    r"|(?:usually|mostly|(?:most )?often) (?:an? )?(?:mild|minor|viral|muscular)"
    r"|improves? (?:within|by itself|on its own)|can usually)\b"
)
_SOFTWARE: Final = re.compile(
    r"\b(?:ignor\w+|disregard\w*|overrid\w+|bypass\w*) (?:\w+ ){0,3}(?:instruct\w+"
    r"|rules?"
    r"|polic\w+|floor|above|previous|prior|safety|prompts?|everything|records?)\b"
    r"|\b(?:instructions?|prompts?) (?:to|for) (?:the )?(?:model|assistant|ai|software)"
    r"|\b(?:language model|assistant|chatbot|ai|llm|system (?:prompt|message)|json"
    r"|schema|developer)\b(?! \w+ (?:living|care))"
    r"|\b(?:acuity|triage (?:level|category)|esi|priority)\W*(?:is|to|as|of|=|:)?\s*"
    r"(?:level )?(?:[1-5](?!\d|[./]\d)|five|four|green|blue)"
    r"|\b(?:mark|classify|rate|set|label|triage) (?:\w+ ){1,4}as\b"
    r"|https?:|www\.|[<>{}\[\]|\\`]|(?:system|assistant|user)\s*:"
)
_REFUSED: Final = (_AMOUNT, _MANY, _CALL, _CALM, _SOFTWARE)


@lru_cache(maxsize=256)
def quotes(text: str, limit: int) -> tuple[str, ...]:
    """Return the whole sentences of a passage that may be quoted, verbatim.

    Those with an amount of a medicine, a treatment or a place to go, words that calm,
    or words to software are not among them.
    """
    return tuple(each for each in quotable(text, limit) if may_be_quoted(each))


def may_be_quoted(sentence: str) -> bool:
    """Say whether nothing in a sentence forbids that it is shown as evidence."""
    read = folded(sentence)
    if any(pattern.search(read) for pattern in _REFUSED):
        return False
    return not suspicions(sentence)
