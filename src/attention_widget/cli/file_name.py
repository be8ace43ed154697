"""The name of the file where none is given: another one for another model, text, layer or heads."""

from __future__ import annotations

import hashlib
import re
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

_DEMO = "demo"
_LONGEST = 40


def file_name(given: Namespace, names: Mapping[str, str]) -> str:
    """Named by the model, what is read (``names``, by option), and the layer and heads that are
    chosen."""
    parts = [_model(given.model) if given.model else _DEMO]
    for option, name in names.items():
        parts += [_slug(name)] if option == "text" else [option, _slug(name)]
    if given.layer is not None:
        parts.append(f"layer-{given.layer}")
    if given.head is not None:
        parts.append(_slug(" ".join(["head", *map(str, given.head)])))
    return "-".join(filter(None, parts)) + ".html"


def _model(name: str) -> str:
    folder = Path(name).expanduser()
    return _slug(folder.resolve().name if folder.is_dir() else name.replace("/", "-"))


def _slug(words: str) -> str:
    """Words of plain letters; a sum of all the signs stands for those that are left out."""
    short = re.sub(r"[^A-Za-z0-9._]+", "-", words).strip("-.")[:_LONGEST].strip("-.")
    if short in (words, words.replace(" ", "-")):
        return short
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:5]
    return "-".join(filter(None, (short, digest)))
