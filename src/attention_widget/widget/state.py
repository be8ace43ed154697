"""What a widget shows, without its numbers: a plain JSON dict to keep beside the trace.

It holds every choice, the texts, and how many tokens they were, so that it opens the very view
that was saved or says what is in the way. Knows no widget.
"""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from traitlets import TraitError

from attention_widget._util.version import own_version
from attention_widget.protocol.vocabulary import check_flag, check_text
from attention_widget.trace.trace import Trace
from attention_widget.widget.choices import CHOICES, Choices
from attention_widget.widget.session import is_reread

FORMAT: Final = 1
"""Counts the changes of what stands in a state; a new choice is one."""

_ABOUT: Final = ("model_name", "texts", "roles", "plain", "n_tokens", "n_target")
_ALLOWED: Final = "allowed: what widget.state gave"


def state_of(trace: Trace, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a widget that shows a trace so."""
    return {
        "format": FORMAT,
        "attention_widget": own_version(),
        "model_name": trace.model_name,
        "texts": list(trace.texts),
        "roles": list(trace.roles),
        "plain": is_reread(trace),
        **_counts(trace),
        **{
            name: list(value) if isinstance(value, tuple) else value
            for name, value in ((name, choices[name]) for name in CHOICES)
        },
    }


@dataclass(frozen=True)
class Saved:
    """A state that was read; its choices are not yet held against a trace."""

    model_name: str
    texts: tuple[str, ...]
    roles: tuple[str, ...]
    plain: bool
    """Whether a model that reads the texts comes to the same tokens: no chat, picture, sound or
    continuation, of which texts are not all."""
    counts: Mapping[str, int | None]
    choices: Mapping[str, Any]

    def is_of(self, trace: Trace) -> bool:
        """Whether the trace is of the same texts."""
        return (self.texts, self.roles) == (trace.texts, trace.roles)

    def readable(self) -> tuple[str, str | None]:
        """Text and pair for a model to read again.

        Raises:
            TraitError: there are none.
        """
        if not self.plain:
            raise TraitError(
                f"the state is of more than a plain text (a chat, a picture, a sound, a "
                f"continuation), so {self.model_name} cannot read it again; allowed: "
                f"trace=Trace.load(...), the trace that was saved with it"
            )
        return self.texts[0], self.texts[1] if len(self.texts) > 1 else None

    def check_texts(self, trace: Trace) -> None:
        """TraitError if the trace is not of the same texts."""
        if not self.is_of(trace):
            raise TraitError(
                f"the state is of {_named(self.texts)}, and the trace of {_named(trace.texts)}; "
                f"allowed: the trace that was saved with it"
            )

    def checked(self, trace: Trace) -> dict[str, Any]:
        """The choices, each of which the trace has.

        Raises:
            TraitError: it is of other tokens, or lacks one of them.
        """
        self.check_texts(trace)
        found = _counts(trace)
        if found != self.counts:
            raise TraitError(
                f"the state is of {_counted(self.counts)}, and the trace of {_counted(found)}; "
                f"allowed: what was read the same way, by the same tokenizer"
            )
        # stands where the traits look at a widget, so that none is touched before all are checked
        seen = SimpleNamespace(trace=trace)
        for name in CHOICES:
            setattr(seen, name, getattr(Choices, name).check(seen, self.choices[name]))
        return {name: getattr(seen, name) for name in CHOICES}


def read_state(state: object) -> Saved:
    """What :func:`state_of` gave, maybe by way of a JSON file.

    Raises:
        TraitError: it is something else, or in another format.
    """
    if not isinstance(state, Mapping):
        raise TraitError(f"state is a {type(state).__name__}; {_ALLOWED}")
    _check_format(state)
    names = ("format", "attention_widget", *_ABOUT, *CHOICES)
    if missing := [name for name in names if name not in state]:
        raise TraitError(f"the state lacks {_listed(missing)}; {_ALLOWED}")
    if more := [name for name in state if name not in names]:
        raise TraitError(f"the state holds {_listed(more)}, which nothing reads; {_ALLOWED}")
    check_text("model_name", state["model_name"], optional=False)
    texts, roles = (_strings(name, state[name]) for name in ("texts", "roles"))
    plain = check_flag("plain", state["plain"])
    if plain and not 1 <= len(texts) <= 2:
        raise TraitError(f"plain is True for {len(texts)} texts; {_ALLOWED}")
    for name, optional in (("n_tokens", False), ("n_target", True)):
        count = state[name]
        if not (type(count) is int and count >= 0) and not (optional and count is None):
            raise TraitError(f"{name} is {reprlib.repr(count)}; {_ALLOWED}")
    return Saved(
        state["model_name"],
        texts,
        roles,
        plain,
        {name: state[name] for name in ("n_tokens", "n_target")},
        {name: state[name] for name in CHOICES},
    )


def _check_format(state: Mapping[Any, Any]) -> None:
    if "format" not in state:
        raise TraitError(f"state is no state of a widget: it has no 'format'; {_ALLOWED}")
    number = state["format"]
    if type(number) is int and number > FORMAT:
        writer = state.get("attention_widget")
        raise TraitError(
            f"the state is in format {number}, by attention-widget {reprlib.repr(writer)}; this "
            f"one, {own_version()}, reads format {FORMAT}: install a newer attention-widget"
        )
    if type(number) is not int or number != FORMAT:
        raise TraitError(f"format is {reprlib.repr(number)}; allowed: {FORMAT}")


def _counts(trace: Trace) -> dict[str, int | None]:
    target = None if trace.target is None else len(trace.target.tokens)
    return {"n_tokens": len(trace.tokens), "n_target": target}


def _counted(counts: Mapping[str, int | None]) -> str:
    target = "" if counts["n_target"] is None else f" and {counts['n_target']} of the target"
    return f"{counts['n_tokens']} tokens{target}"


def _named(texts: tuple[str, ...]) -> str:
    return f"the text {_listed(texts)}" if texts else "no text"


def _strings(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise TraitError(f"{name} is {reprlib.repr(value)}; {_ALLOWED}")
    return tuple(value)


def _listed(names: Collection[object]) -> str:
    return ", ".join(reprlib.repr(name) for name in names)
