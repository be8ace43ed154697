"""What a person may select, and what is said when it cannot be.

Every check returns the value as it is stored, or raises a TraitError that says what was wrong,
what was given and what is allowed.
"""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, SupportsFloat

from traitlets import TraitError

from attention_widget.protocol.description import LayerMeta, Meta

VIEWS: Final = ("lines", "grid", "neuron", "matrix", "tokens", "text", "heads")
DEFAULT_VIEWS: Final = ("lines", "grid", "text")
MEASURES: Final = (
    "norm",
    "previous_cosine",
    "pinned_cosine",
    "attention_from",
    "attention_received",
)
SPACES: Final = ("embeddings", "hidden_states")
THEMES: Final = ("auto", "light", "dark")
LOCALES: Final = ("auto", "en", "vi", "ru")
COMBINATIONS: Final = ("overlay", "columns", "mean", "maximum")
SPECIAL_TOKENS: Final = ("show", "hide", "renormalise")
SEGMENTS: Final = ("all", "a_a", "a_b", "b_a", "b_b")
DIRECTIONS: Final = ("vertical", "horizontal")
SUMMARIES: Final = (
    "none",
    "entropy",
    "distance",
    "previous",
    "next",
    "self",
    "first",
    "special",
    "sink",
)
PIN_MODES: Final = ("each", "mean")
COLOUR_MAPS: Final = ("purple", "viridis", "cividis", "grey", "diverging")


def check_kind(name: str, value: object, meta: Meta) -> str:
    """A kind of attention that the trace has."""
    return check_choice(name, value, [attention["kind"] for attention in meta["attention"]])


def check_layer(name: str, value: object, meta: Meta, kind: str) -> int:
    """A layer that has attention of this kind."""
    layers = layers_of(meta, kind)
    have = layers_with_attention(meta, kind)
    layer = _integer(value)
    if layer in have:
        return layer
    whole = len(have) == len(layers)
    allowed = _range(len(have)) if whole else f"the layers with attention {_listed(have)}"
    if layer is not None and 0 <= layer < len(layers):
        raise TraitError(f"{name} {layer} has no attention; allowed: {allowed}")
    raise _refusal(name, value, layer, allowed)


def check_heads(name: str, value: object, meta: Meta, kind: str, layer: int) -> tuple[int, ...]:
    """Heads of the layer, in the order given; a single integer is that one."""
    count = count_heads(meta, kind, layer)
    single = _integer(value)
    if single is not None:
        value = (single,)
    allowed = f"any of {_range(count)}, each once"
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _refusal(name, value, None, allowed, "an integer or several")
    given = sorted(value) if isinstance(value, set | frozenset) else list(value)
    heads = []
    for item in given:
        head = _integer(item)
        if head is None:
            raise _refusal(name, value, None, allowed, "an integer or several")
        if not 0 <= head < count:
            raise TraitError(f"head {head} does not exist in layer {layer}; allowed: {allowed}")
        if head in heads:
            raise TraitError(f"head {head} is given twice; allowed: {allowed}")
        heads.append(head)
    return tuple(heads)


def check_token(name: str, value: object, meta: Meta, kind: str) -> int | None:
    """Index of a query token of this kind of attention, or None for no token."""
    return _one_token(name, value, count_queries(meta, kind))


def check_key_token(name: str, value: object, meta: Meta, kind: str) -> int | None:
    """Index of a key token of this kind of attention, or None for no token."""
    return _one_token(name, value, count_keys(meta, kind))


def check_tokens(name: str, value: object, meta: Meta, kind: str) -> tuple[int, ...]:
    """Indices of query tokens in the order given, each once; a single one is that one, and None
    is none."""
    if value is None:
        return ()
    if _integer(value) is not None:
        value = (value,)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        allowed = f"any of {_range(count_queries(meta, kind))}, each once; or None"
        raise _refusal(name, value, None, allowed, "an integer or several")
    tokens = [_one_token(name, item, count_queries(meta, kind), False) for item in value]
    if len(set(tokens)) < len(tokens):
        raise TraitError(f"{name} names one twice: {_listed(tokens)}; allowed: each once")
    return tuple(token for token in tokens if token is not None)


def check_share(name: str, value: object) -> float:
    """A number from 0 to 1."""
    number = None
    if isinstance(value, SupportsFloat) and not isinstance(value, bool):
        with suppress(TypeError, ValueError, RuntimeError):  # an array of several
            number = float(value)
    if number is None or not 0 <= number <= 1:
        given = f"{reprlib.repr(value)} ({type(value).__name__})"
        raise TraitError(f"{name} is {given}; allowed: a number from 0 to 1")
    return number


