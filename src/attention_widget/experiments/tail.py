"""The end of a model: what it makes of the output of its last layer, up to its logits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.experiments.head import own_head
from attention_widget.experiments.placed_states import with_states
from attention_widget.tracing.memory import available_nbytes
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.hooks import attached
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.kept_layers import Deaf, KeptLayers
from attention_widget.tracing.recording.layer_modules import outermost_layers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Opens = Callable[[Undo], AbstractContextManager[Any]]

_CHUNK_BYTES: Final = 64 << 20  # of logits, in float32
_CHUNK: Final = 128  # positions
TOLERANCE: Final = 1e-5  # relative to the largest logit


# What a model raises whose code after the head wants all positions, or that calls its layers in
# another way.
_REFUSED: Final = (
    *(RuntimeError, ValueError, TypeError, IndexError, AttributeError, StopIteration),
)


class Tail:
    """A model's final norm, output head and what follows (a soft cap, a scale), kept from a pass.

    The pass feeds the output head one position only, which saves its logits for all others.
    Those are computed when they are asked for, a chunk at a time, in passes of the model's own
    code in which no layer runs: the last gives out what it gave before, all others zeros. Where
    that does not give the logits of the pass again, as more goes on between the layers (XLM), all
    layers are kept, and give out what they gave before; where that does not either, all logits are
    kept from a whole pass.

    Args:
        inputs: keyword arguments of the model, on its device; each tensor (1, ...).
        n_tokens: of the logits.
        head: turns final hidden states (1, token, hidden) into logits, for a model without one.
        within: opens a context for the pass that is kept, such as one that edits what heads give
            out.
        probe: the position that the output head reads in that pass; the last if None.
        layers: the outermost layers, by their paths, where they are known.
        memory_left: how many bytes may be taken where all layers have to be kept.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        modules: Mapping[str, nn.Module],
        inputs: Mapping[str, Any],
        n_tokens: int,
        head: nn.Module | None = None,
        within: Opens = nullcontext,
        probe: int | None = None,
        layers: dict[str, nn.Module] | None = None,
        memory_left: Callable[[], int] = available_nbytes,
    ) -> None:
        self.n_tokens = n_tokens
        self.model, self._modules, self._inputs, self._head = model, modules, inputs, head
        self._within = within
        self._probe = n_tokens - 1 if probe is None else probe
        self._probed: torch.Tensor | None = None  # its logits, (1, vocabulary)
        self._is_checked = False
        self._output_head = None if head is not None else own_head(model)
        self._memory_left = memory_left
        self._layers = outermost_layers(modules, self._output_head) if layers is None else layers
        self._kept = KeptLayers(self._layers, last_alone=True)
        self._fed: torch.Tensor | None = None  # what the output head read, (1, token, hidden)
        self._whole: torch.Tensor | None = None
        self.n_entries = 0  # of the vocabulary
        with ONE_AT_A_TIME:
            self._whole = self._first_pass()

    def logits(self, positions: Sequence[int]) -> Iterator[torch.Tensor]:
        """Logits (position, vocabulary) in float32, a chunk of positions at a time."""
        for chunk in self._chunks(positions):
            if self._probed is not None and [*chunk] == [self._probe]:
                yield self._probed
                continue
            self._check()
            if self._whole is None:
                yield self._again(chunk, {})
            else:
                yield self._whole[list(chunk)].float()

    def of_states(self, states: torch.Tensor, beside: Sequence[int] = ()) -> Iterator[torch.Tensor]:
        """Logits (row, vocabulary) of other hidden states (row, hidden) in place of what the last
        layer gave out, a chunk at a time. At the end of the first chunk are the model's own logits
        at the positions ``beside``.

        Raises:
            UnsupportedModelError: the model has no single place where they can stand.
        """
        self._check()
        last = self._kept.last
        if last is None or self._whole is not None:
            raise self._no_place()
        own = list(beside)
        for rows in self._chunks(range(len(states)), self.n_tokens):
            # padded to the number of tokens, which some models check
            full = [*rows, *[rows[0]] * (self.n_tokens - len(rows))]
            output = with_states(self._kept.output(last), self.n_tokens, states[full])
            if output is None:
                raise self._no_place()
            yield self._again(range(len(rows)), {last: output}, own)
            own = []

    def _no_place(self) -> UnsupportedModelError:
        return UnsupportedModelError(
            self.model,
            "does not hand on one hidden state for each token from its last layer to its output "
            "head, so nothing can be read as if that layer had given it out; what the model "
            "predicts is there: predictions()",
        )

    @property
    def dtype(self) -> torch.dtype:
        """In which the output head computes."""
        return torch.float32 if self._fed is None else self._fed.dtype

    @property
    def chunk(self) -> int:
        """How many positions or rows are computed at a time."""
        return max(1, min(_CHUNK, _CHUNK_BYTES // (4 * max(self.n_entries, 1))))

    def _chunks(self, positions: Sequence[int], most: int = _CHUNK) -> Iterator[Sequence[int]]:
        size = min(self.chunk, most)
        for start in range(0, len(positions), size):
            yield positions[start : start + size]

    def _first_pass(self) -> torch.Tensor | None:
        """Run the model; the whole logits (token, vocabulary) where they have to be kept."""
        try:
            one = self._run([self._probe], keeping=True)
            self.n_entries = one.shape[-1]
            if self._fed is not None and one.shape[0] == 1:
                self._probed = one.float()
                return None
        except _REFUSED as error:
            _unless_memory(error)
        return self._whole_pass()

    def _check(self) -> None:
        """See that the kept pass can be replayed, once something else than its own logits is asked
        for; keep the logits of a whole pass where it cannot."""
        with ONE_AT_A_TIME:
            if self._probed is None or self._is_checked:
                return
            self._is_checked = self._gives_its_logits() or self._keeps_all()
            if not self._is_checked:
                self._whole = self._whole_pass()

    def _gives_its_logits(self) -> bool:
        assert self._probed is not None
        try:
            return same(self._again([self._probe], {}), self._probed, self.dtype)
        except _REFUSED as error:
            _unless_memory(error)
        return False

    def _keeps_all(self) -> bool:
        """Run the model again, and keep what every layer gives out; whether that fits, and gives
        the logits of the pass again."""
        left = self._memory_left()
        layers = KeptLayers(self._layers, lambda nbytes: layers.nbytes + nbytes <= left)
        self._kept = layers
        if self._first_pass() is None and layers.complete:
            return self._gives_its_logits()
        return False

    def _whole_pass(self) -> torch.Tensor:
        self._fed, self._probed = None, None
        whole = self._run(None, keeping=True)
        if len(whole) != self.n_tokens:
            raise UnsupportedModelError(
                self.model,
                f"returns logits for {len(whole)} positions, not for its {self.n_tokens} tokens",
            )
        self.n_entries = whole.shape[-1]
        return whole

    def _again(
        self, chosen: Sequence[int], changed: Mapping[int, Any], beside: Sequence[int] = ()
    ) -> torch.Tensor:
        with ONE_AT_A_TIME:
            return self._run(chosen, replaying=changed, beside=beside).float()

    def _run(
        self,
        chosen: Sequence[int] | None,
        *,
        keeping: bool = False,
        replaying: Mapping[int, Any] | None = None,
        beside: Sequence[int] = (),
    ) -> torch.Tensor:
        """Logits (position, vocabulary) of the chosen positions of what reaches the output head,
        all if None, and of some ``beside`` of what reached it in the pass that was kept."""

        def chosen_of(states: torch.Tensor) -> torch.Tensor:
            if chosen is None:
                return states
            found = states[:, list(chosen)]
            if beside and self._fed is not None:
                return torch.cat([found, self._fed[:, list(beside)]], 1)
            return found

        def work(undo: Undo) -> torch.Tensor:
            with ExitStack() as stack:
                if self._output_head is not None:
                    feed = self._feeding(chosen_of, keeping)
                    stack.enter_context(
                        attached(iter([self._output_head.register_forward_pre_hook(feed)]))
                    )
                if keeping:
                    stack.enter_context(self._within(undo))
                    self._kept.keeping(Deaf(), undo)
                if replaying is not None:
                    self._kept.resuming(Deaf(), 0, 1, undo, replaying)
                output = self.model(**self._inputs)
            if self._head is not None:
                states = output[0]
                if keeping:
                    self._keep(states)
                logits: torch.Tensor = self._head(chosen_of(states))[0]
                return logits
            return logits_of(self.model, output)

        return undisturbed(list(self._modules.values()), lambda: guarded(work))

    def _feeding(
        self, chosen_of: Callable[[torch.Tensor], torch.Tensor], keeping: bool
    ) -> Callable[..., Any]:
        def feed(module: nn.Module, args: tuple[Any, ...]) -> Any:
            if not args or not isinstance(args[0], torch.Tensor) or args[0].ndim != 3:
                return None
            states = args[0]
            if keeping and states.shape[:2] == (1, self.n_tokens):
                self._keep(states)
            return (chosen_of(states), *args[1:])

        return feed

    def _keep(self, states: torch.Tensor) -> None:
        self._kept.pin()
        self._fed = states


def _unless_memory(error: BaseException) -> None:
    if isinstance(error, torch.OutOfMemoryError):
        raise error


def logits_of(model: PreTrainedModel, output: Any) -> torch.Tensor:
    """Logits (token, vocabulary) in what a model returned."""
    for name in ("logits", "prediction_logits"):
        found = getattr(output, name, None)
        if isinstance(found, torch.Tensor) and found.ndim == 3 and found.shape[0] == 1:
            return found[0]
    raise UnsupportedModelError(model, "returns no logits of its vocabulary for each token")


def same(logits: torch.Tensor, others: torch.Tensor, dtype: torch.dtype = torch.float32) -> bool:
    """Whether two are equal up to the rounding of other shapes of the same products, which were
    computed in this type."""
    if torch.equal(logits, others):
        return True
    if logits.shape != others.shape:
        return False
    finite = others[others.isfinite()]
    size = float(finite.abs().max()) if finite.numel() else 0.0
    most = TOLERANCE * max(1.0, torch.finfo(dtype).eps / torch.finfo(torch.float32).eps)
    close = torch.isclose(logits, others, rtol=most, atol=most * size, equal_nan=True)
    return bool(close.all())
