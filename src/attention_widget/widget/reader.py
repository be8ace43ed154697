"""The model of a widget, ready to read one text after another."""

from __future__ import annotations

import os
from typing import Any

from attention_widget.trace.trace import Trace
from attention_widget.tracing import capture
from attention_widget.tracing.inputs.media import medium_of
from attention_widget.tracing.inputs.processors import own_processor
from attention_widget.tracing.model.find import find_model, find_tokenizer
from attention_widget.tracing.model.wrappers import preparation_of


class Reader:
    """Reads texts with the options of the first one.

    A model or tokenizer that a name or folder stands for is loaded once.
    """

    def __init__(self, model: Any, first: Any, tokenizer: Any = None, **options: Any) -> None:
        found, own_tokenizer = find_model(model)
        if medium_of(found, first, options.get("sampling_rate")) is None:
            tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)
        elif options.get("processor") is None:
            options["processor"] = own_processor(model)
        # A pipeline and the like do something with each text before their model reads it.
        self._model = found if isinstance(model, str | os.PathLike) else model
        self._prepared = preparation_of(model)
        self._options = {"tokenizer": tokenizer, **options}

    def read(self, text: Any, text_pair: str | None) -> Trace:
        return capture(self._model, text, text_pair=text_pair, **self._options)

    def given(self, text: str) -> str:
        """The text that was given for one that the model read."""
        return self._prepared.given(text)
