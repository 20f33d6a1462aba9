"""All concepts that rules may ask for, each name once."""

from domain.floor.body import BODY
from domain.floor.concepts import Concept
from domain.floor.histories import HISTORIES
from domain.floor.injuries import INJURIES
from domain.floor.symptoms import SYMPTOMS
from domain.floor.threats import THREATS

CONCEPTS: tuple[Concept, ...] = (*THREATS, *SYMPTOMS, *BODY, *INJURIES, *HISTORIES)
