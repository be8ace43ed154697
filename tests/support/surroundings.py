"""All there is to see of a model and of what surrounds a capture, to be compared with later."""

from __future__ import annotations

import copy
import random
import threading
from typing import Any

import numpy as np
import torch
import transformers
from transformers import PreTrainedModel, modeling_utils


def everything(model: PreTrainedModel) -> dict[str, Any]:
    """All there is to see of a model, the libraries and the generators; compares with ==."""
    interface: Any = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS
    modules = dict(model.named_modules())
    namespaces = {type(module).__module__ for module in modules.values()}
    return {
        "training": {path: module.training for path, module in modules.items()},
        "hooks": {
            path: [
                list(getattr(module, name))
                for name in vars(module)
                if name.endswith("hooks") and hasattr(getattr(module, name), "keys")
            ]
            for path, module in modules.items()
        },
        "attributes": {
            path: {name: id(value) for name, value in vars(module).items()}
            for path, module in modules.items()
        },
        "config": model.config.to_dict(),
        "attention": model.config._attn_implementation,
        "parameters": {
            name: (id(p), p._version, p.dtype, p.device, p.requires_grad, id(p.grad))
            for name, p in model.named_parameters()
        },
        "buffers": {name: (id(b), b._version) for name, b in model.named_buffers()},
        "interface": dict(interface.items()),
        "interface class": dict(vars(type(interface))) if not isinstance(interface, dict) else {},
        "eager": {
            name: getattr(__import__(name, fromlist=["_"]), "eager_attention_forward", None)
            for name in namespaces
        },
        "generators": (
            random.getstate(),
            [str(part) for part in np.random.get_state()],
            torch.get_rng_state().tolist(),
        ),
        "grad mode": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "modes": torch.overrides._get_current_function_mode_stack(),
    }


def deep(model: Any) -> dict[str, Any]:
    """:func:`everything`, and the values behind it."""
    found = everything(model)
    found["values"] = {
        name: tensor.detach().clone()
        for name, tensor in (*model.named_parameters(), *model.named_buffers())
        if not tensor.is_meta
    }
    found["gradients"] = {
        name: None if parameter.grad is None else (id(parameter.grad), parameter.grad.clone())
        for name, parameter in model.named_parameters()
    }
    found["configurations"] = [
        copy.deepcopy(vars(module.config))
        for module in model.modules()
        if hasattr(module, "config")
    ]
    generation = getattr(model, "generation_config", None)
    found["generation"] = None if generation is None else (id(generation), generation.to_dict())
    found["threads"] = (torch.get_num_threads(), torch.get_default_dtype())
    return found


def assert_equal(found: Any, expected: Any, path: str = "") -> None:
    if isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected), path
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys(), path
        for key in expected:
            assert_equal(found[key], expected[key], f"{path}/{key}")
    elif isinstance(expected, tuple | list) and any(
        isinstance(one, torch.Tensor | dict) for one in expected
    ):
        assert len(found) == len(expected), path
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_equal(one, other, f"{path}/{index}")
    elif hasattr(expected, "to_dict"):  # a configuration in a configuration
        assert found.to_dict() == expected.to_dict(), path
    else:
        assert found == expected, path


def surroundings() -> dict[str, Any]:
    interface: Any = modeling_utils.ALL_ATTENTION_FUNCTIONS
    return {
        "modes": torch.overrides._get_current_function_mode_stack(),
        "interface": dict(vars(type(interface))),
        "gradients": torch.is_grad_enabled(),
        "threads": sorted(thread.name for thread in threading.enumerate()),
    }
