"""How messages name models, tokenizers, types and errors."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

PASS_TOKENIZER = 'pass one: tokenizer=AutoTokenizer.from_pretrained("...")'


def name_of(thing: PreTrainedModel | PreTrainedTokenizerBase) -> str:
    name = thing.name_or_path
    return f"{name!r} ({type(thing).__name__})" if name else type(thing).__name__


def type_name(thing: object) -> str:
    kind = type(thing)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def title(model: PreTrainedModel) -> str:
    """What a trace calls its model."""
    name = str(getattr(model, "name_or_path", "") or "")
    kind = type(model).__name__
    if not name:
        return kind
    path = Path(name)
    return f"{kind} ({'/'.join(path.parts[-2:])})" if path.is_dir() else name
