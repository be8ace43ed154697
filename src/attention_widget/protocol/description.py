"""What the browser knows of a trace before it asks for a tensor; types: js/trace/description.ts."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from attention_widget.protocol.tensors import NotFinite
from attention_widget.trace.encodings import Encoding
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask_pattern import PatternName

ReadOnly = Literal["trace", "chat", "no_text", "page", "comparison", "atlas"]
READ_ONLY: Final[dict[ReadOnly, str]] = {
    "trace": "this widget was made from a trace and has no model to run another text",
    "chat": "the model was given a chat; give it another one with widget.run(...) in Python",
    "no_text": "the model was given no text; give it another input with widget.run(...) in Python",
    "comparison": "this widget compares two passes; make another comparison for other texts",
    "atlas": "this widget shows an atlas, which holds no model; with the model it shows texts "
    "too: atlas.show(model)",
    "page": "this page was saved from a notebook: it has no model to run another text",
}
"""Why the text box cannot run another text, in Python's words; the browser has its own."""


class TokenMeta(TypedDict):
    """See :class:`attention_widget.Token`; long labels and pieces are cut.

    ``passage`` is the name of the one that it is in. ``piece`` shows what is invisible as a label
    does, and is None where it is the label.
    """

    id: int | None
    label: str
    text: str
    lead: str
    trail: str
    start: int | None
    end: int | None
    word: int | None
    passage: str | None
    special: bool
    segment: int | None
    step: int | None
    probability: float | NotFinite | None
    box: list[int] | None
    time: list[float] | None
    piece: str | None
    padding: bool


class MaskMeta(TypedDict):
    """See :class:`attention_widget.trace.mask_pattern.Pattern`; stretches go from their first
    number up to their second."""

    name: PatternName
    before: int | None
    after: int | None
    size: int | None
    hidden: list[list[int]]
    blind: list[list[int]]
    causal: bool
    share: float


class LayerMeta(TypedDict):
    """Shape of one layer's attention; ``dim`` is None where queries and keys are not known, as
    ``n_kv_heads`` is of an atlas, and ``has_values`` says whether values are.

    ``held`` are the heads that a saved page carries, None where that is all of them. ``masks``
    holds one for all heads, or one for each; none where the mask is not known.
    """

    n_heads: int
    n_kv_heads: int | None
    dim: int | None
    has_values: bool
    sinks: bool
    masks: list[MaskMeta]
    held: list[int] | None


class AttentionMeta(TypedDict):
    """One kind of attention; ``layers`` holds None where a layer has none of it."""

    kind: Kind
    layers: list[LayerMeta | None]


class TargetMeta(TypedDict):
    """See :class:`attention_widget.Target`; ``given`` is the text that it was read from, None where
    the model made it, and ``replaceable`` whether the model can read another one."""

    tokens: list[TokenMeta]
    has_hidden_states: bool
    has_word_embeddings: bool
    generated: bool
    given: str | None
    replaceable: bool


class WindowMeta(TypedDict):
    """See :class:`attention_widget.Window`; ``specials`` are its tokens of position None, in order,
    and ``own`` goes from its first number up to its second."""

    positions: list[int | None]
    specials: list[TokenMeta]
    own: list[int]


class PositionsMeta(TypedDict):
    """See :class:`attention_widget.Positions`: ``n_heads`` of a bias, ``width`` of a table; None
    for what it does not have."""

    kind: Kind
    encoding: Encoding
    layers: list[int]
    source: str
    width: int | None
    n_heads: int | None
    turned: int
    dim: int
    scaling: float
    first: int


class Suggestion(TypedDict):
    """See :class:`attention_widget.measures.Suggestion`."""

    kind: Kind
    layer: int
    head: int
    query: int
    key: int
    weight: float
    specificity: float
    label: str
    score: float


class Meta(TypedDict):
    """``run`` counts the forward passes; ``attention`` holds one kind at least; ``image`` is
    height and width. The first of the ``suggestions`` is the best."""

    run: int
    model_name: str
    tokens: list[TokenMeta]
    has_hidden_states: bool
    has_word_embeddings: bool
    target: TargetMeta | None
    attention: list[AttentionMeta]
    suggestions: list[Suggestion]
    windows: list[WindowMeta]
    roles: list[str]
    image: list[int] | None
    read_only: ReadOnly | None
    comparison: ComparisonMeta | None
    positions: list[PositionsMeta]


class ComparisonMeta(TypedDict):
    """Of two passes that are compared; see :class:`attention_widget.Contrast`.

    ``slots`` are pairs of indices in the texts of both sides, None where a token stands alone;
    ``sides`` are the metas of both, whose numbers of passes are their own.
    """

    names: list[str]
    slots: list[list[int | None]]
    target_slots: list[list[int | None]] | None
    sides: list[Meta]
    has_models: bool
