"""A trace, as it is looked at, in one HTML file that needs neither a kernel nor a network.

Knows no widget: what it is given are the trace, the state that a browser would be sent, and what
shall be held of it. All that comes from a model or a person stands in the page as base64, which
no text can break out of; the title alone is text, and escaped. A page is ASCII, and the same in
whatever encoding it is written.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from attention_widget._util.files import write_texts
from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, NotFoundError
from attention_widget.export.archive import (
    FORMAT,
    MAX_BYTES,
    PRECISIONS,
    Answers,
    Archive,
    Held,
    Precision,
    manifest,
    too_large,
)
from attention_widget.export.atlas import bytes_of_atlas, keep_atlas
from attention_widget.export.atlas_heads import AtlasHeads
from attention_widget.export.calculated import Calculated, bytes_of_calculation
from attention_widget.export.carried import EXACT_WEIGHTS, distinct
from attention_widget.export.document import SHELL, STATIC, document, inline, packed
from attention_widget.export.estimate import measured_bytes, page_bytes
from attention_widget.export.gather import Sides, bytes_of_both, gather
from attention_widget.export.measured import Shown
from attention_widget.export.sight import (
    count_weights,
    layer_in_sight,
    shows_measure,
    window_in_sight,
)
from attention_widget.protocol.checks import check_choice
from attention_widget.protocol.description import AttentionMeta, LayerMeta, ReadOnly
from attention_widget.protocol.measured import OF_LAYERS
from attention_widget.trace.trace import Trace

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

Assets = Literal["inline", "beside"]
ASSETS: Final[tuple[Assets, ...]] = ("inline", "beside")

SCRIPT, STYLE = "attention-widget-export.js", "attention-widget-export.css"
"""Names of the files beside a page."""


@dataclass(frozen=True)
class Page:
    """An export: the page, and what lies beside it, by name."""

    html: str
    beside: Mapping[str, str]

    def write(self, target: Path) -> None:
        """Write it; a file that stands there is replaced once all is written."""
        beside = {target.with_name(name): text for name, text in self.beside.items()}
        write_texts({**beside, target: self.html})


def export(
    trace: Trace,
    state: Mapping[str, Any],
    answers: Answers = (),
    edited: Trace | None = None,
    measure: Shown | None = None,
    sides: Sides | None = None,
    calculated: Callable[[Mapping[str, Any]], Sequence[Calculated]] | None = None,
    atlas: HeadAtlas | None = None,
    *,
    layers: int | Iterable[int] | None = None,
    heads: int | Iterable[int] | None = None,
    precision: Precision = "standard",
    assets: Assets = "inline",
    max_bytes: int = MAX_BYTES,
    progress: bool = True,
) -> Page:
    """A page of a trace; ``state`` are the traits as the browser gets them, ``meta`` among them,
    ``answers`` what the model was asked, ``edited`` the trace of the pass with the edits of the
    state, ``measure`` what is shown in the place of attention, and ``sides`` those of a comparison,
    of which ``trace`` and ``edited`` are the first and the second between the tokens of both, and
    ``calculated`` gives the steps of the layer of a state, in the pass without edits and in that
    with them, and ``atlas`` is what the view "atlas" shows. It raises what
    :meth:`AttentionWidget.to_html` says."""
    check_choice("precision", precision, PRECISIONS)
    check_choice("assets", assets, ASSETS)
    held = held_of(trace, layers, heads)
    views = state["views"]
    if not shows_measure(state):
        measure = None
    shown = shown_of(state, held)
    steps = [] if calculated is None else calculated(shown)
    archive = gather(
        trace,
        views,
        held,
        precision,
        max_bytes,
        progress,
        edited,
        measure,
        sides,
        steps,
        window_in_sight(trace, shown),
        layer_in_sight(trace, shown, held),
    )
    if atlas is not None and "atlas" in views:
        place = (shown["attention_kind"], shown["layer"])
        archive.atlas = keep_atlas(archive, atlas, held, place, is_exact=precision == "high")
    answers = [*answers, *map(_answered, steps)]
    if edited is None:
        shown["shown_pass"] = "before"  # which is here
    if measure is None:
        shown["weights"] = "attention"  # which is here
    page = page_of(archive, shown, held, answers, assets)
    if (size := len(page.html.encode())) > max_bytes:
        raise too_large(size, max_bytes)
    return page


def _answered(of: Calculated) -> Any:
    """As the manifest has an answer."""
    answered = (of.question, {"answer": of.answer})
    return answered if of.side is None else (*answered, of.side)


def estimated_bytes(
    traces: Sequence[Trace],
    state: Mapping[str, Any],
    atlas: HeadAtlas | None = None,
    calculated: Sequence[Calculated] = (),
    sides: Sides | None = None,
) -> int:
    """About how many bytes a page of some traces takes, with all of their layers and heads; see
    :func:`.estimate.page_bytes`. ``atlas`` is what the view "atlas" shows, ``calculated`` what the
    view "calculation" does, and ``sides`` are those of a comparison, of which the traces are
    between the tokens of both."""
    views = state["views"]
    around = (packed((STATIC / name).read_bytes()) for name in ("export.js", "widget.css"))
    own = sum(map(len, around)) + len((STATIC / "loader.js").read_bytes())
    if atlas is not None and "atlas" in views:
        place = (state["attention_kind"], state["layer"])
        own += bytes_of_atlas(atlas, held_of(traces[0]), place)
    own += sum(bytes_of_calculation(of, held_of(of.trace)) for of in calculated)
    measure = state["weights"] if shows_measure(state) else "attention"
    if sides is not None:
        own += bytes_of_both(traces[0], sides, held_of(traces[0]), views)
    passes = distinct([*traces, *(sides.traces if sides else ())])
    seen = layer_in_sight(traces[0], state, held_of(traces[0]))
    n_weights = sum(
        count_weights(each, held_of(each) if seen is None else seen, window_in_sight(each, state))
        for each in passes
    )
    is_exact = n_weights <= EXACT_WEIGHTS
    for trace in passes:
        held, only = held_of(trace), window_in_sight(trace, state)
        own += page_bytes(trace, views, held, only=only, exact=is_exact, seen=seen)
        if measure != "attention":
            own += measured_bytes(trace, held, is_of_layers=measure in OF_LAYERS, only=only)
    return own


def held_of(
    trace: Trace | AtlasHeads,
    layers: int | Iterable[int] | None = None,
    heads: int | Iterable[int] | None = None,
) -> Held:
    """Of each kind and layer that is wanted the heads that it has of those that are wanted."""
    there: Held = {
        kind: {
            layer: list(range(trace.count_heads(layer, kind)))
            for layer in trace.layers_with_attention(kind)
        }
        for kind in trace.kinds
    }
    every = {layer for of_kind in there.values() for layer in of_kind}
    wanted = _wanted("layers", layers, every)
    among = {h for of in there.values() for i, all_ in of.items() if i in wanted for h in all_}
    chosen = _wanted("heads", heads, among)
    return {
        kind: {i: [h for h in all_ if h in chosen] for i, all_ in of.items() if i in wanted}
        for kind, of in there.items()
        if any(i in wanted for i in of)
    }


def _wanted(name: str, given: int | Iterable[int] | None, there: Set[int]) -> Set[int]:
    """What is named, each of which must be there; all where nothing is."""
    if given is None:
        return there
    single = as_integer(given)
    named: list[object] = [single] if single is not None else list(given)  # type: ignore[arg-type]
    wanted = {index for item in named if (index := as_integer(item)) is not None}
    must = f"{name} must be one or more of {', '.join(map(str, sorted(there)))}"
    for item in named:
        if as_integer(item) is None:
            raise InvalidTypeError(f"{must}, got {reprlib.repr(item)}")
    if not wanted or not wanted <= there:
        raise NotFoundError(f"{must}, got {', '.join(map(str, sorted(wanted))) or 'none'}")
    return wanted


def shown_of(state: Mapping[str, Any], held: Held, read_only: ReadOnly = "page") -> dict[str, Any]:
    """The state, moved to what is held where it is not."""
    meta = {**state["meta"], "read_only": read_only}
    meta["attention"] = _held_of(meta, held)
    meta["suggestions"] = [
        one
        for one in meta["suggestions"]
        if one["head"] in held.get(one["kind"], {}).get(one["layer"], ())
    ]
    if comparison := meta["comparison"]:
        meta["comparison"] = {
            **comparison,
            "sides": [
                {**side, "read_only": "page", "attention": _held_of(side, held)}
                for side in comparison["sides"]
            ],
        }
    shown = {**state, "busy": False, "meta": meta}
    if shown["attention_kind"] not in held:
        shown |= {
            "attention_kind": next(iter(held)),
            "token": None,
            "key_token": None,
            "pinned": [],
        }
    layers = held[shown["attention_kind"]]
    if shown["layer"] not in layers:
        shown["layer"] = min(layers, key=lambda layer: abs(layer - shown["layer"]))
    there = layers[shown["layer"]]
    heads = [head for head in shown["heads"] if head in there]
    shown["heads"] = heads or list(there if shown["heads"] else ())
    shown["head_pairs"] = [
        [layer, head] for layer, head in shown["head_pairs"] if head in layers.get(layer, ())
    ]
    return shown


def _held_of(meta: Mapping[str, Any], held: Held) -> list[AttentionMeta]:
    return [_carried(one, held.get(one["kind"], {})) for one in meta["attention"]]


def _carried(attention: AttentionMeta, held: Mapping[int, list[int]]) -> AttentionMeta:
    """Its layers, which say where not all of their heads are held."""
    layers: list[LayerMeta | None] = []
    for index, layer in enumerate(attention["layers"]):
        there = held.get(index, [])
        part = layer is not None and len(there) < layer["n_heads"]
        layers.append({**layer, "held": there} if layer is not None and part else layer)
    return {**attention, "layers": layers}


def page_of(
    archive: Archive, state: dict[str, Any], held: Held, answers: Answers, assets: Assets
) -> Page:
    """The page that shows a state, on what an archive holds."""
    style = (STATIC / "widget.css").read_text(encoding="utf-8")
    script = (STATIC / "export.js").read_text(encoding="utf-8")
    described = json.dumps({"format": FORMAT, "blocks": len(archive.blocks)}, allow_nan=False)
    blocks = [packed(manifest(archive, state, held, answers)), *archive.blocks]
    data = [
        f'<script type="application/json" id="aw-export">{described}</script>',
        *(
            f'<script type="text/plain" id="aw-block-{number}">{block}</script>'
            for number, block in enumerate(blocks)
        ),
        '<script type="text/plain" id="aw-end"></script>',
    ]
    if assets == "beside":
        head = f'<link rel="stylesheet" href="{STYLE}">'
        code = [f'<script src="{SCRIPT}"></script>']
        policy = "script-src 'self'; style-src 'self'"
    else:
        head, code, packed_code, policy = inline(script, style)
        data = [*packed_code, *data]
    language = state["locale"] if state["locale"] != "auto" else "en"
    name, text = state["meta"]["model_name"], state["text"]
    title = f"{name}: {text}" if text else name
    html = document(title, language, head, code, data, policy)
    beside = {SCRIPT: script, STYLE: SHELL + style} if assets == "beside" else {}
    return Page(html, beside)
