"""The embeddings of a model's tokens, and passes with others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.ungraded import ungraded
from attention_widget.experiments.base import Nothing
from attention_widget.experiments.gradients import without_gradients
from attention_widget.experiments.measure import Measure
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.trace.token import Token
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.seam import active

_CHUNK: Final = 4096  # entries of a vocabulary


class Embedding:
    """What stands between a model's ids and all that follows, for one side of a text.

    ``given`` is what the module of the embeddings gives of the text (1, token, hidden), and
    ``mean`` (hidden,) what it gives on average over the vocabulary.

    Raises:
        UnsupportedModelError: the model reads no ids, or its embeddings are not found.
    """

    def __init__(
        self,
        lab: Subject,
        passes: Passes,
        measure: Measure,
        tokens: Sequence[Token],
        is_target: bool,
    ) -> None:
        self._lab, self._passes, self._measure = lab, passes, measure
        self._read = None if measure.of_states else passes.narrowed(measure.positions)
        self._modules = list(passes.runnable.modules.values())
        model = lab.tracer.model
        self._module = _module_of(model, is_target)
        ids = [-1 if token.id is None else token.id for token in tokens]
        self._ids = torch.tensor([ids], dtype=torch.long, device="cpu")
        size = getattr(self._module, "num_embeddings", None)
        if size is None or min(ids, default=-1) < 0:
            raise UnsupportedModelError(
                model, "has no table of embeddings for what it is given, which this measure needs"
            )
        seen: list[torch.Tensor] = []
        before = ungraded(
            lambda: self._values(lambda output: seen.append(output.detach().clone()), 1)
        )
        if len(seen) != 1:
            raise UnsupportedModelError(
                model, "does not pass its tokens through its table of embeddings, one for each"
            )
        self.given = seen[0]
        self.before = float(before[0])
        self.mean = undisturbed(self._modules, lambda: _mean(self._module, int(size), seen[0]))

    def metric(self, rows: torch.Tensor) -> torch.Tensor:
        """The metric (row,) with other embeddings (row, token, hidden) in one pass over all rows.

        Without gradients it leaves the model as it was; with them it is called in :meth:`guarded`.
        """
        return self._values(lambda _: rows.to(self.given.dtype), len(rows))

    def guarded(self, work: Callable[[], torch.Tensor]) -> torch.Tensor:
        """What some work with gradients at embeddings returns; the model is left as it was."""
        head = self._lab.head
        model = self._lab.tracer.model
        parameters = [*model.parameters(), *(() if head is None else head.parameters())]

        def prepared(undo: Undo) -> torch.Tensor:
            without_gradients(parameters, undo)
            with torch.enable_grad():
                return work()

        return undisturbed(self._modules, lambda: guarded(prepared))

    def _values(self, change: Callable[[torch.Tensor], Any], n_rows: int) -> torch.Tensor:
        run, measure = self._passes.runnable.run, self._measure

        def work() -> torch.Tensor:
            hooks = self._hooks(change, n_rows)
            output = run(Nothing(), n_rows, positions=self._read, hooks=hooks)
            return measure.value(measure.read(output, self._lab.head, self._read is not None))

        return work() if torch.is_grad_enabled() else undisturbed(self._modules, work)

    def _hooks(
        self, change: Callable[[torch.Tensor], Any], n_rows: int
    ) -> Iterator[RemovableHandle]:
        done: list[bool] = []

        def hook(_: torch.nn.Module, args: Any, output: Any) -> Any:
            ids = args[0] if args else None
            if active() is None or done or not isinstance(ids, torch.Tensor):
                return None
            if ids.shape != (n_rows, self._ids.shape[1]) or not bool(
                (ids.cpu() == self._ids).all()
            ):
                return None
            done.append(True)  # the first call only: a decoder may read the same ids later
            return change(output)

        yield self._module.register_forward_hook(hook)


def _module_of(model: Any, is_target: bool) -> Any:
    try:
        side = model
        if model.config.is_encoder_decoder:
            side = model.get_decoder() if is_target else model.get_encoder()
        return side.get_input_embeddings()
    except (AttributeError, NotImplementedError):
        return None


def _mean(module: Any, size: int, like: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(like.shape[-1], dtype=torch.float64, device="cpu")

    def work() -> None:
        for start in range(0, size, _CHUNK):
            ids = torch.arange(
                start, min(size, start + _CHUNK), dtype=torch.long, device=like.device
            )
            total.add_(module(ids).double().sum(0).cpu())

    ungraded(work)
    return (total / size).to(like.device, like.dtype)
