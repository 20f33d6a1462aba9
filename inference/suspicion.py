"""What words for software look like, in many languages: pure patterns, no proof.

Verbs of ignoring beside nouns of instruction, roles of a conversation and tokens of
chat templates, and requests for a level of urgency. They are matched with text that
is folded (`inference.disguise.folded`).
"""

import re
from enum import StrEnum
from typing import Final


class Suspicion(StrEnum):
    """What a text looks like; the wire value of a flag."""

    INSTRUCTION = "instruction"  # tells a reader of the record what to answer
    ROLE = "role"  # plays a system, an assistant, a template's control token, a tool
    LEVEL = "level"  # asks for a level of urgency
    HIDDEN = "hidden"  # characters that no reader sees
    ENCODED = "encoded"  # says one of the others in a code
    STUFFING = "stuffing"  # repeats itself to fill what a model can read


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_INSTRUCTION: Final = _any(
    # English
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass\w*|skip|drop|discard|stop"
    r" following|do not follow|don't follow|violate)\b.{0,40}\b(?:instruct\w*|rules?"
    r"|prompts?|guid(?:e|ance)\w*|polic\w*|system|previous|prior|above|earlier|safety"
    r"|training|constraints?|floor|red flags?)\b",
    r"\b(?:new|updated|real|actual|following|hidden|secret|special) (?:system )?"
    r"(?:instructions?|directives?|prompts?|orders for the (?:ai|model|system))\b",
    r"\b(?:reveal|print|repeat|show|output|leak|display|recite|translate"
    r"|summari[sz]e)\b"
    r".{0,40}\b(?:system prompt|prompt|instructions|above text|everything above"
    r"|configuration|passwords?|api keys?|secrets?|other patients?|every patient)\b",
    r"\b(?:you are|act as|pretend (?:to be|you)|behave as|role ?play as|from now on)\b"
    r".{0,50}\b(?:ai|assistant|model|dan|chatbot|bot|gpt|developer|unrestricted"
    r"|jailbroken|pirate|nurse bot|triage bot|always|only|must|never)\b",
    r"\b(?:respond|answer|reply|output|write|say|return|generate) (?:only|exactly|with"
    r"|just|nothing but|the (?:word|json))\b",
    r"\b(?:note|message|attention|memo|reminder|hint|instructions?) (?:to"
    r"|for) (?:(?:the|any|all|every|this|whatever) )?"
    r"(?:ai|assistant|model|llm|software|system|algorithm|chatbot|computer|bot)\b",
    r"\battention,? (?:the )?(?:ai|assistant|model|software|triage software)\b",
    r"\byou must (?:\w+ )?(?:answer|say|write|state|respond|reply|output|rate|call)\b",
    r"\breturn (?:an? )?json\b",
    r"\b(?:write|say|state|put|mention|include) (?:\w+ )?in (?:your|the)"
    r" (?:answer|response|reply|output)\b",
    r"\b(?:i|we) (?:hereby )?(?:order|command|instruct) you to\b",
    r"\b(?:cleared|approved|assessed|triaged) by (?:(?:the|an?|this) )?(?:ai|computer"
    r"|software|system|algorithm|model|program)\b",
    r"ignore(?:all|any|the)?(?:previous|prior|above|earlier|safety)?(?:instructions"
    r"|rules)",
    r"\b(?:as an? (?:ai|language model)|dear (?:ai|assistant|model)|hey (?:ai|gpt"
    r"|chatgpt|assistant|model)|chatgpt|jailbreak|prompt injection|developer mode"
    r"|end of (?:record|data|document|prompt|context)|begin (?:system|instructions))\b",
    r"(?:^|[.!:;]\s*)discharge (?:the |this |every |all )?patients?\b",
    # German, Dutch, Scandinavian
    r"\b(?:ignorier\w*|missacht\w*|vergiss|vergessen sie|negeer\w*|vergeet|ignorer\w*"
    r"|bortse|glem|glom)\b.{0,40}\b(?:anweisung\w*|regeln?|vorgaben|instructies"
    r"|instruks\w*|instruktion\w*|regler|regels|vorherig\w*|vorige|tidligere|tidigare)",
    # French, Spanish, Portuguese, Italian, Romanian
    r"\b(?:ignor\w*|oublie[zr]?|olvid\w*|esque\w*|dimentic\w*|omit\w*|desconsider\w*"
    r"|ne tiens pas compte|no tengas en cuenta|uita)\b.{0,40}\b(?:instruc\w*"
    r"|istruzion\w*"
    r"|consign\w*|regles?|reglas?|regras?|regole|regul\w*|anterior\w*|precedent\w*"
    r"|previ\w*|indicaciones)",
    # Polish, Czech, Turkish, Indonesian, Vietnamese, Swahili, Finnish, Hungarian
    r"\b(?:zignoruj|ignoruj\w*|pomin|zapomnij)\b.{0,40}\b(?:instrukcj\w*|polece\w*"
    r"|pokyn\w*|zasad\w*|predchozi)",
    r"\b(?:talimat\w*|kural\w*|komut\w*)\b.{0,40}\b(?:yok say|unut|goz ardi"
    r"|dikkate alma)",
    r"\b(?:abaikan|lupakan)\b.{0,40}\b(?:instruksi|perintah|aturan)",
    r"\b(?:bo qua|quen)\b.{0,40}\b(?:huong dan|chi dan|quy tac|lenh)",
    r"\bpuuza\b.{0,40}\b(?:maagizo|maelekezo|kanuni)",
    r"\b(?:ohita|unohda)\b.{0,40}\b(?:ohje\w*|saann\w*)",
    r"\bhagyd figyelmen kivul\b|\bfelejtsd el\b.{0,40}\butasitas",
    # Russian, Ukrainian, Greek, Arabic, Hebrew, Persian, Hindi, and of East Asia
    r"(?:игнорир|забудь"
    r"|ігнор|забуд).{0,40}"
    r"(?:инструкц|інструкц"
    r"|правил|указан|предыдущ)",
    r"αγνοησ.{0,40}(?:οδηγι|κανον)",
    r"تجاهل.{0,40}(?:تعليم|الأوامر|القواعد)",
    r"التعليمات السابقة",
    r"התעלם.{0,40}(?:הוראות|ההנחיות)",
    r"(?:دستور|قوانین).{0,40}نادیده",
    r"(?:निर्देश|नियम).{0,40}(?:अनदेख|भूल)",
    r"(?:忽略|无视|無視|忘记|不要理会).{0,20}(?:指令|指示|规则|規則|提示)",
    r"(?:指示|命令|ルール|指令).{0,20}(?:無視|忘れ)",
    r"(?:지시|명령|규칙).{0,20}무시",
)
_ROLE: Final = _any(
    r"<\|[a-z_ ]+\|>|\[/?inst\]|<</?sys>>|</?s>|<(?:start|end)_of_turn>|<eos>|<bos>",
    r"</?(?:system|assistant|user|instructions?|prompt|data(?:-\w+)?|record"
    r"|tool(?:_\w+)?"
    r"|function(?:_\w+)?|think|admin|script|img|iframe|policy|human)\b[^>]{0,80}>",
    r"(?:^|[\s\"'{\[#*])(?:system|assistant|developer|human|ai|admin(?:istrator)?|root"
    r"|operator|user)(?: (?:message|note|prompt|override|update|notice|role))?\s*[:>\]]"
    r"(?!\d)",
    r"\b(?:system|admin\w*|developer|security) (?:message|note|override|update|notice"
    r"|alert|command|mode)\b",
    r"[\"'](?:role|tool|tool_calls?|function|function_call|arguments|name|acuity|floor"
    r"|reasons|command)[\"']\s*:",
    r"\b(?:tool|function)[ _]calls?\b|\b[a-z]+_[a-z_]+\([^)]{0,80}\)",
    r"#{2,}\s*(?:instruction|system|response|input|end)|={3,}\s*\w+|-{3,}\s*end\b",
    r"https?://|!\[[^\]]*\]\(|javascript:|\bon(?:error|load)\s*=",
    r"\bdrop table\b|;\s*--|\bunion select\b|\{\{.{0,80}\}\}|\$\{.{0,80}\}|<%",
)
_LEVEL: Final = _any(
    r"\b(?:acuity|esi|ctas|ats|mts|triage|urgency|priority|level|category|stufe"
    r"|niveau|nivel|livello|niva|poziom|seviye|prioriteit|dringlichkeit)\b"
    r"(?: (?:of|for) (?:this|the|every|all|each) (?:patients?|persons?|cases?))?\W{0,3}"
    r"(?:(?:level|score|category|is|to|as|of|at|with|de|auf|su|na|code|nummer)\W+){0,3}"
    r"(?:[3-5](?!\d|[./]\d)|four|five|vier|funf|quatre|cinq|cuatro|cinco|quattro|cinque"
    r"|green|blue|non[ -]?urgent|low(?:est)?|minimum|routine)\b",
    r"\b(?:set|mark|rate|classify|label|score|assign|downgrade|lower|reduce|triage"
    r"|treat"
    r"|register|code|grade)\b.{0,40}\b(?:as|to)\b.{0,15}\b(?:non[ -]?urgent|low(?:est)?"
    r"(?: \w+)?|level|routine|minor|green|[3-5]|four|five|not urgent)\b",
    r"\b(?:stufe|niveau|nivel|livello|poziom|seviye|tingkat|nivelul|taso"
    r"|niva) ?[3-5]\b",
    r"\bpriorida(?:d|de) (?:baja|baixa|minima)\b|\bpriorita bassa\b|\bpriorite basse\b"
    r"|\b(?:niedrig\w*|geringe?\w*|lage) (?:prioritat|dringlichkeit|prioriteit)\b",
    r"(?:级别|等级|レベル|레벨|уровень|рівень)\D{0,4}[3-5]",
)
KINDS: Final = (
    (Suspicion.INSTRUCTION, _INSTRUCTION),
    (Suspicion.ROLE, _ROLE),
    (Suspicion.LEVEL, _LEVEL),
)
