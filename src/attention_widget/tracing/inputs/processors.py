"""The image processor or feature extractor of a model."""

from __future__ import annotations

from typing import Any, Literal

from transformers import (
    AutoFeatureExtractor,
    AutoImageProcessor,
    FeatureExtractionMixin,
    PreTrainedModel,
)
from transformers.image_processing_utils import BaseImageProcessor

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.model.naming import type_name

Medium = Literal["image", "audio"]

_NEEDED: dict[Medium, tuple[str, type, Any]] = {
    "image": ("image processor", BaseImageProcessor, AutoImageProcessor),
    "audio": ("feature extractor", FeatureExtractionMixin, AutoFeatureExtractor),
}
_PARTS: dict[Medium, tuple[str, ...]] = {
    "image": ("image_processor",),
    "audio": ("feature_extractor",),
}


def find_processor(model: PreTrainedModel, processor: object, medium: Medium) -> Any:
    """The processor given (or the part of it that reads this medium), else the one that the
    model's name or folder leads to.

    TypeError if what is given is no such processor, ValueError if none can be found: the
    message says what to pass.
    """
    noun, cls, auto = _NEEDED[medium]
    advice = f'pass one: processor={auto.__name__}.from_pretrained("...")'
    if processor is not None:
        for part in (processor, *(getattr(processor, name, None) for name in _PARTS[medium])):
            if isinstance(part, cls):
                return part
        raise InvalidTypeError(
            f"processor must be a transformers {noun} ({cls.__name__}), or a processor that has "
            f"one, got {type_name(processor)}"
        )
    name = model.name_or_path
    if not name:
        raise InvalidValueError(
            f"no {noun}: this {type(model).__name__} was built from a config, so nothing says "
            f"which {noun} is its own; {advice}"
        )
    try:
        return auto.from_pretrained(name)
    except Exception as error:
        raise InvalidValueError(
            f"no {noun} for {type(model).__name__}: {auto.__name__}.from_pretrained({name!r}) "
            f"failed with {in_one_line(error, typed=True)}; {advice}"
        ) from error
