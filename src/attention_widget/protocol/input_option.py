"""Options that depend on what the model read: whether it has passages, vectors or an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attention_widget.protocol.checks import check_flag, either, refused
from attention_widget.protocol.option import Choice, Choices, Chosen, Flag
from attention_widget.trace.images import is_image_alone

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class Views(Choices):
    """The views that are shown."""

    of_image: tuple[str, ...] = field(default=(), kw_only=True)
    """Those of a trace that has an image and no text."""

    def first(self, trace: Trace, chosen: Chosen) -> Any:
        return self.of_image if is_image_alone(trace) else self.default


@dataclass(frozen=True)
class PassageRows(Flag):
    """True only where the text has passages."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> bool:
        wanted = check_flag(self.name, value)
        if wanted and not trace.passages:
            must = f"{self.name} must be False for a text without passages (pass passages=...)"
            raise refused(must, value)
        return wanted


@dataclass(frozen=True)
class SpaceChoice(Choice):
    """Which vectors of the text: those of the table of word embeddings only where they are
    known."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        space = super().check(value, trace, chosen)
        if space == "word_embeddings" and trace.word_rows is None:
            others = either([each for each in self.values if each != space])
            raise refused(f"{self.name} must be {others} where no word embeddings are known", space)
        return space


@dataclass(frozen=True)
class MeasureChoice(Choice):
    """What colours the text. Where there are no hidden states it is attention at first."""

    def first(self, trace: Trace, chosen: Chosen) -> str:
        return self.default if trace.hidden else "attention_received"
