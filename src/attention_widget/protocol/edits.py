"""Edits of a pass as they are sent and kept: one JSON object each, every number from 0.

The objects of :mod:`attention_widget.experiments` are taken by the name of their class, whose
fields an edit has; js/trace/edits.ts is the browser's half.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, SupportsFloat

from attention_widget._util.integers import as_integer
from attention_widget.errors import RefusedError
from attention_widget.protocol.checks import (
    check_choice,
    check_indices,
    either,
    first_kind,
    refused,
)
from attention_widget.trace.kind import Kind

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace

CLASSES: Final = {
    "HeadOff": "head_off",
    "HeadScale": "head_scale",
    "HeadPatch": "head_patch",
    "EdgeOff": "edge_off",
}
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "head_off": {"kind": None, "layer": ..., "heads": ..., "tokens": None, "value": "zero"},
    "head_scale": {"kind": None, "layer": ..., "heads": ..., "factor": ..., "tokens": None},
    "head_patch": {
        "kind": None,
        "layer": ...,
        "heads": ...,
        "source": ...,
        "tokens": None,
        "source_tokens": None,
    },
    "edge_off": {"kind": None, "layer": None, "heads": None, "query": None, "key": ...},
}
"""Fields of each, with what is meant where they are left out; ... for those that must be given."""

MOST: Final = 64


def check_edits(name: str, value: object, trace: Trace) -> tuple[dict[str, Any], ...]:
    """Edits that a trace has the layers, heads and tokens for; a single one is that one."""
    if value is None:
        return ()
    if isinstance(value, Mapping) or type(value).__name__ in CLASSES:
        value = (value,)
    must = f"{name} must be a list of {either(list(CLASSES))}, or of their dicts"
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise refused(must, value)
    given = list(value)
    if len(given) > MOST:
        raise RefusedError(f"{name} must be at most {MOST}, got {len(given)}")
    return tuple(_checked(name, must, each, trace) for each in given)


def _checked(name: str, must: str, given: object, trace: Trace) -> dict[str, Any]:
    fields = _fields(must, given)
    edit = check_choice(f"edit of {name}", fields.pop("edit", None), list(_FIELDS))
    known = _FIELDS[edit]
    if unknown := [field for field in fields if field not in known]:
        raise RefusedError(f"{name} of {edit} must have {either(list(known))}, got {unknown}")
    chosen = {**known, **fields}
    if missing := [field for field, each in chosen.items() if each is ...]:
        raise RefusedError(f"{name} of {edit} must have {either(missing)}")
    kind = chosen["kind"]
    chosen["kind"] = first_kind(trace) if kind is None else check_choice("kind", kind, trace.kinds)
    _place(edit, chosen, trace)
    if "value" in chosen:
        check_choice("value", chosen["value"], ("zero", "mean"))
    if "factor" in chosen:
        chosen["factor"] = _factor(chosen["factor"])
    if "source" in chosen:
        chosen["source"] = _source(chosen["source"], trace)
        chosen["source_tokens"] = _source_tokens(chosen["source_tokens"])
    return {"edit": edit, **chosen}


def _fields(must: str, given: object) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    name = CLASSES.get(type(given).__name__)
    if name is None or not dataclasses.is_dataclass(given):
        raise refused(must, given)
    named = dataclasses.fields(given)
    return {"edit": name, **{field.name: getattr(given, field.name) for field in named}}


def _place(edit: str, chosen: dict[str, Any], trace: Trace) -> None:
    kind: Kind = chosen["kind"]
    have = trace.layers_with_attention(kind)
    layer = as_integer(chosen["layer"])
    if layer not in have and not (edit == "edge_off" and chosen["layer"] is None):
        raise refused(f"layer must be {either(have)}", chosen["layer"])
    chosen["layer"] = layer
    layers = have if layer is None else (layer,)
    queries, keys = map(len, trace.sides(kind))
    counts = {
        "heads": min(trace.count_heads(each, kind) for each in layers),
        "tokens": queries,
        "query": queries,
        "key": keys,
    }
    for field, count in counts.items():
        if field not in chosen or (chosen[field] is None and field not in ("key",)):
            if field == "heads" and edit != "edge_off":
                raise refused("heads must be one or several integers", None)
            continue
        found = check_indices(field, chosen[field], field, count)
        if not found:
            raise refused(f"{field} must name one at least", "none")
        chosen[field] = list(found)


def _source(value: object, trace: Trace) -> str:
    """The other text; of an experiment the one that it is about."""
    if isinstance(value, str):
        if not value.strip():
            raise refused("source must be the other text", value)
        return value
    other = getattr(value, "trace", None)
    if not isinstance(other, type(trace)):
        raise refused("source must be the other text, or an Experiment with it", value)
    if other.model_name != trace.model_name:
        raise refused(
            f"source must be of the model that is shown, {trace.model_name}", other.model_name
        )
    if other.roles or other.image is not None or other.texts[1:] != trace.texts[1:]:
        raise RefusedError(
            "source must be a plain text, as the one that is shown is, got an experiment with more "
            "than one; give the text itself"
        )
    return other.texts[0]


def _source_tokens(value: object) -> list[int] | None:
    """How many there are is known once the other text is read."""
    if value is None:
        return None
    found = [as_integer(each) for each in (value if isinstance(value, Iterable) else [value])]
    if not found or any(each is None for each in found):
        raise refused("source_tokens must be one or several integers", value)
    return [each for each in found if each is not None]


def _factor(value: object) -> float:
    if not isinstance(value, SupportsFloat) or isinstance(value, bool | str):
        raise refused("factor must be a number", value)
    factor = float(value)
    if not math.isfinite(factor):
        raise refused("factor must be a finite number", value)
    return factor
