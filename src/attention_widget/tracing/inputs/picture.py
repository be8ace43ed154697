"""Pictures as users pass them (PIL, arrays, tensors, paths) as RGB images of PIL."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget._util.files import user_path
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotInstalledError
from attention_widget.tracing.model.naming import type_name

Pixels = NDArray[np.uint8]

_ALLOWED: Final = (
    "a PIL image, the path of an image file, or an array or tensor (height, width, 3) of uint8 "
    "(0 to 255), uint16 (0 to 65535) or floats (0 to 1)"
)
_LEVELS: Final = 255
_DEEP: Final = 65535


def rgb_image(image: object) -> Any:
    """An RGB image of PIL, turned as its file says.

    PIL converts all modes of 8 bits, as in transformers' pipelines: transparency is dropped.
    Grey of 16 bits (modes ``I;16``) and arrays of uint16 are scaled from 0–65535 to 0–255, floats
    (mode ``F`` too) from 0–1. Other integers and ranges are refused, for nothing says what is
    white; so is a picture that its transparency alone draws.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise NotInstalledError(
            "Pillow must be installed for pictures, got none: pip install pillow"
        ) from error
    if isinstance(image, str | os.PathLike):
        image = _opened(image, Image)
    if not isinstance(image, Image.Image):
        return Image.fromarray(_array(image))
    if 0 in image.size:
        raise InvalidValueError(f"image must be {_ALLOWED}, got the size {image.size}")
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("I", "F") or turned.mode.startswith("I;16"):
        deep = _eight_bits(np.asarray(turned), f"PIL image of mode {turned.mode}")
        return Image.fromarray(deep).convert("RGB")
    try:
        converted = turned.convert("RGB")
    except ValueError as error:
        raise InvalidValueError(
            f"image must be {_ALLOWED}, got a PIL image of mode {turned.mode}, which PIL cannot "
            f"convert ({error})"
        ) from error
    _check_drawn(turned, converted)
    return converted


def _opened(given: str | os.PathLike[str], pil: Any) -> Any:
    path = user_path(given)
    if not path.is_file():
        raise InvalidValueError(
            f"image must be {_ALLOWED}, got {str(given)!r}, where there is no file"
        )
    try:
        image = pil.open(path)
        image.load()
    except OSError as error:
        raise InvalidValueError(
            f"image must be {_ALLOWED}, got {str(given)!r}, which PIL cannot open ({error})"
        ) from error
    return image


def _check_drawn(image: Any, converted: Any) -> None:
    """ValueError if the picture is of one colour once its transparency is dropped."""
    if "transparency" not in image.info and image.getbands()[-1] not in ("A", "a"):
        return
    least, most = image.convert("RGBA").getextrema()[3]
    if least < most and all(low == high for low, high in converted.getextrema()):
        raise InvalidValueError(
            f"image must be drawn by its colours, as models read no transparency, got one that is "
            f"all of one colour without it (mode {image.mode}); pass it on a background, such as "
            f'Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))'
        )


def _array(image: object) -> Pixels:
    if isinstance(image, torch.Tensor):
        image = image.detach().cpu()
        image = (image.float() if image.is_floating_point() else image).numpy()
    if not isinstance(image, np.ndarray):
        raise InvalidTypeError(f"image must be {_ALLOWED}, got {type_name(image)}")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise InvalidValueError(f"image must be {_ALLOWED}, got the shape {image.shape}")
    return _eight_bits(image, f"array of {image.dtype}")


def _eight_bits(image: NDArray[Any], source: str) -> Pixels:
    """Scale to levels from 0 to 255; ValueError if it is unclear which number is white."""
    if image.dtype == np.uint8:
        return image
    least, most = float(image.min()), float(image.max())
    article = "an" if source.startswith("array") else "a"
    given = f"{article} {source} with values from {least:g} to {most:g}"
    whole = not np.issubdtype(image.dtype, np.floating)
    if image.dtype.kind == "u" and image.dtype.itemsize == 2 and not 0 < most <= _LEVELS:
        return _levels(image.astype(np.float64) / _DEEP)
    if not whole and least >= 0 and most <= 1:  # NaN is neither
        return _levels(image.astype(np.float64))
    if not (least >= 0 and 1 < most <= _DEEP):
        raise InvalidValueError(f"image must be {_ALLOWED}, got {given}")
    white = _LEVELS if most <= _LEVELS else _DEEP
    divided = (
        f"image / {white}"
        if article == "an"
        else (f'Image.fromarray((np.asarray(image) / {white}).astype("float32"))')
    )
    raise InvalidValueError(
        f"image must be {_ALLOWED}, got {given}; if {white} is white, pass {divided}"
    )


def _levels(image: NDArray[np.float64]) -> Pixels:
    levels: Pixels = np.rint(image * _LEVELS).astype(np.uint8)
    return levels
