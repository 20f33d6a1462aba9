"""Events to bytes and back, by a closed list of names."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.store.errors import UnknownTopicError, UnrecordableEventError
from gateway.store.records import Event


class EventRegistry:
    """The events that a log may hold, by their wire names.

    An event is msgpack of its field names and values, and is validated against
    the types of its class whenever it is read. `quiet` are the names of those that no
    reader waits for, as their classes say.

    Raises:
        UnrecordableEventError: if a class cannot be read back from its fields.

    """

    def __init__(self, classes: Mapping[str, type]) -> None:
        self._classes = dict(classes)
        self.quiet = frozenset(
            topic for topic, cls in classes.items() if getattr(cls, "quiet", False)
        )
        self._encoder = msgspec.msgpack.Encoder()
        self._decoders = {topic: _decoder(topic, cls) for topic, cls in classes.items()}

    def encode(self, event: Event) -> bytes:
        """Return the event's bytes, having read them back once.

        An append-only log cannot be repaired, so what would not be read back
        equal is refused before it is written.

        Raises:
            UnknownTopicError: if the event is not in the registry.
            UnrecordableEventError: if its values do not fit its types.

        """
        if self._classes.get(event.topic) is not type(event):
            raise UnknownTopicError(
                f"The event {type(event).__name__} is not registered as "
                f"{event.topic}. Add it to the registry."
            )
        try:
            content = self._encoder.encode(event)
        except (TypeError, ValueError, OverflowError):
            raise UnrecordableEventError(
                f"An event {event.topic} holds a value that cannot be written. Use "
                "text, numbers, bytes, UTC times, enums, tuples and dataclasses."
            ) from None
        if self.decode(event.topic, content) != event:
            raise UnrecordableEventError(
                f"An event {event.topic} would be read back differently. Give each "
                "field a value of exactly its declared type."
            )
        return content

    def decode(self, topic: str, content: bytes | msgspec.Raw) -> Event:
        """Return the event.

        Raises:
            UnknownTopicError: if the name is not in the registry.
            UnrecordableEventError: if the content does not fit its class.

        """
        decoder = self._decoders.get(topic)
        if decoder is None:
            raise UnknownTopicError(
                f"The log holds an event {topic}, which this version of the program "
                "does not know. Run the version that wrote it, or a newer one."
            )
        try:
            event: Event = decoder.decode(content)
        except msgspec.DecodeError as error:
            raise UnrecordableEventError(
                f"An event {topic} does not fit its declared types{_place(error)}."
            ) from None
        return event


def _decoder(topic: str, cls: type) -> msgspec.msgpack.Decoder[Any]:
    if getattr(cls, "topic", None) != topic:
        raise UnrecordableEventError(
            f"The class {cls.__name__} is registered as {topic} but does not say so "
            "in its field `topic`. Make the two the same."
        )
    try:
        return msgspec.msgpack.Decoder(cls)
    except TypeError as error:
        raise UnrecordableEventError(
            f"The class {cls.__name__} has a field that cannot be read back: {error}"
        ) from error


def _place(error: msgspec.DecodeError) -> str:
    """Name the field but never the value: a value may be a patient's."""
    _, found, path = str(error).rpartition(" - at ")
    return f" at {path}" if found else ""
