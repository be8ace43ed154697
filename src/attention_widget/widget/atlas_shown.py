"""An atlas beside a widget: whether it is of the widget's model, and what the browser asks."""

from __future__ import annotations

import difflib
import json
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import torch

from attention_widget.errors import InvalidTypeError, InvalidValueError, RefusedError
from attention_widget.export.atlas import head_of, overview_of
from attention_widget.protocol.checks import either
from attention_widget.protocol.model_option import SummaryName
from attention_widget.protocol.options import OPTIONS
from attention_widget.trace.kind import check_kind
from attention_widget.trace.trace import Trace
from attention_widget.widget.answers import check_integer
from attention_widget.widget.steps import Progress, Steps

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

QUESTIONS: Final = {"atlas": (), "atlas_head": ("kind", "layer", "head")}
"""What the browser asks, and the fields of each."""

OF_ATLAS: Final = tuple(one.name for one in OPTIONS if isinstance(one, SummaryName))
"""Options that name a summary of the atlas."""


def check_atlas(
    atlas: object, trace: Trace, model: torch.nn.Module | None = None
) -> HeadAtlas | None:
    """An atlas of the model that left the trace, or None; TypeError or ValueError for another. It
    warns where the model is not the very one that was scanned, as far as weights tell."""
    if atlas is None:
        return None
    from attention_widget.corpus.atlas import HeadAtlas

    if not isinstance(atlas, HeadAtlas):
        raise InvalidTypeError(
            f"atlas must be a HeadAtlas, from scan() or HeadAtlas.load(), got "
            f"{type(atlas).__name__}"
        )
    if atlas.model_name != trace.model_name:
        raise InvalidValueError(
            f"atlas must be of the model that the widget shows, {trace.model_name!r}, got one of "
            f"{atlas.model_name!r}; scan this model: scan(model, texts)"
        )
    columns = atlas.columns
    places = zip(columns["kind"], columns["layer"], columns["head"], strict=True)
    for kind, layer, head in places:
        if kind not in trace.kinds:
            continue
        if layer in trace.layers_with_attention(kind):
            fits = head < trace.count_heads(layer, kind)
        else:  # a trace may hold a part of the layers
            fits = 0 <= layer < trace.count_layers(kind)
        if not fits:
            raise InvalidValueError(
                f"atlas must be of a model with the heads of {trace.model_name!r}, got one with "
                f"layer {layer}, head {head} of {kind} attention; scan this model: "
                f"scan(model, texts)"
            )
    if model is not None:
        _warn_of_other(atlas, model)
    return atlas


def _warn_of_other(atlas: HeadAtlas, model: torch.nn.Module) -> None:
    from attention_widget.corpus.identity import model_digest
    from attention_widget.corpus.text_reader import part_that_reads

    if atlas.scanned.model and model_digest(part_that_reads(model)) != atlas.scanned.model:
        warnings.warn(
            f"the atlas was scanned with another {atlas.model_name!r} than this: its weights, "
            f"their precision, its class or its configuration differ, as after fine-tuning; what "
            f"the atlas says of its heads may not hold. Scan this model: scan(model, texts)",
            stacklevel=4,
        )


def check_summaries(atlas: HeadAtlas | None, options: Mapping[str, Any]) -> None:
    """RefusedError where options name a summary that the atlas lacks."""
    if atlas is None:
        return  # nothing shows it
    for name in OF_ATLAS:
        value = options.get(name)
        if value is None or value in atlas.names:
            continue
        close = difflib.get_close_matches(value, atlas.names, 1)
        advice = f"; did you mean {close[0]!r}?" if close else ""
        raise RefusedError(f"{name} must be {either(atlas.names)}, got {value!r}{advice}")


def surest_rows(atlas: HeadAtlas, choices: Mapping[str, Any]) -> list[int]:
    """The rows of the heads that choices name, all where they name none: those first that are
    surest to do what their label says."""
    columns = atlas.columns
    rows = list(range(atlas.n_heads))
    for name, column in (("attention_kind", "kind"), ("layer", "layer"), ("heads", "head")):
        wanted = choices.get(name)
        if wanted is not None:
            first = wanted if isinstance(wanted, int | str) else next(iter(wanted), None)
            rows = [row for row in rows if columns[column][row] == first]

    def sureness(row: int) -> float:
        label = columns["label"][row].item()
        return float(columns[label][row]) if label in atlas.names else 0.0

    return sorted(rows, key=lambda row: -sureness(row))


def is_of_atlas(question: object) -> bool:
    """Whether a question is about the atlas."""
    return isinstance(question, dict) and question.get("name") in QUESTIONS


def atlas_steps(atlas: HeadAtlas | None, question: Mapping[str, Any]) -> Steps:
    """The answer about the atlas: every head with its summaries, or the examples of one head."""
    fields = QUESTIONS[question["name"]]
    given = {name: value for name, value in question.items() if name != "name"}
    if tuple(sorted(given)) != tuple(sorted(fields)):
        raise InvalidValueError(
            f"the question {question['name']!r} must have {either(fields) if fields else 'nothing'}"
            f" beside its name, got {list(given)!r:.80}"
        )
    yield Progress(0, 1)
    if not fields:
        return overview_of(atlas)
    if atlas is None:
        raise RefusedError("the widget has no atlas; make AttentionWidget(model, text, atlas=...)")
    kind, layer, head = (given[name] for name in fields)
    check_kind(kind)
    check_integer("layer", layer)
    check_integer("head", head)
    return head_of(atlas, kind, layer, head)


def counted(steps: Steps, add: Callable[[int], object]) -> Steps:
    """The same steps; ``add`` is told of how many bytes the answer is."""
    answer = yield from steps
    add(len(json.dumps(answer, separators=(",", ":")).encode()))
    return answer
