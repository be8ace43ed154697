"""Names of models, tokenizers and types in messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PASS_TOKENIZER = 'pass one: tokenizer=AutoTokenizer.from_pretrained("...")'


def name_of(thing: PreTrainedModel | PreTrainedTokenizerBase) -> str:
    name = thing.name_or_path
    return f"{name!r} ({type(thing).__name__})" if name else type(thing).__name__


def type_name(thing: object) -> str:
    cls = type(thing)
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )


def title(model: PreTrainedModel) -> str:
    """The name of a model in a trace."""
    name = str(getattr(model, "name_or_path", "") or "")
    cls = type(model).__name__
    if not name:
        return cls
    path = Path(name)
    return f"{cls} ({'/'.join(path.parts[-2:])})" if path.is_dir() else name
