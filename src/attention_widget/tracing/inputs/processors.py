"""The image processor or feature extractor of a model, and what the model takes of its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import torch

from attention_widget.errors import InvalidTypeError
from attention_widget.tracing.model.find import of_name
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Medium = Literal["image", "audio"]


def _needed(medium: Medium) -> tuple[str, type, Any]:
    """What a processor of this medium is called, its class, and the class that loads one."""
    if medium == "image":
        from transformers import AutoImageProcessor
        from transformers.image_processing_utils import BaseImageProcessor

        return "image processor", BaseImageProcessor, AutoImageProcessor
    from transformers import AutoFeatureExtractor, FeatureExtractionMixin

    return "feature extractor", FeatureExtractionMixin, AutoFeatureExtractor


def find_processor(model: PreTrainedModel, processor: object, medium: Medium) -> Any:
    """The processor given (or the part of it for this medium), else the one that the model's name
    or folder leads to.

    TypeError if what is given is no such processor, ValueError if none can be found: the
    message says what to pass.
    """
    noun, cls, auto = _needed(medium)
    if processor is None:
        advice = f'pass one: processor={auto.__name__}.from_pretrained("...")'
        return of_name(model, auto, noun, advice)
    for part in (processor, getattr(processor, noun.replace(" ", "_"), None)):
        if isinstance(part, cls):
            return part
    raise InvalidTypeError(
        f"processor must be a transformers {noun} ({cls.__name__}), or a processor that has one, "
        f"got {type_name(processor)}"
    )


def own_processor(model: object) -> Any:
    """The image processor or feature extractor that comes with a pipeline; what Wav2Vec2 and its
    kin call ``feature_extractor`` is a part of the model itself, and none."""
    parts = (getattr(model, name, None) for name in ("image_processor", "feature_extractor"))
    return next((p for p in parts if p is not None and not isinstance(p, torch.nn.Module)), None)


def inputs_of(model: PreTrainedModel, output: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """What a model takes of a processor's output, floats in the model's dtype."""
    names = accepted(model)
    return {
        name: given.to(model.dtype) if given.is_floating_point() else given
        for name, given in output.items()
        if name in names
    }
