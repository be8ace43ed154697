"""One option: what it allows, what it is at first, and how a value is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from attention_widget._util.integers import as_integer
from attention_widget.protocol.checks import (
    check_aligned,
    check_candidate,
    check_choice,
    check_choices,
    check_flag,
    check_index,
    check_indices,
    check_pairs,
    check_share,
    check_summary,
    either,
    first_kind,
    not_in,
    refused,
)
from attention_widget.protocol.edits import check_edits
from attention_widget.protocol.head_labels import HeadLabelRow, check_head_labels
from attention_widget.protocol.named import by_word, by_words

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace

Chosen = Callable[[str], Any]
"""The value of an option that stands before the one that is checked."""

Place = Literal[
    "picker",
    "heads",
    "rows",
    "views",
    "settings",
    "lines",
    "grid",
    "neuron",
    "attribution",
    "matrix",
    "text",
    "pins",
    "passages",
    "calculation",
    "atlas",
]
"""Where the control of an option stands. "views" is what is clicked in any of them."""


@dataclass(frozen=True)
class Option:
    """Something that a person can choose."""

    name: str
    place: Place
    doc: str
    default: Any = field(default=None, kw_only=True)
    us: str | None = field(default=None, kw_only=True)
    """Its name in American spelling, where that is another one."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> Any:
        """The value as it is stored; TraitError if the trace does not have it."""
        raise NotImplementedError

    def first(self, trace: Trace, chosen: Chosen) -> Any:
        """The value for a trace of which nothing was chosen."""
        return self.default


@dataclass(frozen=True)
class Choice(Option):
    """One of some names, at first the first of them; American spellings are taken for them."""

    values: tuple[str, ...]
    us_values: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if self.default is None:
            object.__setattr__(self, "default", self.values[0])

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        known = self.us_values.get(value, value) if isinstance(value, str) else value
        return check_choice(self.name, known, self.values)


@dataclass(frozen=True)
class MeasureOfPairs(Choice):
    """What is shown of a query and a key. Whether a model has it, the widget knows."""


@dataclass(frozen=True)
class Choices(Option):
    """Several of some names, in order."""

    values: tuple[str, ...]

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[str, ...]:
        return check_choices(self.name, value, self.values)


@dataclass(frozen=True)
class Views(Choices):
    """The views that are shown."""

    of_image: tuple[str, ...] = field(default=(), kw_only=True)
    """Those of a trace that has an image and no text."""

    def first(self, trace: Trace, chosen: Chosen) -> Any:
        return self.of_image if is_image_alone(trace) else self.default


def is_image_alone(trace: Trace) -> bool:
    """Whether a model looked at an image, and there is no text beside it."""
    patches = [token.box is not None for token in trace.tokens]
    others = [token.box is not None or token.special for token in trace.tokens]
    return trace.image is not None and trace.target is None and any(patches) and all(others)


@dataclass(frozen=True)
class Flag(Option):
    """True or False."""

    default: bool = field(default=False, kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> bool:
        return check_flag(self.name, value)


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
class Share(Option):
    """A number from 0 to 1."""

    stops: tuple[float, ...] = ()
    """Where its slider stops; empty for each hundredth."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> float:
        return check_share(self.name, value)


@dataclass(frozen=True)
class KindChoice(Choice):
    """A kind of attention that the trace has."""

    def __post_init__(self) -> None:
        """There is no default: the first kind of the trace is shown."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        return check_choice(self.name, value, trace.kinds)

    def first(self, trace: Trace, chosen: Chosen) -> str:
        return first_kind(trace)


@dataclass(frozen=True)
class Layer(Option):
    """A layer that has attention of the kind."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int:
        kind = chosen("attention_kind")
        have = trace.layers_with_attention(kind)
        layer = as_integer(value)
        if layer in have:
            return layer
        if len(have) == trace.count_layers(kind):
            raise not_in(self.name, value, len(have))
        must = f"{self.name} must be {either(have)}, the layers with {kind} attention"
        raise refused(must, value)

    def first(self, trace: Trace, chosen: Chosen) -> int:
        return trace.layers_with_attention(chosen("attention_kind"))[0]


@dataclass(frozen=True)
class Heads(Option):
    """Heads of the layer."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        layer = chosen("layer")
        count = trace.count_heads(layer, chosen("attention_kind"))
        advice = f"; layer {layer} has {count} head{'s' * (count != 1)}"
        return check_indices(self.name, value, "head", count, advice)

    def first(self, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        return tuple(range(trace.count_heads(chosen("layer"), chosen("attention_kind"))))


@dataclass(frozen=True)
class HeadPairs(Option):
    """Heads of any layers of the kind, each as a pair (layer, head)."""

    default: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)
    most: int = field(default=8, kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[tuple[int, int], ...]:
        kind = chosen("attention_kind")
        return () if value is None else check_pairs(self.name, value, self.most, trace, kind)


@dataclass(frozen=True)
class AlignedTokens(Option):
    """Which tokens of two passes go together: pairs of indices, or None for what is found."""

    def check(
        self, value: object, trace: Trace, chosen: Chosen
    ) -> tuple[tuple[int, int], ...] | None:
        return None if value is None else check_aligned(self.name, value)


@dataclass(frozen=True)
class ProbedLabels(Option):
    """What heads are called by a probe of the model, or None for what they do on the text."""

    labels: tuple[str, ...]

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[HeadLabelRow, ...] | None:
        if value is None:
            return None
        return check_head_labels(self.name, value, trace, self.labels)


@dataclass(frozen=True)
class Edits(Option):
    """What is changed in a second pass, each edit as protocol/edits.py has it."""

    default: tuple[dict[str, Any], ...] = field(default=(), kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[dict[str, Any], ...]:
        return check_edits(self.name, value, trace)


@dataclass(frozen=True)
class Query(Option):
    """A query token of the kind of attention, by its index or its word, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        tokens = trace.sides(chosen("attention_kind"))[0]
        return check_index(self.name, by_word(self.name, value, tokens), len(tokens))


@dataclass(frozen=True)
class Position(Option):
    """A token at which the model predicts, by its index or its word, or None; of the target where
    there is one."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        read = trace.tokens if trace.target is None else trace.target.tokens
        return check_index(self.name, by_word(self.name, value, read), len(read))


@dataclass(frozen=True)
class Candidate(Option):
    """What a model may predict, by its text or its id, or None; the model alone knows which there
    are."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str | int | None:
        return check_candidate(self.name, value)


@dataclass(frozen=True)
class SummaryName(Option):
    """A summary of an atlas, by its name, or None; the atlas alone knows which it has."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str | None:
        return check_summary(self.name, value)


@dataclass(frozen=True)
class Key(Option):
    """A key token of the kind of attention, by its index or its word, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        tokens = trace.sides(chosen("attention_kind"))[1]
        return check_index(self.name, by_word(self.name, value, tokens), len(tokens))


@dataclass(frozen=True)
class Queries(Option):
    """Query tokens of the kind of attention, by index or word, each once."""

    default: tuple[int, ...] = field(default=(), kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        tokens = trace.sides(chosen("attention_kind"))[0]
        if value is None:
            return ()
        return check_indices(self.name, by_words(self.name, value, tokens), "token", len(tokens))


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
