"""Why a model gives no gradient, in clear words; a lack of memory is told as such."""

from __future__ import annotations

from typing import Any, Final

import torch

from attention_widget.tracing.model.errors import UnsupportedModelError

_MEMORY: Final = ("out of memory", "not enough memory", "can't allocate memory", "bad_alloc")


def is_lack_of_memory(error: BaseException) -> bool:
    """Whether there was no memory: PyTorch says it of the CPU in words alone."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _MEMORY)


def without_gradient(model: Any, error: Exception) -> Exception:
    """The error for a model that raised one where a gradient was asked for.

    A lack of memory stays what it is, and so does a refusal by name.
    """
    if is_lack_of_memory(error) or isinstance(error, UnsupportedModelError):
        return error
    if any(parameter.is_inference() for parameter in model.parameters()):
        return UnsupportedModelError(
            model,
            "gives no gradient: its weights were made under torch.inference_mode(), which allows "
            "none; load it outside of that",
        )
    said = str(error).strip().splitlines() or [type(error).__name__]
    return UnsupportedModelError(model, f"gives no gradient: {said[0]:.200}")
