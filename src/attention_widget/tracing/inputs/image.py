"""Inputs of a vision model from a picture; its tokens are patches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget._util.torch_settings import plainly
from attention_widget.errors import InvalidValueError
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.patches import Patches, find_patches
from attention_widget.tracing.inputs.picture import Pixels, rgb_image
from attention_widget.tracing.inputs.processors import find_processor, inputs_of
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import UnsupportedModelError, takes_another
from attention_widget.tracing.model.signatures import accepted

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_CHANGES_SIZE = ("do_resize", "do_center_crop", "do_pad", "do_thumbnail", "do_image_splitting")
_LEVEL = 0.51  # of 255: what rounding to whole levels may change
_WHOLE = 0.01  # of 255: what float32 leaves of a whole level
_OVERSHOT = 64  # how far bicubic resizing in floats may leave the range at hard edges


def encode_image(model: PreTrainedModel, image: object, processor: object = None) -> Encoded:
    """A picture as the model takes it, made by the model's own image processor, and its tokens.

    Each patch is a token with its place in the grid as label (``r2c5``, counted from 0) and its
    ``box`` in the picture as the model sees it, after resizing and cropping, which is
    ``Encoded.image``; pixels beyond the last whole patch, which the model leaves unread, are cut
    off. Which token is which patch is measured: see
    :mod:`attention_widget.tracing.inputs.patches`.
    Other tokens are special and labelled after the parameter that they come from: ``[CLS]``,
    ``[DISTILLATION]``, ``[REGISTER 0]``.

    UnsupportedModelError for a model whose tokens are not patches, TypeError and ValueError for
    pictures and processors other than those allowed.
    """
    _check_takes_pictures(model)
    picture = rgb_image(image)
    found = find_processor(model, processor, "image")
    output: Any = plainly(found, images=picture, return_tensors="pt")
    pixels = output.get("pixel_values")
    if not isinstance(pixels, torch.Tensor) or pixels.ndim != 4 or pixels.shape[:2] != (1, 3):
        made = tuple(pixels.shape) if isinstance(pixels, torch.Tensor) else list(output)
        raise InvalidValueError(
            f"processor must make pixel_values of shape (1, 3, height, width) of a picture, got "
            f"{made} of {type(found).__name__}; pass another"
        )
    inputs = inputs_of(model, output)
    patches = find_patches(model, inputs)
    height, width = (count * size for count, size in zip(patches.grid, patches.size, strict=True))
    seen = shown(pixels, found)[:height, :width]
    return Encoded(inputs=inputs, tokens=_tokens(patches), texts=(), image=seen)


def _check_takes_pictures(model: PreTrainedModel) -> None:
    names = accepted(model)
    if "pixel_values" not in names:
        raise takes_another(model, "pictures", "pixel_values")
    if "input_ids" not in names:
        return
    inner = next(
        (
            f"capture(model.{path}, image, processor=processor)"
            for path, module in model.named_modules()
            if getattr(module, "main_input_name", "") == "pixel_values" and module is not model
        ),
        "load it by itself, as CLIPVisionModel is loaded",
    )
    raise UnsupportedModelError(
        model,
        f"reads text beside pictures, which capture does not support together; its vision model "
        f"alone can be captured: {inner}",
    )


def shown(pixels: torch.Tensor, processor: Any) -> Pixels:
    """The picture (height, width, 3) of which a processor makes these ``pixel_values``
    (1, 3, height, width), with nothing left to resize or crop; that is checked.

    Exact wherever a processor resizes to whole levels, as most do, else the nearest level.
    """
    levels = _levels(pixels, processor)
    picture: Pixels = np.rint(levels.clip(0, 255)).astype(np.uint8)
    off = np.abs(levels - picture).max()
    if _timm(processor) is not None:  # it resizes whatever it is given, to whole levels
        exact = off <= _WHOLE
    else:
        options: dict[str, Any] = {n: False for n in _CHANGES_SIZE if hasattr(processor, n)}
        options |= {"return_tensors": "pt", "input_data_format": "channels_last"}
        output = plainly(processor, images=picture, **options)
        again = _levels(output["pixel_values"], processor)
        exact = again.shape == levels.shape and off <= _OVERSHOT
        exact = exact and np.abs(again - levels.clip(0, 255)).max() <= _LEVEL
    if not exact:
        raise InvalidValueError(
            f"processor must only resize, crop and normalise a picture, got "
            f"{type(processor).__name__}, which changes it otherwise, so that what the model sees "
            f"cannot be shown; pass another"
        )
    return picture


def _timm(processor: Any) -> Mapping[str, Any] | None:
    """The mean and standard deviation of a processor that wraps timm's transforms."""
    config = getattr(processor, "data_config", None)
    return config if isinstance(config, Mapping) and {"mean", "std"} <= config.keys() else None


def _levels(pixels: torch.Tensor, processor: Any) -> NDArray[np.float64]:
    """Pixel values with the normalisation undone: (height, width, 3), 0 to 255."""
    levels: NDArray[np.float64] = pixels[0].permute(1, 2, 0).double().cpu().numpy()
    timm = _timm(processor)
    if timm is not None:
        levels = (levels * np.array(timm["std"]) + np.array(timm["mean"])) * 255
    elif getattr(processor, "do_normalize", False):
        levels = levels * np.array(processor.image_std) + np.array(processor.image_mean)
    if timm is None and getattr(processor, "do_rescale", False):
        levels = levels / processor.rescale_factor
    return levels


def _tokens(patches: Patches) -> tuple[Token, ...]:
    height, width = patches.size
    tokens = []
    for i, place in enumerate(patches.places):
        if place is None:
            tokens.append(Token(i, None, _label(i, patches), special=True))
            continue
        row, column = place
        left, top = column * width, row * height
        box = (left, top, left + width, top + height)
        tokens.append(Token(i, None, f"r{row}c{column}", box=box))
    return tuple(tokens)


_SAME = {"CLASS": "CLS"}  # CLIP's class_embedding is what others call cls_token


def _label(index: int, patches: Patches) -> str:
    if index not in patches.sources:
        return f"[{index}]"
    name, row = patches.sources[index]
    n_rows = sum(name == other for other, _ in patches.sources.values())
    for ending in ("s", "_token", "_embedding"):
        name = name.removesuffix(ending)
    noun = name.upper().replace("_", " ")
    noun = _SAME.get(noun, noun)
    return f"[{noun} {row}]" if n_rows > 1 else f"[{noun}]"
