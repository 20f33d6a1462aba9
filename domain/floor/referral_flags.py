"""Red flags that others found: transfers, results, dialysis."""

from domain.floor.ages import FROM_16
from domain.floor.flag import HIGH_RISK, THREE, TWO, RedFlag, flag

DECIDED = "Somebody has already decided that it needs more than a short visit."

FLAGS: tuple[RedFlag, ...] = (
    flag(THREE, "transfer", "Sent from another hospital.", DECIDED, worse=TWO),
    flag(
        *(THREE, "abnormal-result", "An abnormal result.", DECIDED),
        worse=TWO,
    ),
    flag(
        *(THREE, "abnormal-imaging", "An abnormal image.", DECIDED),
        worse=TWO,
    ),
    flag(
        *(TWO, "abnormal-imaging weakness|numbness|headache|dizziness|seizure|stroke"),
        "An abnormal image with a neurological sign.",
        "The image and the sign together mean bleeding, stroke or pressure.",
        citation=HIGH_RISK,
    ),
    flag(
        *(THREE, "dialysis", "A patient on dialysis."),
        "Salts, fluid, access and infection go wrong at once, and without signs.",
        citation="UKKA hyperkalaemia guideline 2023; " + HIGH_RISK,
        ages=FROM_16,
        worse=TWO,
    ),
)
