"""Whether the input of a model is text, a picture or sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attention_widget.errors import InvalidValueError
from attention_widget.tracing.inputs.audio import encode_audio
from attention_widget.tracing.inputs.image import encode_image
from attention_widget.tracing.inputs.processors import Medium
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_SOUND = ("input_values", "input_features")


def medium_of(model: PreTrainedModel, given: object, sampling_rate: int | None) -> Medium | None:
    """The medium of an input, by what the model takes; None for text.

    A string is text for a model that takes text, and the path of an image for one that does not.
    """
    if sampling_rate is not None or model.main_input_name in _SOUND:
        return "audio"
    names = accepted(model)
    text = isinstance(given, str) or (
        isinstance(given, list | tuple) and all(isinstance(message, Mapping) for message in given)
    )
    return None if "pixel_values" not in names or ("input_ids" in names and text) else "image"


def encode_medium(
    model: PreTrainedModel,
    given: object,
    medium: Medium,
    *,
    sampling_rate: int | None = None,
    processor: Any = None,
    truncation: bool = False,
    **texts: object,
) -> Encoded:
    """A picture or sound as the model takes it, and its tokens; ValueError for options that go
    with text alone (``texts``, where they are not None)."""
    for name, value in texts.items():
        if value is not None and value is not False:
            noun = "pictures" if medium == "image" else "sound"
            raise InvalidValueError(
                f"{name} must be left out with {type(model).__name__}, which takes {noun}, got "
                f"{value!r:.80}; it goes with text"
            )
    if medium == "audio":
        return encode_audio(model, given, sampling_rate, processor, truncation)
    return encode_image(model, given, processor)
