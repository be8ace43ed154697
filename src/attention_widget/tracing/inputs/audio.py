"""Inputs of a speech model from samples; its tokens are frames."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode

from attention_widget._util.torch_settings import plainly
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.first_layer import Prefix, prefix
from attention_widget.tracing.inputs.processors import find_processor, inputs_of
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import UnsupportedModelError, takes_another
from attention_widget.tracing.model.naming import type_name

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Samples = NDArray[np.float32]

_ALLOWED = "one channel of floats (sample,), from -1 to 1, as a NumPy array, tensor or list"
_CONVOLUTIONS = {torch.nn.functional.conv1d, torch.nn.functional.conv2d}
_PROBED = 32  # tokens in the beginning of the sound that is tried out


def encode_audio(
    model: PreTrainedModel,
    audio: object,
    sampling_rate: int | None = None,
    processor: object = None,
    truncation: bool = False,
) -> Encoded:
    """Sound as the model takes it, made by the model's own feature extractor, and its tokens.

    Each frame is a token with its ``time`` in seconds, labelled with the start of it
    (``0.34 s``). Frame i stands for the time from i to i + 1 strides: the product of the strides
    of the convolutions that the sound goes through before the first layer, in steps of the
    extractor. That the number of frames follows this stride is measured on the beginning of the
    sound. (What a frame hears reaches further: convolutions overlap.) A model that takes sound of
    one length alone, Whisper, gets silence after it, and has frames for that.

    ``audio`` may be what ``datasets`` holds: a mapping of ``array`` and ``sampling_rate``.
    ``truncation`` cuts sound that is longer than the model takes, instead of refusing it.

    UnsupportedModelError for a model whose tokens are not frames of equal length, TypeError and
    ValueError for sound, sampling rates and processors other than those allowed.
    """
    if isinstance(audio, Mapping) and {"array", "sampling_rate"} <= audio.keys():
        sampling_rate = audio["sampling_rate"] if sampling_rate is None else sampling_rate
        audio = audio["array"]
    if model.main_input_name not in ("input_values", "input_features"):
        raise takes_another(model, "sound", "input_values or input_features")
    samples = samples_of(audio)
    extractor = _Extractor(model, find_processor(model, processor, "audio"))
    if sampling_rate != extractor.rate:
        raise InvalidValueError(
            f"sampling_rate must be {extractor.rate}, the samples a second that "
            f"{type(model).__name__} takes, got {sampling_rate}; resample sound of another rate, "
            f"for example with torchaudio.functional.resample"
        )
    shape, longer = extractor.shape(samples), extractor.shape(np.pad(samples, (0, extractor.rate)))
    per_second = max(b - a for a, b in zip(shape, longer, strict=True))  # steps of the input
    if per_second:
        n_tokens, stride = _counted(model, extractor, samples, per_second)
    else:
        n_tokens, stride = _fixed(model, extractor, samples)
        if len(samples) > n_tokens * stride:
            if not truncation:
                raise InvalidValueError(
                    f"audio must last at most {n_tokens * stride / extractor.rate:g} s, as long as "
                    f"{extractor.name} takes, got {len(samples) / extractor.rate:.2f} s; cut it or "
                    f"pass truncation=True"
                )
            samples = samples[: n_tokens * stride]
    tokens = _tokens(n_tokens, stride / extractor.rate)
    return Encoded(inputs=extractor(samples), tokens=tokens, texts=())


def samples_of(audio: object) -> Samples:
    """Samples (sample,) of one channel."""
    if isinstance(audio, torch.Tensor):
        audio = audio.detach().cpu().float().numpy()
    if isinstance(audio, list | tuple):
        audio = np.array(audio)
    if not isinstance(audio, np.ndarray):
        raise InvalidTypeError(f"audio must be {_ALLOWED}, got {type_name(audio)}")
    if audio.ndim != 1 or not len(audio):
        more = "; take the mean of the channels" if audio.ndim == 2 and audio.size else ""
        raise InvalidValueError(f"audio must be {_ALLOWED}, got the shape {audio.shape}{more}")
    if not np.issubdtype(audio.dtype, np.floating):
        largest = np.iinfo(audio.dtype).max + 1 if np.issubdtype(audio.dtype, np.integer) else None
        more = f"; divide by {largest}" if largest else ""
        raise InvalidValueError(f"audio must be {_ALLOWED}, got an array of {audio.dtype}{more}")
    if not np.isfinite(audio).all():
        raise InvalidValueError(f"audio must be {_ALLOWED}, got values that are not finite")
    return audio.astype(np.float32)


class _Extractor:
    """A model's feature extractor, and the model inputs that it makes of sound."""

    def __init__(self, model: PreTrainedModel, extractor: Any) -> None:
        self._model = model
        self._extractor = extractor
        self.name = type(extractor).__name__
        self.rate: int = extractor.sampling_rate
        self.hop: int | None = getattr(extractor, "hop_length", None)

    def __call__(self, samples: Samples) -> dict[str, torch.Tensor]:
        output = plainly(self._extractor, samples, sampling_rate=self.rate, return_tensors="pt")
        return inputs_of(self._model, output)

    def shape(self, samples: Samples) -> tuple[int, ...]:
        """Shape of the main input: (1, step), (1, step, feature) or (1, feature, step)."""
        inputs = self(samples)
        name = self._model.main_input_name
        if name not in inputs:
            raise InvalidValueError(
                f"processor must make {name} of sound, as {type(self._model).__name__} takes it, "
                f"got {', '.join(inputs) or 'nothing that it takes'} of {self.name}; pass the "
                f"model's own"
            )
        return tuple(inputs[name].shape)


