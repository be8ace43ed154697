"""Reads text after text with one model, by the options of the first."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Final

from attention_widget.experiments import Experiment
from attention_widget.trace.trace import Trace
from attention_widget.tracing import capture
from attention_widget.tracing.inputs.media import medium_of
from attention_widget.tracing.inputs.passages import Passages
from attention_widget.tracing.inputs.processors import own_processor
from attention_widget.tracing.model.find import find_model, find_tokenizer
from attention_widget.tracing.model.wrappers import preparation_of
from attention_widget.tracing.reading import reads_the_text_itself
from attention_widget.widget.session import Session
from attention_widget.widget.target import KEPT, Kept

_OF_TRACES: Final = ("layers", "windows", "stride", "keep_weights")
"""Options of a capture that say what of it is kept."""


class Reader:
    """Reads texts with the options of the first one.

    A model or tokenizer that a name or folder stands for is loaded once. ``target`` is that of the
    first text, and others may come with the next; so are ``passages``, but for sentences, which
    every text has. ``loaded`` is the model itself, without what is wrapped around it.
    """

    def __init__(self, model: Any, first: Any, tokenizer: Any = None, **options: Any) -> None:
        self.target: str | None = options.pop("target", None)
        self.passages: Passages = options.pop("passages", None)
        self._later: Passages = lasting(self.passages)
        found, own_tokenizer = find_model(model, headed=True)
        self.loaded = found
        self.takes_target = not reads_the_text_itself(found)
        if medium_of(found, first, options.get("sampling_rate")) is None:
            tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)
        elif options.get("processor") is None:
            options["processor"] = own_processor(model)
        # A pipeline and the like do something with each text before their model reads it.
        self._model = found if isinstance(model, str | os.PathLike) else model
        self._prepared = preparation_of(model)
        self._options = {"tokenizer": tokenizer, **options}

    def read(
        self,
        text: Any,
        text_pair: str | None,
        cut: bool = False,
        target: str | None = None,
        passages: Passages = None,
    ) -> Trace:
        """``cut`` shortens a text that is too long."""
        given: dict[str, Any] = {"text_pair": text_pair, "target": target, "passages": passages}
        trace: Trace = capture(self._model, text, **given, **self._with(cut))
        return trace

    def experiment(
        self,
        text: Any,
        text_pair: str | None,
        cut: bool = False,
        target: str | None = None,
        passages: Passages = None,
    ) -> Experiment:
        """The model with a text, to be run again."""
        options = {k: v for k, v in self._with(cut).items() if k not in _OF_TRACES}
        given: dict[str, Any] = {"text_pair": text_pair, "target": target, "passages": passages}
        return Experiment(self._model, text, **given, **options)

    def session(
        self,
        text: Any,
        text_pair: str | None,
        number: int,
        cut: bool = False,
        target: str | None = None,
        passages: Passages | Kept = KEPT,
    ) -> Session:
        """What is shown of a text, in pass number so many."""
        given = self._later if passages is KEPT else passages
        trace = self.read(text, text_pair, cut, target, given)
        again = partial(self.experiment, text, text_pair, cut, target, given)

        def of_other(other: str) -> Experiment:
            return self.experiment(other, text_pair, cut, target)

        texts = (text, text_pair, target)
        self._later = lasting(given)
        return Session.of_pass(trace, number, *texts, again, of_other, self.takes_target)

    def _with(self, cut: bool) -> dict[str, Any]:
        return {**self._options, "truncation": True} if cut else self._options

    def given(self, text: str) -> str:
        """The text that was given for one that the model read."""
        return self._prepared.given(text)


def lasting(passages: Passages) -> Passages:
    """What of it later texts have too: characters and messages are those of one text."""
    return passages if passages == "sentences" else None
