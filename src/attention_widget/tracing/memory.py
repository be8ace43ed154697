"""How much memory a trace will take, and how much it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn
from transformers import PreTrainedModel

from attention_widget.tracing.recording.records import CROSSING

_SHARE = 0.8  # of the memory that is free
_GROUPS, _MOUNT = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


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
        states = depth + 1
        if n_kept is not None:
            per_layer = per_layer[:n_kept]
            states = min(states, 2 * n_kept)
        states += 1  # the rows of the table of word embeddings
        masks = 16 * n * len(per_layer)
        total += size * (sum(per_layer) + states * hidden * n) + masks
        total += bias * len(per_layer) * (2 if stack == "decoder" else 1)
    return total


def count_layers(model: PreTrainedModel, *, two_stacks: bool = False) -> int | None:
    """How many layers a pass goes through, as far as the configuration says."""
    stacks = ("encoder", "decoder") if two_stacks else ("",)
    return sum(_depth(_config(model, stack), stack) for stack in stacks) or None


def available_nbytes() -> int:
    """Default memory limit of a trace: four fifths of the memory that is free, both on the machine
    and in the control group (container) of this process."""
    # groups of Linux, version 2 or 1, that bound this process
    groups = (free for bound in _bounds(_GROUPS, _MOUNT) for free in _free_in(*bound))
    return int(_SHARE * min([psutil.virtual_memory().available, *groups]))


def _attention(
    modules: Mapping[str, nn.Module], stack: str, n: int, n_crossing: int
) -> dict[str, int]:
    """How many numbers the linear maps of attention put out, by layer."""
    found: dict[str, int] = {}
    for path, module in modules.items():
        own = vars(module)
        width = own.get("out_features", own.get("nf"))
        if not isinstance(width, int) or (layer := _layer(path)) is None:
            continue
        if stack and (stack == "decoder") != ("decoder" in path.lower()):
            continue
        crosses = stack == "decoder" and any(word in path.lower() for word in CROSSING)
        found[layer] = found.get(layer, 0) + width * (n_crossing if crosses else n)
    return found


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


@lru_cache(maxsize=1)
def _bounds(groups: Path, mount: Path) -> tuple[tuple[Path, str, str], ...]:
    """The groups that have a limit, and the names of the files with limit and usage."""
    try:
        lines = groups.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    found: list[tuple[Path, str, str]] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, names = mount, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            root = mount / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        place = root / path.lstrip("/")
        for group in (place, *place.parents):
            if _free_in(group, *names):
                found.append((group, *names))
            if group == root:
                break
    return tuple(found)


def _free_in(group: Path, limit: str, usage: str) -> list[int]:
    try:
        most = (group / limit).read_text(encoding="utf-8").strip()
        used = int((group / usage).read_text(encoding="utf-8"))
        stat = (group / "memory.stat").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return []
    if most == "max":
        return []
    cached = re.search(r"^(?:total_)?inactive_file (\d+)$", stat, re.MULTILINE)
    return [int(most) - used + (int(cached[1]) if cached else 0)]
