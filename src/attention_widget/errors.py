"""The errors of the package: one base, and under it the errors that a Python user would catch.

    AttentionWidgetError
    ├── InvalidTypeError            TypeError
    ├── InvalidValueError           ValueError
    │   ├── RefusedError            traitlets.TraitError
    │   ├── TextTooLongError
    │   ├── UnsupportedModelError
    │   └── TraceTooLargeError
    ├── NotFoundError               LookupError
    │   └── OutOfRangeError         IndexError
    ├── FileMissingError            FileNotFoundError
    ├── IsFolderError               IsADirectoryError
    ├── NoFolderError               NotADirectoryError
    ├── NoAccessError               PermissionError
    ├── CacheError                  OSError
    ├── DiskFullError               OSError
    └── NotInstalledError           ModuleNotFoundError

Each message says what must be, what was given and, where it helps, what to do.

``LowMemoryWarning`` is a UserWarning, given before work that takes more memory than is free.

>>> from attention_widget import AttentionWidgetError, from_attentions
>>> trace = from_attentions([[[[1, 0], [0.5, 0.5]]]], ["a", "novel"])
>>> try:
...     trace.attention(9)
... except AttentionWidgetError as error:
...     print(error, isinstance(error, IndexError))
layer must be 0, got 9; the decoder of attentions has 1 layer True
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Final

from traitlets import TraitError

_PACKAGE: Final = f"{Path(__file__).parent}{os.sep}"


class AttentionWidgetError(Exception):
    """Any error that this package raises itself.

    >>> from attention_widget import AttentionWidgetError, measures
    >>> try:
    ...     measures.norms([3, 4])
    ... except AttentionWidgetError as error:
    ...     print(error)
    vectors must have shape (token, hidden), got (2,)
    """

    _was_shown = False

    def _render_traceback_(self, *_: object) -> list[str]:
        """What IPython shows: the message and the user's line. ``%tb`` asks again, and gets all."""
        if self._was_shown:
            from IPython import get_ipython

            how = get_ipython().InteractiveTB
            shown: list[str] = how.structured_traceback(type(self), self, self.__traceback__)
            return shown
        self._was_shown = True
        message = f"{type(self).__name__}: {self}".encode("utf-8", "replace").decode()
        return [message, f"{_line_of(self)}%tb shows the traceback."]


class InvalidTypeError(AttentionWidgetError, TypeError):
    """An argument of another type than the one that is needed."""


class InvalidValueError(AttentionWidgetError, ValueError):
    """An argument that is not one of the values that are allowed."""


class RefusedError(InvalidValueError, TraitError):
    """A widget cannot be set so, or cannot do what was asked; it stays as it was. ``code`` names a
    reason that the browser has words for; None where it says Python's."""

    code: str | None = None


class TextTooLongError(InvalidValueError):
    """A text of more ``tokens`` than the ``limit`` that its model takes.

    >>> from attention_widget import capture, errors
    >>> try:
    ...     capture(model, "novel " * 600, tokenizer=tokenizer)
    ... except errors.TextTooLongError as error:
    ...     print(error.tokens, error.limit)
    602 512
    """

    def __init__(self, message: str, tokens: int, limit: int) -> None:
        super().__init__(message, tokens, limit)
        self.tokens = tokens
        self.limit = limit

    def __str__(self) -> str:
        return str(self.args[0])


class NotFoundError(AttentionWidgetError, LookupError):
    """A trace does not hold what was asked for."""


class OutOfRangeError(NotFoundError, IndexError):
    """An index beyond the layers, heads or tokens that there are."""


class FileMissingError(AttentionWidgetError, FileNotFoundError):
    """There is no file or folder of this name."""


class IsFolderError(AttentionWidgetError, IsADirectoryError):
    """A folder where a file is needed."""


class NoFolderError(AttentionWidgetError, NotADirectoryError):
    """A file where a folder is needed."""


class NoAccessError(AttentionWidgetError, PermissionError):
    """The folder may not be written to."""


class CacheError(AttentionWidgetError, OSError):
    """The folder for what is made once and kept cannot be written to, or its disk is full."""


class DiskFullError(AttentionWidgetError, OSError):
    """No space is left for a file, or it may not become so large; what stood there still does."""


class NotInstalledError(AttentionWidgetError, ModuleNotFoundError):
    """Something that is needed is not installed, or not built."""


class LowMemoryWarning(UserWarning):
    """What is about to be done will take more memory than is free, by an estimate; the message
    says how much, and what takes less."""


def _line_of(error: BaseException) -> str:
    """The last line of other code than ours, which a notebook's cell may have many of."""
    caller = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(_PACKAGE):
            break
        caller = frame
    return f"line {caller.lineno}: {caller.line}\n" if caller and caller.line else ""
