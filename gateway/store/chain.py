"""Follow the chain row by row and say where it does not hold."""

from collections.abc import Iterator

from gateway.store.schema import Row
from gateway.store.seal import Head, leaf, link


class ChainCheck:
    """The chain up to a row, as it is stored.

    Each row is checked against what the row before it stores, so one change is
    reported once, where it is. Nothing escapes by that: all leaves and links
    holding one by one is the same as the whole chain holding.
    """

    def __init__(self, genesis: Head) -> None:
        self.head = genesis

    def follow(self, row: Row) -> Iterator[str]:
        """Take the next row and give a sentence for each thing that is wrong."""
        before = self.head
        if not row.is_well_formed:
            self.head = Head(before.position + 1, before.chain)
            yield "The row holds a value of another type than was written."
            return
        self.head = Head(row.position, row.chain)
        if row.position != before.position + 1:
            yield (
                f"After position {before.position} comes {row.position}: rows were "
                "removed or inserted."
            )
        if row.leaf != leaf(*row[:5]):
            yield "The row was changed after it was written."
        if row.chain != link(before.chain, row.leaf):
            yield (
                "The row does not follow from the one before it: a row was changed, "
                "removed, inserted or moved."
            )
