"""What a pipeline or a SentenceTransformer does with a text before its model reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from torch import nn

from attention_widget.errors import InvalidValueError
from attention_widget.tracing.model.limits import sane_length

_PAIRS: Final = {
    "ZeroShotClassificationPipeline": "text_pair='This example is politics.', say, for each label",
    "QuestionAnsweringPipeline": "the question as text and text_pair= its context",
}
_TEXT_TO_TEXT: Final = {
    "Text2TextGenerationPipeline",
    "SummarizationPipeline",
    "TranslationPipeline",
}


@dataclass(frozen=True)
class Preparation:
    """Nothing, unless a wrapper is given."""

    by: str = ""  # the class of the wrapper
    prefix: str = ""  # what it writes before the text
    changed: Callable[[str], str] | None = None  # what else it does to prefix and text
    limit: int | None = None  # the tokens that it lets through, and cuts the others off
    limited_by: str = ""
    pair: str = ""  # what its model reads beside the text, where it always reads two
    ids: Callable[[str], list[int]] | None = None  # what it makes of a text

    def text(self, given: str) -> str:
        """What the model reads of a text."""
        made = self.prefix + given
        return made if self.changed is None else self.changed(made)

    def given(self, text: str) -> str:
        """A text of which the model reads this one."""
        return text.removeprefix(self.prefix)

    def check_pair(self, text_pair: str | None) -> None:
        """ValueError for a text alone where the wrapper's model reads two."""
        if self.pair and text_pair is None:
            raise InvalidValueError(
                f"text_pair must be passed with a {self.by}, which gives its model pairs of texts, "
                f"got a text alone; pass {self.pair}"
            )

    def check_ids(self, text: str, ids: list[int]) -> None:
        """ValueError where the wrapper makes other tokens of what the model is to read."""
        if self.ids is not None and (made := self.ids(text)) != ids:
            raise InvalidValueError(
                f"this {self.by} gives its model other tokens ({len(made)}) than its tokenizer "
                f"makes of the text ({len(ids)}); to see what the model itself does, pass the "
                f"model within it, with tokenizer="
            )


def preparation_of(model: object) -> Preparation:
    """What ``model`` does with a text, where it is more than a model."""
    if is_pipeline(model):
        return _of_pipeline(model)
    if is_sentence_transformer(model):
        return _of_sentence_transformer(model)
    return Preparation()


def is_pipeline(model: object) -> bool:
    # Whoever holds a pipeline has loaded this module; others need not wait for it.
    module = sys.modules.get("transformers.pipelines.base")
    return module is not None and isinstance(model, module.Pipeline)


def is_sentence_transformer(model: object) -> bool:
    """Recognised by what it has, so that the package need not be there."""
    return isinstance(model, nn.Module) and any(
        cls.__name__ == "SentenceTransformer" for cls in type(model).__mro__
    )


def default_prompt(model: Any) -> str:
    """What sentence-transformers' models write before a text by default."""
    name, prompts = getattr(model, "default_prompt_name", None), getattr(model, "prompts", None)
    found = prompts.get(name) if isinstance(prompts, Mapping) else None
    return found if isinstance(found, str) else ""


def _of_sentence_transformer(model: Any) -> Preparation:
    first = next(iter(model.children()), None)
    lowers = bool(getattr(first, "do_lower_case", False))

    def changed(text: str) -> str:
        return text.strip().lower() if lowers else text.strip()

    prepare = getattr(model, "preprocess", None) or getattr(model, "tokenize", None)

    def ids(text: str) -> list[int]:
        assert prepare is not None
        made: list[int] = prepare([text])["input_ids"][0].tolist()
        return made

    return Preparation(
        by=type(model).__name__,
        prefix=default_prompt(model),
        # until version 6 it strips the text itself, and lowers it
        changed=None if hasattr(first, "preprocess") else changed,
        limit=sane_length(getattr(model, "max_seq_length", None)),
        limited_by="max_seq_length",
        ids=None if prepare is None else ids,
    )


def _of_pipeline(pipe: Any) -> Preparation:
    name = type(pipe).__name__
    options: dict[str, Any] = {**getattr(pipe, "_preprocess_params", {})}
    for nested in ("tokenizer_kwargs", "tokenizer_params"):
        options |= options.pop(nested, None) or {}
    for option, reads in (("add_special_tokens", True), ("is_split_into_words", False)):
        if options.get(option, reads) not in (reads, None):
            raise InvalidValueError(
                f"this {name} tokenizes with {option}={not reads}, which capture does not; pass "
                f"its model (.model), with tokenizer="
            )
    prefix = options.get("prefix")
    if prefix is None and name in _TEXT_TO_TEXT:
        prefix = getattr(pipe, "prefix", None)
    truncation = options.get("truncation") or name == "TokenClassificationPipeline"
    cuts = bool(truncation) and truncation != "do_not_truncate"
    longest = options.get("max_length") or getattr(pipe.tokenizer, "model_max_length", None)
    return Preparation(
        by=name,
        prefix=prefix or "",
        limit=sane_length(longest) if cuts else None,
        limited_by="max_length"
        if options.get("max_length")
        else "its tokenizer's model_max_length",
        pair=_PAIRS.get(name, ""),
    )
