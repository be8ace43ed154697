"""A trace that is shown: its description, its tensors, and the text that it is of."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidValueError
from attention_widget.experiments import Experiment
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.describing import describe
from attention_widget.protocol.description import Meta, ReadOnly
from attention_widget.protocol.keys import read_key, split_measured, split_pass
from attention_widget.protocol.tensors import Header
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.widget.lab import Lab
from attention_widget.widget.other_texts import Reads
from attention_widget.widget.steps import Steps
from attention_widget.widget.target import given_target


@dataclass(frozen=True, eq=False)
class Session:
    """A trace that is shown, until the next forward pass.

    ``text`` and ``text_pair`` are what the widget says that the model read, and ``target`` is what
    its decoder was given, None where the model made it.
    """

    trace: Trace
    description: Meta
    tensors: Catalogue
    text: str
    text_pair: str | None
    target: str | None
    lab: Lab

    @classmethod
    def of_trace(cls, trace: Trace) -> Session:
        """Of a trace alone: there is no model to run another text."""
        shown = (*texts_of(trace), given_target(trace))
        return cls._of(trace, 1, shown, "trace", None)

    @classmethod
    def of_pass(
        cls,
        trace: Trace,
        number: int,
        text: Any,
        text_pair: str | None,
        target: str | None = None,
        experiment: Callable[[], Experiment] | None = None,
        of_other: Reads | None = None,
        takes_target: bool = False,
    ) -> Session:
        """Of a forward pass, which left the trace when the model read a text, or something else;
        ``experiment`` makes it ready to be run again, and ``of_other`` another text."""
        # As it stands: no chat, and not the path of a picture.
        if isinstance(text, str) and trace.texts and not trace.roles:
            shown = (text, text_pair, target)
            return cls._of(trace, number, shown, None, experiment, of_other, takes_target)
        why: ReadOnly = "chat" if trace.roles else "no_text"
        return cls._of(trace, number, (*texts_of(trace), target), why, experiment)

    @classmethod
    def _of(
        cls,
        trace: Trace,
        number: int,
        texts: tuple[str, str | None, str | None],
        read_only: ReadOnly | None,
        experiment: Callable[[], Experiment] | None,
        of_other: Reads | None = None,
        takes_target: bool = False,
    ) -> Session:
        described = describe(trace, number, read_only, texts[2], takes_target)
        return cls(trace, described, Catalogue(trace), *texts, Lab(trace, experiment, of_other))

    @property
    def number(self) -> int:
        """Counts the forward passes of a widget."""
        return self.description["run"]

    def tensor(self, number: int, key: str) -> tuple[Header, bytes]:
        """Answers what the browser asks of a forward pass; ValueError if it was another one."""
        self._check(number)
        shown, edits, rest = split_pass(key)
        about, plain = split_measured(rest)
        if about:
            edited = None if shown == "before" else self.lab.of_json(edits).trace
            return self.lab.measures.catalogue(about, shown, edited).answer(plain)
        if shown == "before":
            return self._catalogue(rest).answer(rest)
        made = self.lab.of_json(edits)
        return (made.tensors if shown == "after" else made.differences).answer(rest)

    def _catalogue(self, key: str) -> Catalogue:
        """What answers a key of the pass without edits: with the weights of a layer, if that is
        asked of its calculation."""
        asked = read_key(key)
        if not asked.name.startswith("calculation") or asked.window is not None:
            return self.tensors
        kind, layer = asked.axes[:2]
        return self.lab.calculations.catalogue(cast(Kind, kind), cast(int, layer))

    def steps(self, number: int, question: object) -> Steps:
        """The steps to the answer of a question about a forward pass; ValueError if it was another
        one."""
        self._check(number)
        return self.lab.steps(question)

    def shows(self, number: int) -> bool:
        """Whether a forward pass is one that is shown."""
        return number == self.number

    def _check(self, number: int) -> None:
        if not self.shows(number):
            raise InvalidValueError(f"run {number} is over; the widget shows run {self.number}")

    def __str__(self) -> str:
        trace = self.trace
        counts = {
            trace.count_heads(layer, kind)
            for kind in trace.kinds
            for layer in trace.layers_with_attention(kind)
        }
        low, high = min(counts), max(counts)
        heads = f"{low} to {high}" if low < high else f"{low}"
        target = "" if trace.target is None else f" → {len(trace.target.tokens)}"
        return (
            f"{reprlib.repr(trace.model_name)}, {reprlib.repr(self.text)}: {len(trace.tokens)}"
            f"{target} tokens, {trace.count_layers()} layers, {heads} heads"
        )


def is_reread(trace: Trace) -> bool:
    """Whether reading its texts again, plainly, leads to the trace again."""
    written = any(token.step is not None for token in trace.tokens)
    return bool(trace.texts) and not trace.roles and trace.image is None and not written


def texts_of(trace: Trace) -> tuple[str, str | None]:
    """What is shown of the texts of a trace; of a chat its roles too."""
    if trace.roles:
        said = zip(trace.roles, trace.texts, strict=True)
        return sendable("\n".join(f"{role}: {text}" for role, text in said)), None
    shown = [sendable(each) for each in trace.texts]
    return shown[0] if shown else "", shown[1] if len(shown) > 1 else None
