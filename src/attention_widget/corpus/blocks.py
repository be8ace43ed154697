"""Which blocks of texts are read, as one bit each."""

from __future__ import annotations

from collections.abc import Iterator

from attention_widget.corpus.findings import BLOCK


class Blocks:
    """A set of numbers of blocks, small however many there are."""

    def __init__(self, bits: int = 0) -> None:
        self._bits = bits

    @classmethod
    def from_bytes(cls, held: bytes) -> Blocks:
        return cls(int.from_bytes(held, "little"))

    def to_bytes(self) -> bytes:
        return self._bits.to_bytes((self._bits.bit_length() + 7) // 8, "little")

    def add(self, block: int) -> None:
        self._bits |= 1 << block

    def __contains__(self, block: object) -> bool:
        return isinstance(block, int) and block >= 0 and bool(self._bits >> block & 1)

    def __len__(self) -> int:
        return self._bits.bit_count()

    def __iter__(self) -> Iterator[int]:
        text = bin(self._bits)[:1:-1]
        return (block for block, bit in enumerate(text) if bit == "1")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blocks) and self._bits == other._bits

    def __hash__(self) -> int:
        return hash(self._bits)

    def __and__(self, other: Blocks) -> Blocks:
        return Blocks(self._bits & other._bits)

    def __or__(self, other: Blocks) -> Blocks:
        return Blocks(self._bits | other._bits)

    def missing(self) -> tuple[range, ...]:
        """The numbers of texts before the last block that no block holds, in stretches."""
        found: list[range] = []
        expected = 0
        for block in self:
            if block > expected:
                found.append(range(expected * BLOCK, block * BLOCK))
            expected = block + 1
        return tuple(found)
