"""All concepts that rules may ask for, each name once."""

from domain.floor.births import BIRTHS
from domain.floor.bleeding import BLEEDING
from domain.floor.body import BODY
from domain.floor.children import CHILDREN
from domain.floor.concepts import Concept
from domain.floor.histories import HISTORIES
from domain.floor.injuries import INJURIES
from domain.floor.limbs import LIMBS
from domain.floor.lungs import LUNGS
from domain.floor.medicines import MEDICINES
from domain.floor.metabolism import METABOLISM
from domain.floor.mind import MIND
from domain.floor.minor import MINOR
from domain.floor.poisons import POISONS
from domain.floor.referrals import REFERRALS
from domain.floor.symptoms import SYMPTOMS
from domain.floor.threats import THREATS

CONCEPTS: tuple[Concept, ...] = (
    *(*THREATS, *POISONS, *SYMPTOMS, *BLEEDING, *BODY, *METABOLISM, *LIMBS),
    *(
        *INJURIES,
        *MIND,
        *CHILDREN,
        *HISTORIES,
        *BIRTHS,
        *MEDICINES,
        *REFERRALS,
        *MINOR,
        *LUNGS,
    ),
)
