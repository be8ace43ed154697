"""The kinds of traits that a widget has: options, and texts that the model reads."""

from __future__ import annotations

from functools import partial
from typing import Any, Generic, TypeVar, overload

import traitlets as t

from attention_widget._util.lists import as_lists
from attention_widget.errors import RefusedError
from attention_widget.protocol.checks import check_text
from attention_widget.protocol.description import READ_ONLY
from attention_widget.protocol.option import Option
from attention_widget.protocol.options import OPTION
from attention_widget.widget.address import of_other_texts

G = TypeVar("G")
S = TypeVar("S")
T = TypeVar("T")


class OptionTrait(t.TraitType[G, S]):
    """An option: a trait that either side sets, checked against what is shown."""

    def __init__(self) -> None:
        super().__init__()
        # The browser shows its own selections at once; an echo could only undo a newer one.
        self.tag(sync=True, echo_update=False, to_json=_to_json)

    @property
    def option(self) -> Option:
        return OPTION[self.name or ""]

    def default(self, obj: Any = None) -> Any:
        if obj is None:
            return self.option.default
        return obj._first(self.option)

    def validate(self, obj: Any, value: object) -> Any:
        obj._check_usable(self.name, value)
        return self.option.check(value, obj._fitted, partial(getattr, obj))

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            super().set(obj, value)


class AttentionKindTrait(OptionTrait[G, S]):
    """Another kind may join other texts: tokens that were selected in a text it lacks are
    unselected."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            fitted, before = obj._fitted, getattr(obj, self.name or "")
            with obj.hold_sync(), obj.hold_trait_notifications():
                super().set(obj, checked)  # set first: if an observer refuses, this is undone first
                for name, lost in of_other_texts(fitted, checked, before).items():
                    setattr(obj, name, lost)


class EditsTrait(OptionTrait[G, S]):
    """Edits of a second pass, which runs before they are stored: one that is refused changes
    nothing."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            if checked and checked != getattr(obj, self.name or ""):
                obj._run_edits(checked)
            super().set(obj, checked)


class WeightsTrait(OptionTrait[G, S]):
    """A measure, of which the layer that is shown is computed before it is stored: one that the
    model has none of changes nothing."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            if checked != getattr(obj, self.name or ""):
                obj._run_weights({**obj._options(), self.name or "": checked})
            super().set(obj, checked)


class OfAtlasTrait(OptionTrait[G, S]):
    """A summary of the atlas: one that it does not have changes nothing."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            obj._check_of_atlas({self.name or "": checked})
            super().set(obj, checked)


class AlignedTokensTrait(OptionTrait[G, S]):
    """Which tokens of a comparison go together: what is shown follows before it is stored."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            if checked != getattr(obj, self.name or ""):
                obj._align(checked)
            super().set(obj, checked)


class OtherSpelling(Generic[G, S]):
    """An attribute that stands for the trait of another name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, obj: None, owner: object) -> OtherSpelling[G, S]: ...

    @overload
    def __get__(self, obj: object, owner: object) -> G: ...

    def __get__(self, obj: object, owner: object) -> OtherSpelling[G, S] | G:
        return self if obj is None else getattr(obj, self._name)

    def __set__(self, obj: Any, value: S) -> None:
        setattr(obj, self._name, value)


class TextTrait(t.TraitType[T, T]):
    """A text that the model reads: assigning it runs the model, and only the run stores it."""

    def __init__(self, default: T, optional: bool) -> None:
        super().__init__(default)
        self._optional = optional
        self.tag(sync=True)

    def validate(self, obj: Any, value: object) -> Any:
        return check_text(self.name or "", value, self._optional)

    def set(self, obj: Any, value: Any) -> None:
        if self.validate(obj, value) != getattr(obj, self.name or ""):
            why = obj.meta["read_only"]
            if self.name != "text" and why:  # a text may replace a chat, but none goes beside it
                raise RefusedError(READ_ONLY[why])
            texts = {"text": obj.text, "text_pair": obj.text_pair, self.name or "": value}
            obj.run(**texts)

    def store(self, obj: Any, value: T) -> None:
        super().set(obj, value)


def _to_json(value: object, _widget: object) -> object:
    return as_lists(value)
