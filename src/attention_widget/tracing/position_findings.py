"""From what a pass was heard to use of positions to what its trace says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn

from attention_widget.trace.block import Block
from attention_widget.trace.encodings import Encoding
from attention_widget.trace.kind import Kind
from attention_widget.trace.positions import Positions
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.tracing.recording.distance_bias import bias_by_distance, is_alibi
from attention_widget.tracing.recording.position_parts import PositionParts, sines_kept
from attention_widget.tracing.recording.sines import is_sinusoidal

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_WITHOUT: Final = ("jamba", "zamba", "nemotron_h", "kimi_linear", "glm5_next_text")
"""Model types whose attention knows no positions: other layers tell them apart."""


def positions_of(
    model: PreTrainedModel, modules: Mapping[str, nn.Module], trace: Trace, parts: PositionParts
) -> tuple[Positions, ...]:
    """How the layers of a trace tell positions apart, as far as the pass was heard; of each kind
    of self-attention what is added first comes first. Nothing where it is not known."""
    found: list[Positions] = []
    for kind in trace.kinds:
        if kind != "cross":
            found += _of_kind(model, modules, trace, parts, kind)
    return tuple(found)


def _of_kind(
    model: PreTrainedModel,
    modules: Mapping[str, nn.Module],
    trace: Trace,
    parts: PositionParts,
    kind: Kind,
) -> Iterator[Positions]:
    tokens = trace.sides(kind)[0]
    n, layers = len(tokens), trace.layers_with_attention(kind)
    of_kind = [path for path in modules if _is_of(path, kind, trace)]
    added = [
        Positions(
            kind,
            "sinusoidal" if each.is_sinusoidal else "learned",
            n,
            each.source,
            layers,
            rows=rows,
            first=_first_in(rows, tokens),
        )
        for each in parts.tables()
        if each.path in of_kind and (rows := each.of(n)) is not None
    ] or list(_parameters(modules, of_kind, kind, n, layers))
    tabled = list(_tabled(parts, of_kind, kind, n, layers))
    known = {layer for each in tabled for layer in each.layers}
    biased = [
        each
        for each in _biased(model, trace, kind, layers)
        if each.encoding != "other" or not known.issuperset(each.layers)
    ]
    turned = (
        []
        if any(each.encoding == "alibi" for each in biased)
        else list(_turned(model, modules, parts, of_kind, trace, kind))
    )
    yield from added
    yield from turned
    yield from tabled
    yield from biased
    if not added and not turned and not tabled and not biased and _has_none(model):
        yield Positions(kind, "none", n, "", layers)


def _tabled(
    parts: PositionParts,
    of_kind: Collection[str],
    kind: Kind,
    n: int,
    layers: tuple[int, ...],
) -> Iterator[Positions]:
    """Tables by distance; what they add to scores depends on the text."""
    for heard in parts.distances():
        if len(heard.buckets) != 2 * n - 1 or heard.paths[0] not in of_kind:
            continue
        of_all = len(heard.paths) == len(layers)
        yield Positions(
            kind,
            "relative_sinusoidal" if is_sinusoidal(heard.rows) else "relative_table",
            n,
            heard.paths[0],
            layers if of_all else layers[: len(heard.paths)],
            rows=heard.rows,
            buckets=heard.buckets,
        )


def _is_of(path: str, kind: Kind, trace: Trace) -> bool:
    """Whether a module belongs to the stack of a kind of attention."""
    if trace.target is None:
        return True
    names = path.lower()
    is_decoder = "decoder" in names
    return is_decoder if kind == "decoder" else not is_decoder


def _first_in(rows: torch.Tensor, tokens: Sequence[Token]) -> int:
    """From which token a table's rows are counted: behind padding, where that has the same row."""
    first = next((at for at, token in enumerate(tokens) if not token.padding), 0)
    return first if bool((rows[:first] == rows[first]).all()) else 0


def _parameters(
    modules: Mapping[str, nn.Module],
    paths: Iterable[str],
    kind: Kind,
    n: int,
    layers: tuple[int, ...],
) -> Iterator[Positions]:
    """Tables that are added as they stand, as models of pictures do: of as many rows as tokens."""
    for path in paths:
        for name, held in modules[path]._parameters.items():
            if held is None or name not in (
                "position_embeddings",
                "pos_embed",
                "position_embedding",
            ):
                continue
            if held.ndim == 3 and held.shape[:2] == (1, n) and held.device.type != "meta":
                rows = held.detach()[0].to("cpu", copy=True)
                yield Positions(kind, "learned", n, f"{path}.{name}".lstrip("."), layers, rows=rows)


