"""The kinds of traits that a widget has. Each value is checked against the trace that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import traitlets as t

from attention_widget.protocol.description import READ_ONLY
from attention_widget.protocol.vocabulary import check_text
from attention_widget.trace.kind import Kind

T = TypeVar("T")


class Selection(t.TraitType[T, Any]):
    """A trait that either side sets, checked against the trace that is shown."""

    def __init__(self, default: T, check: Callable[[Any, str, object], T]) -> None:
        super().__init__(default)
        self._check = check
        # The browser shows its own selections at once; an echo could only undo a newer one.
        self.tag(sync=True, echo_update=False, to_json=_to_json)

    def check(self, obj: Any, value: object) -> T:
        """The value as it is stored; TraitError if what ``obj`` shows does not have it."""
        return self._check(obj, self.name or "", value)

    def validate(self, obj: Any, value: object) -> T:
        return self.check(obj, value)

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            super().set(obj, value)


class AttentionKindTrait(Selection[Kind]):
    """Whose queries the tokens are follows from it: another text's lose what was selected."""

    def set(self, obj: Any, value: Any) -> None:
        with obj._lock:
            checked = self.validate(obj, value)
            trace, before = obj.trace, getattr(obj, self.name or "")
            old, new = trace.sides(before), trace.sides(checked)
            with obj.hold_sync(), obj.hold_trait_notifications():
                super().set(obj, checked)  # first, so that a refusal takes it back first
                if new[0] is not old[0]:
                    obj.token = obj.pinned = None
                if new[1] is not old[1]:
                    obj.key_token = None


class Text(t.TraitType[T, T]):
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
            if self.name != "text" and why:  # what the text shows was not read so
                raise t.TraitError(READ_ONLY[why])
            texts = {"text": obj.text, "text_pair": obj.text_pair, self.name or "": value}
            obj.run(**texts)

    def store(self, obj: Any, value: T) -> None:
        super().set(obj, value)


def _to_json(value: object, _widget: object) -> object:
    return list(value) if isinstance(value, tuple) else value