def _counted(
    model: PreTrainedModel, extractor: _Extractor, samples: Samples, per_second: int
) -> tuple[int, int]:
    """Tokens, and samples per token, if the input grows with the sound."""

    def counted(run: Prefix) -> tuple[int, int]:
        _, strides = _count(run, extractor(samples[: extractor.rate]))
        stride, rest = divmod(extractor.rate * strides, per_second)
        more = max(0, len(samples) // stride - _PROBED)  # tokens after the beginning
        beginning = samples[: len(samples) - more * stride]
        first, _ = _count(run, extractor(beginning))
        second, _ = _count(run, extractor(np.pad(beginning, (0, _PROBED * stride))))
        if rest or second - first != _PROBED:
            raise _unlike(
                model,
                f"{_PROBED * stride / extractor.rate:g} s of sound make {second - first} tokens, "
                f"where the strides of its convolutions make {_PROBED}",
            )
        return first + more, stride

    return prefix(model, counted)


def _fixed(model: PreTrainedModel, extractor: _Extractor, samples: Samples) -> tuple[int, int]:
    """Tokens, and samples per token, if every sound becomes an input of one length."""
    inputs = extractor(samples)
    n_tokens, strides = prefix(model, lambda run: _count(run, inputs))
    shape = extractor.shape(samples)
    if extractor.hop is None or n_tokens * strides not in shape[1:]:
        raise _unlike(
            model,
            f"it makes {n_tokens} of an input {shape}, and its convolutions have a stride of "
            f"{strides}",
        )
    return n_tokens, strides * extractor.hop


def _count(run: Prefix, inputs: Mapping[str, torch.Tensor]) -> tuple[int, int]:
    """Tokens, and the product of the strides of the convolutions before the first layer."""
    with _Strides() as passed:
        return len(run(inputs)), prod(passed.found)


class _Strides(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[int] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _CONVOLUTIONS:
            stride = kwargs.get("stride", args[3] if len(args) > 3 else 1)
            self.found.append(stride if isinstance(stride, int) else int(stride[0]))
        return func(*args, **kwargs)


def _tokens(n_tokens: int, seconds: float) -> tuple[Token, ...]:
    digits = 2 if seconds >= 0.01 else 3
    times = [(i * seconds, (i + 1) * seconds) for i in range(n_tokens)]
    return tuple(
        Token(i, None, f"{start:.{digits}f} s", time=(start, end))
        for i, (start, end) in enumerate(times)
    )


def _unlike(model: PreTrainedModel, reason: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        model, f"makes tokens that are not frames of equal length: {reason}"
    )
