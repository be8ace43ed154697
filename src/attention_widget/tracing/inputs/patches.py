"""Which token is which patch of the picture, measured rather than assumed.

Patches of the picture are replaced by noise, and the tokens that move depend on them. Each patch
has a number; for each binary digit one run disturbs the patches that have it set, and another
those that have not. A token that moves in exactly one of the two, for every digit, depends on
one patch alone, and the digits name it. Tokens that no patch moves are special, and are named
after the parameter that moves them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map_only

from attention_widget.tracing.inputs.first_layer import Prefix, attending_layers, prefix
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.layer_modules import stacks_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_MOVED = 1e-2  # of the largest move; less is rounding


@dataclass(frozen=True)
class Patches:
    """``places`` holds the (row, column) of each token's patch, None for tokens of no patch;
    ``sources`` where those come from: name of a parameter, and which row of it."""

    size: tuple[int, int]  # height, width in pixels
    grid: tuple[int, int]  # rows, columns
    places: tuple[tuple[int, int] | None, ...]
    sources: Mapping[int, tuple[str, int]]


_Shape = tuple[int, ...]
_known: WeakKeyDictionary[PreTrainedModel, dict[_Shape, Patches]] = WeakKeyDictionary()


def find_patches(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> Patches:
    """The patches that a model's tokens stand for, measured once for each model and size of
    picture; ``inputs`` hold ``pixel_values`` (1, channel, height, width).

    UnsupportedModelError, with the reason, for a model whose tokens are not the patches of a
    grid, one each.
    """
    shape = tuple(inputs["pixel_values"].shape)
    known = _known.setdefault(model, {})
    if shape not in known:
        known[shape] = _measured(model, inputs)
    return known[shape]


def _measured(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> Patches:
    pixels = inputs["pixel_values"]
    height, width = pixels.shape[-2:]
    _check_stages(model)
    size = _patch_size(model)
    rows, columns = height // size[0], width // size[1]
    if not rows or not columns:
        raise _unlike(model, f"{_times((height, width))} pixels hold no patch of {_times(size)}")
    number = torch.full(
        (height, width), -1, dtype=torch.long, device="cpu"
    )  # of the patch at a pixel; -1 beyond the last
    number[: rows * size[0], : columns * size[1]] = (
        torch.arange(rows * columns, dtype=torch.long, device="cpu")
        .reshape(rows, columns)
        .repeat_interleave(size[0], 0)
        .repeat_interleave(size[1], 1)
    )
    noise = _noise(pixels)

    def measured(run: Prefix) -> Patches:
        before = run(inputs)  # (token, hidden)

        def moves(where: torch.Tensor) -> torch.Tensor:
            """How far each token moves when the pixels of a mask become noise."""
            return _distance(
                model, before, run({**inputs, "pixel_values": torch.where(where, noise, pixels)})
            )

        most = moves(number >= 0)
        least = _MOVED * float(most.max())
        if bool((moves(number < -1) > least).any()):
            raise _unlike(model, "it draws them at random")
        if bool((number < 0).any()) and bool((moves(number < 0) > least).any()):
            raise _unlike(model, f"some depend on pixels beyond the patches of {_times(size)}")
        moved = most > least
        patch = torch.zeros(len(moved), dtype=torch.long, device="cpu")
        for digit in range((rows * columns - 1).bit_length()):
            is_set = (number >> digit) % 2 == 1
            one = moves((number >= 0) & is_set) > least
            zero = moves((number >= 0) & ~is_set) > least
            if bool(((one == zero) & moved).any()):
                raise _unlike(model, f"some depend on more than one patch of {_times(size)} pixels")
            patch += one * 2**digit
        if sorted(patch[moved].tolist()) != list(range(rows * columns)):
            raise _unlike(
                model,
                f"{int(moved.sum())} of its {len(moved)} tokens depend on the picture, which "
                f"has {rows} × {columns} patches of {_times(size)} pixels",
            )
        places = tuple(
            divmod(int(n), columns) if is_patch else None
            for n, is_patch in zip(patch, moved.tolist(), strict=True)
        )
        sources = _sources(model, run, inputs, before, places)
        return Patches(size, (rows, columns), places, sources)

    return prefix(model, measured)


def _sources(
    model: PreTrainedModel,
    run: Prefix,
    inputs: Mapping[str, torch.Tensor],
    before: torch.Tensor,
    places: tuple[tuple[int, int] | None, ...],
) -> dict[int, tuple[str, int]]:
    """For each token of no patch, the parameter that alone moves it."""
    unnamed = {i for i, place in enumerate(places) if place is None}
    sources: dict[int, tuple[str, int]] = {}
    layers = set(stacks_of(dict(model.named_modules())).values())
    for module, name in _parameters(model, layers):
        shape = module._parameters[name].shape  # type: ignore[union-attr]
        n_rows = shape.numel() // max(before.shape[-1], 1)
        if not 0 < n_rows <= len(unnamed) or shape[-1] != before.shape[-1]:
            continue
        with _Disturbed(module, name):
            distance = _distance(model, before, run(inputs))
        moved = (distance > _MOVED * distance.max()).nonzero().flatten().tolist()
        if len(moved) == n_rows and unnamed.issuperset(moved):
            sources.update({i: (name, row) for row, i in enumerate(moved)})
            unnamed.difference_update(moved)
    return sources


def _parameters(
    module: torch.nn.Module, layers: Collection[torch.nn.Module]
) -> Iterator[tuple[torch.nn.Module, str]]:
    """The parameters outside of the model's layers."""
    if module in layers:
        return
    if not type(module).__module__.startswith("torch.nn."):
        yield from ((module, name) for name, own in module._parameters.items() if own is not None)
    for child in module.children():
        yield from _parameters(child, layers)


