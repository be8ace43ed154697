"""What tells one model or tokenizer from another, so that no two scans are taken for one."""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import Any, Final

import torch

from attention_widget.tracing.inputs.text import left_as_it_was

_SAMPLED: Final = 64  # numbers of each tensor of weights
_TEXTS: Final = (
    "The Quick brown fox, isn't it?\n\n  42 times: 3.14 €",
    "Съешь ещё этих мягких булок — «да»",
    "Tiếng Việt có dấu; 汉字和標點。 עברית 👩‍👩‍👧",
)


def model_digest(model: Any) -> str:
    """SHA-256 of its class and configuration, and of a sample of each tensor of its weights; of
    weights that are offloaded, of their shape."""
    digest = hashlib.sha256(type(model).__name__.encode())
    config = {
        key: value
        for key, value in model.config.to_dict().items()
        if not key.startswith("_") and key not in ("transformers_version", "dtype", "torch_dtype")
    }
    digest.update(json.dumps(config, sort_keys=True, default=str).encode())
    for name, weights in chain(model.named_parameters(), model.named_buffers()):
        digest.update(f"{name} {tuple(weights.shape)} {weights.dtype}".encode())
        if not weights.is_meta and weights.numel():
            digest.update(_sample(weights.detach()))
    return digest.hexdigest()


def tokenizer_digest(tokenizer: Any) -> str:
    """SHA-256 of its class and size, and of the ids that it makes of a few texts."""
    if tokenizer is None:
        return ""
    made: Any = left_as_it_was(
        tokenizer,
        lambda: [tokenizer(text, truncation=False, padding=False)["input_ids"] for text in _TEXTS],
    )
    kept = [len(tokenizer), [list(ids) for ids in made]]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def _sample(weights: torch.Tensor) -> bytes:
    flat = weights.reshape(-1) if weights.is_contiguous() else weights.flatten()
    places = torch.linspace(
        0, flat.numel() - 1, min(_SAMPLED, flat.numel()), dtype=torch.float64, device="cpu"
    )
    found = flat[places.long().to(flat.device)]
    return bytes(found.double().cpu().numpy().tobytes())
