"""How much memory a trace will take, and how much it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from attention_widget._util.free_memory import free_nbytes
from attention_widget.tracing.recording.records import CROSSING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_SHARE = 0.8  # of the memory that is free


def estimated_nbytes(
    model: PreTrainedModel,
    modules: Mapping[str, nn.Module],
    n_tokens: int,
    n_target: int = 0,
    n_kept: int | None = None,
) -> int:
    """Bytes that a trace of ``n_tokens`` will keep, an upper bound in ordinary cases.

    Queries, keys and values are as wide as the linear maps inside the attention modules, the
    output's among them; ``1 + layers`` hidden states and the word embeddings come besides, all in
    the dtype of the model, and 32-bit floats for each pair of tokens and head where positions enter
    as a bias that differs by pair (T5, DeBERTa). With ``n_kept`` the widest so many layers count,
    of each stack. Attention that a model computes in a wider type than its own takes more; the pass
    itself counts what it keeps, and stops when that is too much.
    """
    size = model.dtype.itemsize if model.dtype.is_floating_point else torch.float32.itemsize
    total = 0
    for stack in ("encoder", "decoder") if n_target else ("",):
        config = _config(model, stack)
        n = n_target if stack == "decoder" else n_tokens
        widths = _attention(modules, stack, n, max(n, n_tokens))
        depth = max(_depth(config, stack), len(widths), 1)
        hidden = _number(config, "hidden_size", "d_model", "n_embd", "dim", "emb_dim")
        hidden = hidden or max(widths.values(), default=0) // max(n, 1)
        per_layer = sorted(widths.values(), reverse=True) or [4 * hidden * n]
        if hasattr(config, "num_hidden_groups") and len(widths) < depth:
            per_layer = per_layer[:1] * depth  # ALBERT runs the same modules once per layer
        bias = 4 * _heads(config, stack) * n * max(n, n_tokens) if _biased(config) else 0
        states = _states(depth, n_kept)
        if n_kept is not None:
            per_layer = per_layer[:n_kept]
        masks = 16 * n * len(per_layer)
        total += size * (sum(per_layer) + states * hidden * n) + masks
        total += bias * len(per_layer) * (2 if stack == "decoder" else 1)
    return total


def stitched_nbytes(model: PreTrainedModel, n_tokens: int, n_kept: int | None = None) -> int:
    """Bytes of the hidden states and word embeddings that are put together from windows: a text of
    ``n_tokens`` keeps them besides its windows, which have their own."""
    size = model.dtype.itemsize if model.dtype.is_floating_point else torch.float32.itemsize
    config = _config(model, "")
    hidden = _number(config, "hidden_size", "d_model", "n_embd", "dim", "emb_dim")
    return size * _states(max(_depth(config, ""), 1), n_kept) * hidden * n_tokens


def _states(depth: int, n_kept: int | None) -> int:
    """How many numbers of the hidden size a token keeps: what goes into and comes out of the layers
    that are kept, and its row of the table of word embeddings."""
    return 1 + (depth + 1 if n_kept is None else min(depth + 1, 2 * n_kept))


def pass_nbytes(
    model: PreTrainedModel, modules: Mapping[str, nn.Module], n_tokens: int, n_target: int = 0
) -> int:
    """Bytes that a forward pass takes at its height besides the weights and what a trace keeps: an
    estimate.

    They are the states between two layers, what the widest linear map of a layer puts out, the
    whole map of query × key of one layer where the model writes it out (eager attention), a mask
    of that size else, and what the output head puts out for every token.
    """
    size = model.dtype.itemsize if model.dtype.is_floating_point else torch.float32.itemsize
    head = model.get_output_embeddings()
    sequence = max(n_tokens, n_target)
    widest = max(
        (
            width
            for path, module in modules.items()
            if module is not head and isinstance(width := _width(module), int)
            if re.search(r"\.\d+\.", path)
        ),
        default=0,
    )
    states = 0
    for stack in ("encoder", "decoder") if n_target else ("",):
        config = _config(model, stack)
        states = max(states, _number(config, "hidden_size", "d_model", "n_embd", "dim", "emb_dim"))
    config = _config(model, "decoder" if n_target else "")
    pairs = sequence * max(n_tokens, n_target)
    if getattr(config, "_attn_implementation", None) == "eager" or _biased(config):
        pairs *= 3 * _heads(config, "decoder" if n_target else "")
    of_layer = sequence * (4 * states + 3 * widest) * size + 4 * pairs
    vocabulary = 0 if head is None else (_width(head) or 0)
    # Some models put logits out in float32 too, whatever their own dtype.
    logits = vocabulary * (n_target or n_tokens) * (size if size >= 4 else size + 4)
    return of_layer + logits


def gradient_nbytes(
    model: PreTrainedModel, modules: Mapping[str, nn.Module], n_tokens: int, n_target: int = 0
) -> int:
    """Bytes that a forward pass with gradients takes at its height besides the weights: an
    estimate. What every linear map of every layer took in and put out stays until the way back, and
    so does each map of query × key that the model writes out."""
    size = model.dtype.itemsize if model.dtype.is_floating_point else torch.float32.itemsize
    head = model.get_output_embeddings()
    total = 0
    for stack in ("encoder", "decoder") if n_target else ("",):
        config = _config(model, stack)
        n = n_target if stack == "decoder" else n_tokens
        hidden = _number(config, "hidden_size", "d_model", "n_embd", "dim", "emb_dim")
        widths = sum(
            _width(module) or 0
            for path, module in modules.items()
            if module is not head and not (stack and (stack == "decoder") != ("decoder" in path))
        )
        depth = max(_depth(config, stack), 1)
        # A block's two norms and sums keep some copies of its states; an MLP of its inner ones.
        total += n * size * (widths + widths // 3 + 6 * hidden * depth)
        if getattr(config, "_attn_implementation", None) == "eager" or _biased(config):
            total += 3 * 4 * _heads(config, stack) * n * max(n, n_tokens) * depth
    return total + pass_nbytes(model, modules, n_tokens, n_target)


def count_layers(model: PreTrainedModel, *, two_stacks: bool = False) -> int | None:
    """How many layers a pass goes through, as far as the configuration says."""
    stacks = ("encoder", "decoder") if two_stacks else ("",)
    return sum(_depth(_config(model, stack), stack) for stack in stacks) or None


def available_nbytes() -> int:
    """Default memory limit of a trace: four fifths of the memory that is free."""
    return int(_SHARE * free_nbytes())


def _attention(
    modules: Mapping[str, nn.Module], stack: str, n: int, n_crossing: int
) -> dict[str, int]:
    """How many numbers the linear maps of attention put out, by layer."""
    found: dict[str, int] = {}
    for path, module in modules.items():
        width = _width(module)
        if width is None or (layer := _layer(path)) is None:
            continue
        if stack and (stack == "decoder") != ("decoder" in path.lower()):
            continue
        crosses = stack == "decoder" and any(word in path.lower() for word in CROSSING)
        found[layer] = found.get(layer, 0) + width * (n_crossing if crosses else n)
    return found


def _width(module: nn.Module) -> int | None:
    """How many numbers a linear map puts out for each token; None of another module."""
    own = vars(module)
    width = own.get("out_features", own.get("nf"))
    return width if isinstance(width, int) else None


@lru_cache(maxsize=4096)
def _layer(path: str) -> str | None:
    """Path of the layer that a linear map of attention is in; None of another module."""
    lower = path.lower()
    if "att" not in lower or any(name.startswith("lora_") for name in lower.split(".")):
        return None
    layer = re.match(r".*?\.\d+(?=\.)", path)
    return layer[0] if layer else path


def _config(model: PreTrainedModel, stack: str) -> Any:
    config: Any = model.config
    own = getattr(config, stack, None) if stack else None
    return own if own is not None and hasattr(own, "to_dict") else config.get_text_config()


def _depth(config: Any, stack: str) -> int:
    own = (f"{stack}_layers", f"num_{stack}_layers")
    return _number(config, *own, "num_hidden_layers", "n_layer", "n_layers", "num_layers")


def _heads(config: Any, stack: str) -> int:
    own = f"{stack}_attention_heads"
    return _number(config, own, "num_attention_heads", "num_heads", "n_head", "n_heads")


def _number(config: Any, *names: str) -> int:
    values = (getattr(config, name, None) for name in names)
    return next((value for value in values if isinstance(value, int)), 0)


def _biased(config: Any) -> bool:
    return bool(
        getattr(config, "relative_attention", False)
        or getattr(config, "relative_attention_num_buckets", 0)
        or str(getattr(config, "position_embedding_type", "")).startswith("relative")
    )
