"""Find the modules that make queries, keys and values, from what they were given and gave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from attention_widget.trace.projections import Projection, Stage
from attention_widget.tracing.recording.layouts import flat_outputs, places
from attention_widget.tracing.recording.linear import Linear, linear_of
from attention_widget.tracing.recording.turning import turned


@dataclass(eq=False)
class Noted:
    """A call of a module that was given one tensor and gave one out."""

    module: torch.nn.Module
    given: torch.Tensor
    gave: torch.Tensor
    dtype: torch.dtype
    """In which it computed, which is coarser than the state under autocast."""

    def linear(self, n_tokens: int) -> Linear | None:
        """The linear map that it is of rows (token, hidden); None if it is none."""
        return self._linear if self._rows(n_tokens) is not None else None

    def input(self, n_tokens: int) -> torch.Tensor | None:
        """What it was given (token, hidden), if that."""
        return self._rows(n_tokens)

    def _rows(self, n_tokens: int) -> torch.Tensor | None:
        shape = tuple(self.given.shape)
        if shape[:-1] not in ((1, n_tokens), (n_tokens, 1), (n_tokens,)):
            return None
        return self.given.reshape(n_tokens, -1)

    @cached_property
    def _linear(self) -> Linear | None:
        given = self.given.reshape(-1, self.given.shape[-1])
        gave = self.gave.reshape(len(given), -1)
        try:
            return linear_of(self.module, given[:, None], gave, self.dtype)
        except (RuntimeError, TypeError, ValueError, NotImplementedError, AttributeError):
            return None  # of a module that takes no rows of an identity matrix


class Search:
    """Looks among the calls of modules, the last one first, for what made vectors."""

    def __init__(self, noted: Sequence[Noted], widths: Collection[int]) -> None:
        """``widths`` are those of hidden states, where they are known: what is narrower was made
        of them by another projection."""
        self._noted = noted[::-1]
        self._widths = widths

    def projection(self, vectors: torch.Tensor) -> Projection | None:
        """What made the vectors (head, token, dim) that a block holds, with its input; None where
        that is no linear map of one input."""
        return self._found(vectors, True, ())

    def maker_of(self, state: torch.Tensor) -> Noted | None:
        """The call that gave out a state (token, hidden) of another one of its shape."""
        for one in self._noted:
            if one.gave.numel() != state.numel() or one.gave.shape != one.given.shape:
                continue
            rows = one.gave.reshape(-1, one.gave.shape[-1])
            is_it = rows.shape == state.shape and torch.equal(rows, state)
            if is_it and not torch.equal(one.given, one.gave):
                return one
        return None

    def _found(
        self, vectors: torch.Tensor, is_of_block: bool, later: tuple[Stage, ...]
    ) -> Projection | None:
        """What made vectors, behind which other stages came; the block holds them itself if none
        did."""
        n_tokens = vectors.shape[1]
        for index, one in enumerate(self._noted):
            for way, place, values in _read(one.gave, vectors):
                how = turned(values, vectors)
                if how is None:
                    continue
                stages = later
                if how[0]:
                    stages = (Stage(how[0], None if is_of_block else vectors, "", how[1]), *later)
                if len({stage.name for stage in stages}) < len(stages):
                    continue
                plain = values if stages else None
                made = self._of_linear(one, place, n_tokens, plain, stages)
                if made is None and _may_be_norm(one, stages):
                    normed = Stage("normed", plain, type(one.module).__name__)
                    given = _at(one.given, way, place, vectors)
                    earlier = Search(self._noted[index + 1 :][::-1], self._widths)
                    made = earlier._found(given, False, (normed, *stages))
                if made is not None:
                    return made
        return None

    def _of_linear(
        self,
        one: Noted,
        place: torch.Tensor,
        n_tokens: int,
        plain: torch.Tensor | None,
        stages: tuple[Stage, ...],
    ) -> Projection | None:
        given = one.input(n_tokens)
        if given is not None and self._widths and given.shape[1] not in self._widths:
            return None
        linear = one.linear(n_tokens)
        if given is None or linear is None or int(place.max()) >= linear.matrix.shape[1]:
            return None
        weight = linear.matrix[:, place].transpose(0, 1)  # (head, hidden, dim)
        bias = linear.bias[place] if bool(linear.bias.any()) else None
        return Projection(
            as_kept(weight, one.dtype),
            None if bias is None else as_kept(bias, one.dtype),
            given.detach().to("cpu", copy=True),
            plain,
            stages,
        )


def _may_be_norm(one: Noted, stages: tuple[Stage, ...]) -> bool:
    is_one = one.given.shape == one.gave.shape and not torch.equal(one.given, one.gave)
    return is_one and all(stage.name != "normed" for stage in stages)


def _read(
    output: torch.Tensor, like: torch.Tensor
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """Numbers of an output that may be vectors (head, token, dim), or those before they were
    turned or scaled, which leaves all lengths alike: in which way it was read, the columns (head,
    dim), and the numbers there."""
    n_heads, n_tokens, dim = like.shape
    if output.numel() < like.numel():
        return
    lengths = like.float().norm(dim=2)  # (head, token)
    for way, flat in enumerate(flat_outputs(output, n_tokens, n_heads)):
        if flat.shape[1] % dim:
            continue
        of_all = flat.detach().float().cpu().reshape(n_tokens, -1, dim).norm(dim=2)
        for place in places(flat.shape[1], n_heads, dim):
            if _are_alike(of_all[:, place].T, lengths):
                column = place[:, None] * dim + torch.arange(dim, dtype=torch.long, device="cpu")
                yield way, column, _at(output, way, column, like)


def _at(output: torch.Tensor, way: int, column: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The numbers of an output in some columns (head, token, dim)."""
    n_heads, n_tokens, _ = like.shape
    flat = list(flat_outputs(output, n_tokens, n_heads))[way].detach().cpu()
    return flat[:, column].transpose(0, 1).contiguous()


_ALIKE = 0.02


def _are_alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether lengths are the same but for one factor, and rounding."""
    factor = float((one * other).sum() / (one * one).sum().clamp(min=1e-30))
    return bool(((one * factor - other).abs() <= _ALIKE * float(other.max())).all())


def as_kept(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """In the model's dtype where that loses nothing, and in memory of its own."""
    made = tensor.to(dtype)
    kept = made if torch.equal(made.float(), tensor) else tensor
    return kept.clone(memory_format=torch.contiguous_format)
