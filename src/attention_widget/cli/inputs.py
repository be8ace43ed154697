"""What the command line is given to read: a text, or the file that holds it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from attention_widget.errors import InvalidValueError

_PATH = re.compile(r"\S*[/\\]\S*|\S+\.(?:txt|text|md|rst|tex|html?|json|csv|tsv|log|pdf|docx?)")
ITSELF = "to read such a text itself: echo ... | attention-widget -"


class Given(NamedTuple):
    """What is read."""

    text: str | Path
    """The path of a file that holds no UTF-8, a picture it may be."""
    where: str
    name: str
    """What a file is named by that is made of it."""


def read_text(given: str) -> Given:
    """The text of stdin for ``-``, or of the file of that name where there is one, or the text
    itself. ValueError for what can be nothing but the name of a file, where there is none.
    """
    if given == "-":
        text = sys.stdin.read()
        return Given(text, "stdin", text)
    path = Path(given).expanduser()
    try:
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                return Given(file.read(), f"the file {given}", path.stem)
    except UnicodeDecodeError:
        return Given(path, f"the file {given}", path.stem)
    except PermissionError as error:
        raise InvalidValueError(f"{given} cannot be read: {error.strerror}") from error
    except (OSError, ValueError):  # no name that a file can have
        return Given(given, "", given)
    if _PATH.fullmatch(given) and not re.match(r"\w+://", given) and _names(given):
        raise InvalidValueError(f"there is no file {given}; {ITSELF}")
    return Given(given, "", given)


def _names(given: str) -> bool:
    """Whether it is a path rather than a choice of words (and/or)."""
    return "." in Path(given).name or given.startswith(("/", "./", "../", "~" + os.sep))
