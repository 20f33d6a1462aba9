"""One class for each kind of 'no'. Every message tells the caller what to do."""


class RuleError(Exception):
    """Refuse a command; the message says why and what would be accepted."""


class IllegalTransitionError(RuleError):
    """The Task is in a state from which the requested one cannot be reached."""


class NotYoursError(RuleError):
    """Another nurse holds the Task."""


class StaleVersionError(RuleError):
    """The caller decided on a version that is no longer the current one."""


class IncompleteReviewError(RuleError):
    """The review lacks something that its decision needs."""


class NotFoundError(RuleError):
    """There is nothing at the address that the command names."""


class GoneError(RuleError):
    """What the command names was deleted."""


class AmbiguousIdentityError(RuleError):
    """More than one resource answers to an identity that must be unique."""


class AlreadyThereError(RuleError):
    """The caller wanted to create what exists already."""


class IdTakenError(RuleError):
    """The id that the caller chose is that of another resource."""


class MismatchedIdError(RuleError):
    """The content has another id than the resource that the condition matches."""


class UnresolvedReferenceError(RuleError):
    """A conditional reference matches nothing."""


class OverlappingChangesError(RuleError):
    """Two entries of one transaction would write to the same resource."""


class UnknownPatientError(RuleError):
    """A complaint or vital sign is of a patient whom nobody could find."""


class ReusedKeyError(RuleError):
    """An idempotency key or Bundle.identifier came back with other content."""


class ErasedError(GoneError):
    """What the command is about belonged to a patient who was erased."""


class PatientHeldError(RuleError):
    """A legal hold is set, so that nothing of the patient may be erased."""


class TooSoonError(RuleError):
    """The site keeps data for longer than it has kept these."""


class NoSuchPatientError(RuleError):
    """The log has nothing of a patient of this name."""


class LaxerRulesError(RuleError):
    """A site's own rule would make nobody more urgent, or somebody less."""


class UnsignableRulesError(RuleError):
    """The rules are not those that were reviewed, or nobody says who signs."""


class UnloadableKnowledgeError(RuleError):
    """There is no document to quote from, or two have one name."""


class UnsignableKnowledgeError(RuleError):
    """The documents are not those that were read, or nobody says who signs."""


class UnnamedSwitchError(RuleError):
    """Somebody switches the model off or on, and does not say who, or why."""


class UnregistrableReleaseError(RuleError):
    """A release names itself or its parts wrongly, or by what another has."""


class UnfitReleaseError(RuleError):
    """A release may not count: it is unknown, asked otherwise, or falls short."""
