"""Traces of every sort, and changes to the files that hold them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from attention_widget.trace.storage import digest_of
from attention_widget.trace.trace import Trace
from support.traces import as_maps, chat, encoder_decoder, picture, sound, trace, windowed

EVERY: dict[str, Callable[[], Trace]] = {
    "plain": lambda: trace(heads=(4, 0, 2), kv_heads=2),
    "causal": lambda: trace(causal=True),
    "encoder_decoder": lambda: encoder_decoder(generated=True),
    "windows": windowed,
    "chat": chat,
    "picture": picture,
    "sound": sound,
    "maps": lambda: as_maps(trace()),
    "words": lambda: trace().words(),
    "without_special": lambda: encoder_decoder().without_special(renormalise=True),
    "some layers": lambda: replace(trace(), kept=(1,)),
}


def rewrite(path: Path, change: Callable[[dict[str, str]], None], **tensors: torch.Tensor) -> None:
    """Change the metadata of a file, and some of its tensors."""
    with safe_open(str(path), "pt") as file:
        metadata = file.metadata()
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(metadata)
    kept |= tensors
    save_file(kept, path, {**metadata, "sha256": digest_of(metadata.get("content", ""), kept)})


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change the described content of a file."""

    def changed(metadata: dict[str, str]) -> None:
        content = json.loads(metadata["content"])
        change(content)
        metadata["content"] = json.dumps(content)

    rewrite(path, changed)
