"""Tiny models that see or hear, with random weights, and what makes their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from transformers import PreTrainedModel

from attention_widget import Trace
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.tracer import Tracer

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
}
VIT = {**SIZES, "image_size": 32, "patch_size": 8}


def tiny(
    kind: str, config: str, settings: dict[str, Any], attn_implementation: str = "eager"
) -> PreTrainedModel:
    """A model of a class; the same weights for every attention implementation. Skips the test
    where this transformers has no such model or implementation."""
    if not hasattr(transformers, kind):
        pytest.skip(f"transformers {transformers.__version__} has no {kind}")
    torch.manual_seed(0)
    given = getattr(transformers, config)(**settings, attn_implementation=attn_implementation)
    make = getattr(transformers, kind)._from_config
    try:
        model: PreTrainedModel = make(given, attn_implementation=attn_implementation)
    except ValueError as error:
        if "does not support an attention implementation" not in str(error):
            raise
        pytest.skip(f"{kind} has no {attn_implementation} in {transformers.__version__}")
    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.ndim > 1:  # far enough from zero that attention differs from uniform
            torch.nn.init.normal_(parameter, std=0.3)
        elif not bool(parameter.any()):
            torch.nn.init.normal_(parameter, std=0.1)
    model.eval()
    return model


def traced(model: PreTrainedModel, encoded: Encoded) -> Trace:
    return Tracer(model).trace(encoded)[0]


def own(model: PreTrainedModel, encoded: Encoded) -> Any:
    """What the model reports of the same input."""
    with torch.no_grad():
        return model(**encoded.inputs, output_attentions=True, output_hidden_states=True)


def picture(height: int = 50, width: int = 40) -> NDArray[np.uint8]:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    return levels.astype(np.uint8)


def sound(n_samples: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).normal(scale=0.1, size=n_samples)
    return drawn.astype(np.float32)
