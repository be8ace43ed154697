"""A tiny random model of any model type in transformers' registry, and something to feed it."""

from __future__ import annotations

import importlib
import inspect
import math
from typing import Any

import torch
import transformers
from tiny_config import tiny_config
from transformers import PreTrainedModel
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

_FIRST = (
    "MODEL_MAPPING_NAMES",
    "MODEL_FOR_PRETRAINING_MAPPING_NAMES",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
)


class NotBuiltError(Exception):
    """A tiny instance of a type can't be made here; the message says why."""


def model_types() -> list[str]:
    """Every model type that transformers knows, sorted."""
    return sorted(CONFIG_MAPPING.keys())


def model_class(model_type: str) -> type[PreTrainedModel]:
    """The class that AutoModel would take, or else one with this configuration."""
    config = CONFIG_MAPPING[model_type]
    names = [name for name in dir(modeling_auto) if name.startswith("MODEL_")]
    names = [*_FIRST, *sorted(name for name in names if name.endswith("_MAPPING_NAMES"))]
    for name in names:
        found: Any = getattr(modeling_auto, name, {}).get(model_type)
        found = found[0] if isinstance(found, tuple | list) else found
        if found and hasattr(transformers, found):
            kind: type[PreTrainedModel] = getattr(transformers, found)
            return kind
    home = config.__module__.replace("configuration_", "modeling_")
    try:
        module = importlib.import_module(home)
    except ModuleNotFoundError as error:
        raise NotBuiltError("has no model class of its own") from error
    kinds = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, PreTrainedModel)
        and getattr(value, "config_class", None) is config
        and value.__module__ == home
        and "forward" in vars(value)
    ]
    kinds.sort(key=lambda kind: (not kind.__name__.endswith("Model"), "For" in kind.__name__))
    if not kinds:
        raise NotBuiltError("is a part of other models, without a model class of its own")
    return kinds[0]


def tiny_model(
    model_type: str, attn_implementation: str | None = None, **settings: Any
) -> PreTrainedModel:
    """A random instance with the same weights each time, in evaluation mode.

    Without ``attn_implementation`` the one that transformers would choose.
    """
    kind: Any = model_class(model_type)
    config = tiny_config(CONFIG_MAPPING[model_type], model_type, **settings)
    torch.manual_seed(0)
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in kind._from_config(config).parameters())
    if size > 2e7:
        raise NotBuiltError(f"has {size / 1e6:.0f} million parameters still when made small")
    config = tiny_config(CONFIG_MAPPING[model_type], model_type, **settings)
    return random_model(kind, config, attn_implementation)


def random_model(
    kind: type[PreTrainedModel], config: Any, attn_implementation: str | None = None
) -> PreTrainedModel:
    """An instance of a class in evaluation mode, with the same weights each time and for every
    attention implementation, so that every attention differs from uniform and from one of its keys.
    """
    torch.manual_seed(0)
    options = {} if attn_implementation is None else {"attn_implementation": attn_implementation}
    model: PreTrainedModel = kind._from_config(config, **options)
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            std = min(0.3, 1.2 / math.sqrt(parameter.shape[-1]))
            torch.nn.init.normal_(parameter, std=std, generator=generator)
        elif parameter.ndim == 1 and not bool(parameter.any()):
            torch.nn.init.normal_(parameter, std=0.1, generator=generator)
    model.eval()
    return model
