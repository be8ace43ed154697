"""What both sides of the widget choose: its traits, each checked against the trace that is shown.

The other half is ``State`` in js/trace/contract.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import traitlets as t

from attention_widget.protocol.vocabulary import (
    COLOUR_MAPS,
    COMBINATIONS,
    DEFAULT_VIEWS,
    DIRECTIONS,
    LOCALES,
    MEASURES,
    PIN_MODES,
    SEGMENTS,
    SPACES,
    SPECIAL_TOKENS,
    SUMMARIES,
    THEMES,
    VIEWS,
    carry_heads,
    carry_layer,
    check_choice,
    check_choices,
    check_flag,
    check_heads,
    check_key_token,
    check_kind,
    check_layer,
    check_share,
    check_token,
    check_tokens,
    first_kind,
)
from attention_widget.widget.traits import AttentionKindTrait, Selection

if TYPE_CHECKING:
    from attention_widget.trace.kind import Kind
    from attention_widget.trace.trace import Trace


def _one_of(default: str, allowed: tuple[str, ...]) -> Selection[str]:
    return Selection(default, lambda _, name, value: check_choice(name, value, allowed))


def _flag(default: bool) -> Selection[bool]:
    return Selection(default, lambda _, name, value: check_flag(name, value))


def _share(default: float) -> Selection[float]:
    return Selection(default, lambda _, name, value: check_share(name, value))


class Choices(t.HasTraits):
    """The choices, which a widget adds to its synced traits."""

    trace: Trace
    """That is shown."""

    attention_kind = AttentionKindTrait(
        "encoder", lambda w, name, value: check_kind(name, value, w.trace)
    )
    layer = Selection(0, lambda w, name, value: check_layer(name, value, w.trace, w.attention_kind))
    heads: Selection[tuple[int, ...]] = Selection(
        (), lambda w, name, value: check_heads(name, value, w.trace, w.attention_kind, w.layer)
    )
    combine = _one_of("overlay", COMBINATIONS)
    token: Selection[int | None] = Selection(
        None, lambda w, name, value: check_token(name, value, w.trace, w.attention_kind)
    )
    key_token: Selection[int | None] = Selection(
        None, lambda w, name, value: check_key_token(name, value, w.trace, w.attention_kind)
    )
    pinned: Selection[tuple[int, ...]] = Selection(
        (), lambda w, name, value: check_tokens(name, value, w.trace, w.attention_kind)
    )
    pin_mode = _one_of("each", PIN_MODES)
    views: Selection[tuple[str, ...]] = Selection(
        DEFAULT_VIEWS, lambda _, name, value: check_choices(name, value, VIEWS)
    )
    measure = _one_of("norm", MEASURES)
    space = _one_of("hidden_states", SPACES)
    colour_map = _one_of("purple", COLOUR_MAPS)
    words = _flag(False)
    special_tokens = _one_of("show", SPECIAL_TOKENS)
    segments = _one_of("all", SEGMENTS)
    top_p = _share(0.95)
    threshold = _share(0.0)
    direction = _one_of("vertical", DIRECTIONS)
    summary = _one_of("none", SUMMARIES)
    sort_heads = _flag(False)
    normalise_rows = _flag(False)
    log_colour = _flag(False)
    theme = _one_of("auto", THEMES)
    locale = _one_of("auto", LOCALES)

    @t.default("attention_kind")
    def _first_kind(self) -> Kind:
        return first_kind(self.trace)

    @t.default("layer")
    def _first_layer(self) -> int:
        return self.trace.layers_with_attention(self.attention_kind)[0]

    def _carry(self, kind: Kind, layer: int) -> None:
        """Layer and heads from where they were, to where they can be now."""
        trace = self.trace
        before = trace.count_heads(layer, kind)
        heads = self.heads
        now = carry_layer(trace, self.attention_kind, self.layer)
        if now != self.layer:
            self.layer = now
        self.heads = carry_heads(heads, before, trace.count_heads(now, self.attention_kind))

    def _keep_choices(self, heads_before: int) -> None:
        """Choices stay where another trace has them; tokens that it lacks are let go of."""
        trace = self.trace
        if self.attention_kind not in trace.kinds:
            self.attention_kind = trace.kinds[0]
        layer = carry_layer(trace, self.attention_kind, self.layer)
        if layer != self.layer:
            self.layer = layer
        count = trace.count_heads(layer, self.attention_kind)
        if count != heads_before:
            self.heads = carry_heads(self.heads, heads_before, count)
        queries, keys = map(len, trace.sides(self.attention_kind))
        if self.token is not None and self.token >= queries:
            self.token = None
        if self.key_token is not None and self.key_token >= keys:
            self.key_token = None
        self.pinned = [token for token in self.pinned if token < queries]

    def notify_change(self, change: Any) -> None:
        name = change["name"]
        if name in ("attention_kind", "layer"):
            old = {"attention_kind": self.attention_kind, "layer": self.layer, name: change["old"]}
            self._carry(old["attention_kind"], old["layer"])
        super().notify_change(change)


CHOICES: Final = tuple(
    name for name, trait in vars(Choices).items() if isinstance(trait, Selection)
)
"""In the order of their declaration: each is checked against those before it. A browser may set
these, and nothing else."""