def check_choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """One of the allowed names."""
    if not isinstance(value, str) or value not in allowed:
        raise TraitError(f"{name} is {reprlib.repr(value)}; allowed: {_listed(allowed)}")
    return value


def check_choices(name: str, value: object, allowed: Sequence[str]) -> tuple[str, ...]:
    """Allowed names in the order given, each once; a single string is that one."""
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Iterable):
        raise TraitError(
            f"{name} is {reprlib.repr(value)}; allowed: any of {_listed(allowed)}, each once"
        )
    chosen = tuple(check_choice(name, item, allowed) for item in value)
    if len(set(chosen)) < len(chosen):
        raise TraitError(f"{name} names one twice: {_listed(chosen)}; allowed: each once")
    return chosen


def check_flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise TraitError(
            f"{name} is {reprlib.repr(value)} ({type(value).__name__}); allowed: True, False"
        )
    return value


def check_text(name: str, value: object, optional: bool) -> str | None:
    """A string; None too where the text is optional."""
    if isinstance(value, str) or (value is None and optional):
        return value
    allowed = "a string or None" if optional else "a string"
    raise TraitError(
        f"{name} is {reprlib.repr(value)} ({type(value).__name__}); allowed: {allowed}"
    )


def first_kind(meta: Meta) -> str:
    """The kind of attention shown at first.

    Raises:
        ValueError: there is none.
    """
    if not meta["attention"]:
        raise ValueError(f"the trace of {meta['model_name']} holds no attention to show")
    return meta["attention"][0]["kind"]


def layers_of(meta: Meta, kind: str) -> list[LayerMeta | None]:
    """The layers of a kind of attention."""
    found = [attention["layers"] for attention in meta["attention"] if attention["kind"] == kind]
    return found[0] if found else []


def layers_with_attention(meta: Meta, kind: str) -> list[int]:
    """Layers that can be selected, one at least."""
    return [index for index, layer in enumerate(layers_of(meta, kind)) if layer is not None]


def count_heads(meta: Meta, kind: str, layer: int) -> int:
    """Number of heads of a layer, 0 where it has no attention."""
    layers = layers_of(meta, kind)
    described = layers[layer] if 0 <= layer < len(layers) else None
    return described["n_heads"] if described else 0


def queries_are_target(meta: Meta, kind: str) -> bool:
    """Whether the queries of this kind of attention are the tokens of a decoder beside an
    encoder."""
    return meta["target"] is not None and kind != "encoder"


def keys_are_target(meta: Meta, kind: str) -> bool:
    """Whether its keys are."""
    return kind != "cross" and queries_are_target(meta, kind)


def count_queries(meta: Meta, kind: str) -> int:
    """Number of query tokens of a kind of attention."""
    target = meta["target"] if queries_are_target(meta, kind) else None
    return len(meta["tokens"] if target is None else target["tokens"])


def count_keys(meta: Meta, kind: str) -> int:
    """Number of key tokens of a kind of attention."""
    return len(meta["tokens"]) if kind == "cross" else count_queries(meta, kind)


def carry_layer(meta: Meta, kind: str, layer: int) -> int:
    """The layer, or the first that has attention of this kind where it has none."""
    have = layers_with_attention(meta, kind)
    return layer if layer in have else have[0]


def carry_heads(heads: tuple[int, ...], before: int, now: int) -> tuple[int, ...]:
    """The heads selected in a layer of ``before`` heads, carried to a layer of ``now`` heads.

    All stays all and none stays none; else those that exist stay, or all if none of them does.
    """
    kept = tuple(head for head in heads if head < now)
    if heads and (len(heads) == before or not kept):
        return tuple(range(now))
    return kept


def _one_token(name: str, value: object, count: int, optional: bool = True) -> int | None:
    if value is None and optional:
        return None
    token = _integer(value)
    if token is None or not 0 <= token < count:
        raise _refusal(name, value, token, f"{_range(count)}{', or None' if optional else ''}")
    return token


def _integer(value: object) -> int | None:
    """Any kind of integer (NumPy's and PyTorch's too) but no truth value."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _refusal(
    name: str, value: object, integer: int | None, allowed: str, wanted: str = "an integer"
) -> TraitError:
    if integer is None:
        given = f"{reprlib.repr(value)} ({type(value).__name__})"
        return TraitError(f"{name} must be {wanted}, not {given}; allowed: {allowed}")
    return TraitError(f"{name} {integer} does not exist; allowed: {allowed}")


def _range(count: int) -> str:
    return f"0 to {count - 1}" if count > 1 else "0"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))
