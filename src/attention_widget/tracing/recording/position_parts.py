"""What a pass is heard to use of positions: rows that were added, sines and cosines, biases."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from attention_widget.tracing.recording.distance_tables import DistanceTables, HeardDistances
from attention_widget.tracing.recording.kept_rows import KeptRows
from attention_widget.tracing.recording.sines import PROBED, has_sines

_TABLE: Final = re.compile(
    r"(positions?|pos)(al)?_?embed(ding)?s?(_layer)?|wpe|embed_pos(ition)?s?|pos_emb",
    re.IGNORECASE,
)
_NOT_A_TABLE: Final = re.compile(r"rel|rotary|conv|[xyhw]_pos|token_type", re.IGNORECASE)
_ROUNDING: Final = 5e-3
"""How far the length of half-precision sines and cosines lies from that of the exact ones."""


@dataclass(frozen=True, eq=False)
class HeardTable:
    """Rows (token, dimension) that a module gave for the tokens of a pass."""

    path: str
    rows: torch.Tensor
    is_sinusoidal: bool
    window: int = 1
    """The model may pad its input behind, to a multiple of this."""
    name: str = ""
    """Of the buffer, where the module keeps it by itself."""

    @property
    def source(self) -> str:
        return f"{self.path}.{self.name}".strip(".")

    def of(self, n: int) -> torch.Tensor | None:
        """Those of ``n`` tokens; None where they are of another number."""
        return self.rows[:n] if len(self.rows) in (n, _padded(n, self.window)) else None


@dataclass(frozen=True, eq=False)
class HeardRotation:
    """Sines and cosines (token, pair) that a module gave; ``label`` says of which layers."""

    path: str
    frequencies: torch.Tensor | None  # (pair,) float64; None where they are not clear
    scaling: float
    label: str = ""
    first: int = 0  # the token at position 0
    turned: int = 0  # dimensions of a head that it turns


@dataclass(frozen=True, eq=False)
class _Raw:
    """What a module gave, copied while the pass went on."""

    path: str
    parts: tuple[torch.Tensor, ...]
    label: str = ""
    places: torch.Tensor | None = None
    own: tuple[torch.Tensor, ...] = ()  # frequencies that the module keeps
    scaling: float = 1.0  # that it names
    turns: bool = False  # a table that is turned by, not added


class PositionParts:
    """Listens, in a pass over so many tokens, to the modules that may hold positions."""

    def __init__(self, modules: Mapping[str, nn.Module], lengths: Collection[int]) -> None:
        self._modules, self._lengths = modules, set(lengths)
        self._thread = threading.get_ident()  # hooks fire wherever the model runs
        self._heard: dict[tuple[str, str], _Raw] = {}
        self._distances = DistanceTables(modules, lengths)
        self._kept = KeptRows(modules)
        self._window = _window_of(modules)

    def watching(self) -> Iterator[RemovableHandle]:
        """Hooks for a pass; what was heard in one before is forgotten."""
        self._heard.clear()
        yield from self._distances.watching()
        yield from self._kept.watching()
        for path, module in self._modules.items():
            if _is_rotary(path, module):
                yield module.register_forward_hook(
                    partial(self._hear_rotation, path), with_kwargs=True
                )
            elif _is_table(path, module):
                yield module.register_forward_hook(partial(self._hear_table, path))

    def tables(self) -> Iterator[HeardTable]:
        """The tables whose rows were added, after the pass."""
        for raw in self._heard.values():
            if len(raw.parts) == 1 and not raw.turns:
                weight = getattr(self._modules[raw.path], "weight", None)
                is_sine = has_sines(raw.parts[0], weight)
                yield HeardTable(raw.path, raw.parts[0], is_sine, self._window)
        for (path, name), (rows, table) in self._kept.heard.items():
            yield HeardTable(path, rows, has_sines(rows, table), name=name)

    def rotations(self) -> Iterator[HeardRotation]:
        """What queries and keys were turned by; no frequencies where it is not clear."""
        for raw in self._heard.values():
            if len(raw.parts) == 2 or raw.turns:
                yield _rotation(raw)

    def distances(self) -> tuple[HeardDistances, ...]:
        """The tables by distance that layers were given."""
        return tuple(self._distances.heard)

    def _hear_table(self, path: str, module: nn.Module, _args: Any, output: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        given = output[0] if isinstance(output, tuple) and output else output
        if not isinstance(given, torch.Tensor) or not given.is_floating_point():
            return
        rows = given[0] if given.ndim == 3 and len(given) == 1 else given
        lengths = {*self._lengths, *(_padded(n, self._window) for n in self._lengths)}
        if rows.ndim == 2 and len(rows) in lengths:
            kept = (rows.detach().to("cpu", copy=True),)
            turns = type(module).__name__.startswith("RoFormer")
            self._heard[path, ""] = _Raw(path, kept, turns=turns)

    def _hear_rotation(
        self, path: str, module: nn.Module, args: Any, kwargs: Any, output: Any
    ) -> None:
        if threading.get_ident() != self._thread:
            return
        if isinstance(output, torch.Tensor) and output.is_complex():
            output = (output.real, output.imag)
        if not isinstance(output, tuple | list) or len(output) != 2:
            return
        kept = [_of_tokens(each) for each in output]
        cos, sin = kept
        if cos is None or sin is None or cos.shape != sin.shape or len(cos) not in self._lengths:
            return
        given = [*args, *kwargs.values()]
        label = next((each for each in given if isinstance(each, str)), "")
        own = [
            (name, buffer.detach().to("cpu", torch.float64, copy=True))
            for name, buffer in module.named_buffers(recurse=False)
            if "inv_freq" in name and buffer.ndim == 1 and buffer.device.type != "meta"
        ]
        own.sort(key=lambda each: label not in each[0])  # its own first
        frequencies = tuple(buffer for _, buffer in own)
        scaling = getattr(module, "attention_scaling", 1.0)
        named = float(scaling) if isinstance(scaling, int | float) else 1.0
        self._heard[path, label] = _Raw(path, (cos, sin), label, _places(given), frequencies, named)


def _padded(n: int, window: int) -> int:
    return -(-n // window) * window


def _window_of(modules: Mapping[str, nn.Module]) -> int:
    """Longformer and its relatives pad their input behind, to whole windows."""
    root = modules.get("")
    windows = getattr(getattr(root, "config", None), "attention_window", None)
    widest = max(windows, default=1) if isinstance(windows, list | tuple) else windows
    return widest if isinstance(widest, int) and widest > 0 else 1


def _places(given: Sequence[Any]) -> torch.Tensor | None:
    """The positions that a module was called with, of the first row."""
    for each in given:
        if isinstance(each, torch.Tensor) and not each.is_floating_point() and each.ndim:
            return each.detach().reshape(-1, each.shape[-1])[0].to("cpu", torch.float64, copy=True)
    return None


def _rotation(raw: _Raw) -> HeardRotation:
    if raw.turns:
        [rows] = raw.parts
        half = rows.shape[1] // 2
        cos, sin = rows[:, half:].double(), rows[:, :half].double()
    else:
        cos, sin = (_once(each.double()) for each in raw.parts)
    at = torch.arange(len(cos), dtype=torch.float64, device="cpu")
    if raw.places is not None and len(raw.places) == len(cos):
        at = raw.places
    scaling = float(torch.hypot(cos, sin).mean())
    if abs(scaling - raw.scaling) < _ROUNDING * raw.scaling:
        scaling = raw.scaling
    found = _frequencies(raw.own, at, cos / scaling, sin / scaling) if scaling > 0 else None
    first = _first_of(at)
    if first is None:  # counted in another way
        return HeardRotation(raw.path, None, scaling, raw.label, turned=2 * cos.shape[1])
    return HeardRotation(raw.path, found, scaling, raw.label, first, 2 * cos.shape[1])


def _first_of(at: torch.Tensor) -> int | None:
    """Where positions are counted from, if each is one more than the one before from there on:
    the token at position 0, which lies before the first where that has a later one."""
    behind = int((at <= 0).sum()) - 1
    first = behind if behind >= 0 or not len(at) else -int(at[0])
    counted = torch.arange(len(at), dtype=torch.float64, device="cpu") - first
    return first if torch.equal(at, counted.clamp(min=0)) else None


def _frequencies(
    own: Sequence[torch.Tensor], at: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor
) -> torch.Tensor | None:
    """Radians from one position to the next (pair,) that give these sines and cosines; the module's
    own numbers where they do."""
    is_coarse = torch.equal(cos, cos.to(torch.bfloat16).double())
    allowed = 1e-2 if is_coarse else 1e-4 + 1e-6 * at.abs()[:, None]

    def gives(frequencies: torch.Tensor) -> bool:
        angles = at[:, None] * frequencies
        error = torch.maximum((angles.cos() - cos).abs(), (angles.sin() - sin).abs())
        return bool((error <= allowed).all())

    for frequencies in own:
        if len(frequencies) == cos.shape[1] and gives(frequencies):
            return frequencies
    if len(at) < 2 or at[-1] <= at[0]:
        return None
    angles = torch.atan2(sin, cos)
    turns = (angles[1:] - angles[:-1] + torch.pi) % (2 * torch.pi) - torch.pi
    frequencies = turns.sum(0) / (at[-1] - at[0])
    return frequencies if gives(frequencies) else None


def _once(values: torch.Tensor) -> torch.Tensor:
    """Of each pair once: some models repeat all pairs, some each by itself."""
    half = values.shape[1] // 2
    if values.shape[1] % 2 == 0 and half:
        if torch.equal(values[:, :half], values[:, half:]):
            return values[:, :half]
        if torch.equal(values[:, ::2], values[:, 1::2]):
            return values[:, ::2]
    return values


def _of_tokens(values: Any) -> torch.Tensor | None:
    """(token, dim) of what is the same for all rows of the batch and for all axes."""
    if not isinstance(values, torch.Tensor) or not values.is_floating_point() or values.ndim < 2:
        return None
    rows = values.reshape(-1, *values.shape[-2:])
    same = all(torch.equal(row, rows[0]) for row in rows[1:])
    return rows[0].detach().to("cpu", copy=True) if same and len(rows) else None


def _is_rotary(path: str, module: nn.Module) -> bool:
    name = f"{type(module).__name__} {path.rpartition('.')[2]}".lower()
    return "rotary" in name and "visual" not in path.lower() and "vision" not in path.lower()


def _is_table(path: str, module: nn.Module) -> bool:
    last = path.rpartition(".")[2]
    is_named = bool(_TABLE.fullmatch(last)) and not _NOT_A_TABLE.search(last)
    return is_named or "PositionalEmbedding" in type(module).__name__


def sines_kept(modules: Mapping[str, nn.Module]) -> Iterator[HeardRotation]:
    """Of GPT-J's relatives, whose layers keep a table (position, sines and cosines) that no module
    gives: each turns neighbours of the first ``rotary_dim`` dimensions by it."""
    for path, module in modules.items():
        table = dict(module.named_buffers(recurse=False)).get("embed_positions")
        turned = getattr(module, "rotary_dim", None) or getattr(module, "pos_embd_dim", None)
        if table is None or table.ndim != 2 or table.shape[1] != turned:
            continue
        if table.device.type != "meta":
            rows = table.detach()[:PROBED].to("cpu")
            half = rows.shape[1] // 2
            yield _rotation(_Raw(path, (rows[:, half:], rows[:, :half])))