def _turned(
    model: PreTrainedModel,
    modules: Mapping[str, nn.Module],
    parts: PositionParts,
    of_kind: Sequence[str],
    trace: Trace,
    kind: Kind,
) -> Iterator[Positions]:
    n, layers = len(trace.sides(kind)[0]), trace.layers_with_attention(kind)
    config = model.config.get_text_config()
    types: Sequence[str] = getattr(config, "layer_types", None) or ()
    rotating = [layer for layer in layers if _rotates(config, modules, layer)]
    takes = partial(_label_of, types, _labels_named(modules))
    made: list[Positions] = []
    for each in [*parts.rotations(), *sines_kept(modules)]:
        if each.path not in of_kind:
            continue
        used = [i for i in rotating if not each.label or takes(i) in ("", each.label)]
        dim = _head_dim(trace, kind)
        if each.frequencies is None:
            made.append(
                Positions(kind, "other", n, each.path, tuple(used), turned=each.turned, dim=dim)
            )
            continue
        one = Positions(
            kind,
            "rotary",
            n,
            each.path,
            tuple(used),
            frequencies=each.frequencies,
            scaling=each.scaling,
            first=each.first,
            turned=min(each.turned, dim or each.turned),
            dim=dim,
        )
        if used and not any(_same(one, other) for other in made):
            made.append(one)
    yield from made
    if made and (left := tuple(layer for layer in layers if layer not in rotating)):
        yield Positions(kind, "none", n, "", left)


def _labels_named(modules: Mapping[str, nn.Module]) -> dict[int, str]:
    """By layer: of which of several rotations a layer says that it takes it (DeepSeek V4)."""
    found: dict[int, str] = {}
    for module in modules.values():
        layer, label = getattr(module, "layer_idx", None), getattr(module, "rope_layer_type", None)
        if isinstance(layer, int) and isinstance(label, str):
            found[layer] = label
    return found


def _label_of(types: Sequence[str], named: Mapping[int, str], layer: int) -> str:
    """Which of several rotations a layer takes; of layers that say nothing any."""
    return named.get(layer, types[layer] if layer < len(types) else "")


def _same(one: Positions, other: Positions) -> bool:
    """Modules of several layers that turn in the same way, and by the same."""
    a, b = one.frequencies, other.frequencies
    return a is not None and b is not None and torch.equal(a, b) and one.layers == other.layers


def _rotates(config: Any, modules: Mapping[str, nn.Module], layer: int) -> bool:
    """Whether a layer of a model with rotary positions turns its queries and keys."""
    uses = getattr(config, "no_rope_layers", None)  # 1 where it does (SmolLM3, Llama 4)
    if isinstance(uses, list) and layer < len(uses):
        return bool(uses[layer])
    types = getattr(config, "layer_types", None)
    model_type = str(getattr(config, "model_type", ""))
    if types and layer < len(types) and types[layer] == "full_attention":
        if model_type.startswith(("cohere2", "flint", "beam")):
            return False
        if model_type.startswith(("exaone4", "exaone_moe", "kolibri")):
            return getattr(config, "sliding_window", None) is None
    return True


def _head_dim(trace: Trace, kind: Kind) -> int:
    blocks = [block for block in trace.blocks if block.kind == kind]
    return blocks[0].query.shape[2] if blocks else 0


def _biased(
    model: PreTrainedModel, trace: Trace, kind: Kind, layers: Sequence[int]
) -> Iterator[Positions]:
    """What is added to scores; layers that add the same stand together."""
    tokens = trace.sides(kind)[0]
    n = len(tokens)
    padding = [token.padding for token in tokens]
    real = ~torch.tensor(padding, dtype=torch.bool, device="cpu") if any(padding) else None
    made: list[tuple[Block, Positions]] = []
    for block in trace.blocks:
        if block.kind != kind or block.bias is None:
            continue
        at = next((i for i, (other, _) in enumerate(made) if _biases_alike(other, block)), None)
        if at is not None:
            known = made[at][1]
            made[at] = (block, replace(known, layers=(*known.layers, block.layer)))
            continue
        found = bias_by_distance(block, real)
        if found is None:
            one = Positions(kind, "other", n, type(model).__name__, (block.layer,))
        else:
            encoding: Encoding = "alibi" if is_alibi(found) else "relative"
            one = Positions(
                kind,
                encoding,
                n,
                type(model).__name__,
                (block.layer,),
                biases=found.values.float(),
            )
        same = next((i for i, (_, known) in enumerate(made) if _alike(known, one)), None)
        if same is None:
            made.append((block, one))
        else:
            known = made[same][1]
            made[same] = (block, replace(known, layers=(*known.layers, block.layer)))
    for _, one in made:
        is_constant = one.biases is not None and _is_constant(one.biases)
        if not is_constant:
            yield one


def _biases_alike(one: Block, other: Block) -> bool:
    a, b = one.bias, other.bias
    return a is b or (a is not None and b is not None and torch.equal(a, b))


def _alike(one: Positions, other: Positions) -> bool:
    if one.encoding != other.encoding:
        return False
    if one.biases is None or other.biases is None:
        return one.biases is other.biases
    return bool(torch.allclose(one.biases, other.biases, rtol=1e-5, atol=1e-5, equal_nan=True))


def _is_constant(biases: torch.Tensor) -> bool:
    """The same at every distance: it tells nothing apart (what a mask left over)."""
    known = biases[~biases.isnan()]
    return not known.numel() or bool((known == known[0]).all())


def _has_none(model: PreTrainedModel) -> bool:
    config = model.config.get_text_config()
    named = getattr(config, "position_embedding_type", "")
    turns = getattr(config, "use_mem_rope", True)  # Zamba 2 may leave it
    return config.model_type in _WITHOUT or named in ("nope", "none", None) or not turns