class _Disturbed(TorchFunctionMode):
    """Operations in this thread get noise in place of a parameter; the model is not changed."""

    def __init__(self, module: torch.nn.Module, name: str) -> None:
        super().__init__()
        self._module, self._name = module, name

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        parameter = self._module._parameters[self._name]

        def seen(value: torch.nn.Parameter) -> torch.Tensor:
            return _noise(parameter) if value is parameter else value

        with torch._C.DisableTorchFunction():
            args, kwargs = tree_map_only(torch.nn.Parameter, seen, (args, kwargs or {}))
        return func(*args, **kwargs)


def _noise(like: torch.Tensor) -> torch.Tensor:
    generator = torch.Generator("cpu").manual_seed(0)
    drawn = torch.randn(like.shape, generator=generator, dtype=torch.float32, device="cpu")
    return (3 * drawn).to(like.device, like.dtype)


def _distance(
    model: PreTrainedModel, before: torch.Tensor, after: torch.Tensor
) -> torch.Tensor:  # (token,)
    if after.shape != before.shape:
        raise _unlike(model, "their number depends on what the picture shows")
    return (after - before).abs().amax(-1)


def _check_stages(model: PreTrainedModel) -> None:
    for layers in attending_layers(model):
        widths = dict.fromkeys(next(layer.parameters()).shape[0] for layer in layers)
        if len(widths) > 1:
            raise _unlike(
                model, f"it merges them from stage to stage (widths {', '.join(map(str, widths))})"
            )


def _patch_size(model: PreTrainedModel) -> tuple[int, int]:
    config: Any = model.config
    inner = [getattr(config, name, None) for name in ("vision_config", "encoder", "image_encoder")]
    for one in (config, *inner):
        size = getattr(one, "patch_size", None)
        if isinstance(size, int):
            return size, size
        if isinstance(size, list | tuple) and len(size) == 2:
            return int(size[0]), int(size[1])
    for module in model.modules():  # timm's configurations name none
        if isinstance(module, torch.nn.Conv2d) and module.kernel_size == module.stride != (1, 1):
            height, width = module.kernel_size
            return height, width
    raise _unlike(model, "its config has no patch_size, and no convolution cuts patches")


def _unlike(model: PreTrainedModel, reason: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        model, f"makes tokens that are not the patches of a grid, one each: {reason}"
    )


def _times(size: tuple[int, ...]) -> str:
    return " × ".join(map(str, size))
