"""The saved state of a widget: a plain JSON dict to keep beside the trace.

It holds every option, the texts, and how many tokens they were, so that it opens the very view
that was saved or says what is in the way. Knows no widget.
"""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from attention_widget._util.lists import as_lists
from attention_widget._util.unicode import sendable
from attention_widget._util.version import own_version
from attention_widget.errors import RefusedError
from attention_widget.protocol.checks import check_flag, check_text
from attention_widget.protocol.options import OPTION, OPTIONS
from attention_widget.trace.trace import Trace
from attention_widget.widget.kept_passages import KeptPassages, kept_passages, read_passages
from attention_widget.widget.session import is_reread
from attention_widget.widget.target import KEPT, Kept, Target, text_of_target

FORMAT: Final = 9
"""Counts the changes of what stands in a state; a new choice is one, and so is the target."""

SINCE: Final = {
    "number_format": 2,
    "head_pairs": 3,
    "edits": 4,
    "shown_pass": 4,
    "effect_position": 4,
    "effect_of": 5,
    "effect_token": 5,
    "effect_other": 5,
    "compared_with": 5,
    "weights": 7,
    "alignment": 7,
    "head_label": 7,
    "min_max": 7,
    "neuron_step": 7,
    "passage_rows": 7,
    "share_of": 7,
    "head_labels": 8,
    "calculation_step": 8,
    "atlas_summary": 9,
    "atlas_sort": 9,
    "atlas_label": 9,
    "atlas_across": 9,
    "atlas_up": 9,
}
"""Choices that a later format brought: a state from before has their defaults."""

_ABOUT: Final = ("model_name", "texts", "roles", "plain", "n_tokens", "n_target")
_TARGET: Final = ("target", "target_given")
"""Of a target: what it says, and the same again if it was given; in states from format 6 on."""

_PASSAGES: Final = "passages"
"""In states from format 8 on."""

ADVICE: Final = "give what widget.state gave"


def state_of(trace: Trace, target: str | None, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a widget that shows a trace so, of which the target was given, if it was."""
    return {
        "format": FORMAT,
        "attention_widget": own_version(),
        "model_name": trace.model_name,
        "texts": list(trace.texts),
        "roles": list(trace.roles),
        "plain": is_reread(trace),
        **_counts(trace),
        _PASSAGES: kept_passages(trace),
        "target": text_of_target(trace),
        "target_given": None if target is None else sendable(target),
        **{name: as_lists(choices[name]) for name in OPTION},
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
    target: Target
    target_given: Target
    """``KEPT`` where the state is from before it named its target."""
    passages: KeptPassages | Kept = KEPT
    """``KEPT`` where the state is from before it named its passages."""

    def has_passages_of(self, trace: Trace) -> bool:
        """Whether the trace has the same passages, as far as the state names them."""
        return self.passages is KEPT or self.passages == kept_passages(trace)

    def is_of(self, trace: Trace) -> bool:
        """Whether the trace is of the same texts."""
        same = self.target is KEPT or self.target == text_of_target(trace)
        return same and (self.texts, self.roles) == (trace.texts, trace.roles)

    def to_read(self, takes_target: bool) -> Target:
        """The target for a model to read again."""
        return self.target_given if takes_target or self.target_given is KEPT else None

    def readable(self) -> tuple[str, str | None]:
        """Text and pair for a model to read again; TraitError if there are none."""
        if not self.plain:
            raise RefusedError(
                f"the state is of more than a plain text (a chat, a picture, a sound, a "
                f"continuation), so {self.model_name} cannot read it again; give "
                f"trace=Trace.load(...), the trace that was saved with it"
            )
        return self.texts[0], self.texts[1] if len(self.texts) > 1 else None

    def checked(self, trace: Trace) -> dict[str, Any]:
        """The choices, each of which the trace has; TraitError if it is another one."""
        if not self.is_of(trace):
            raise RefusedError(
                f"the trace must be of {_named(self.texts, self.target)}, as the state is, got "
                f"{_named(trace.texts, text_of_target(trace))}; give the trace that was saved "
                f"with it"
            )
        if not self.has_passages_of(trace):
            raise RefusedError(
                f"the trace must have the passages {reprlib.repr(self.passages)}, as the state "
                f"has, got {reprlib.repr(kept_passages(trace))}; give the trace that was saved "
                f"with it"
            )
        found = _counts(trace)
        if found != self.counts:
            raise RefusedError(
                f"the trace must be of {_counted(self.counts)}, as the state is, got "
                f"{_counted(found)}; read the text in the same way, by the same tokenizer"
            )
        checked: dict[str, Any] = {}
        for option in OPTIONS:
            value = self.choices[option.name]
            checked[option.name] = option.check(value, trace, checked.__getitem__)
        return checked


def read_state(state: object) -> Saved:
    """What :func:`state_of` gave, maybe by way of a JSON file; TraitError for anything else."""
    if not isinstance(state, Mapping):
        raise RefusedError(f"state must be a dict, got {type(state).__name__}; {ADVICE}")
    check_format(state)
    if {*_ABOUT[1:]}.isdisjoint(state) and "atlas_summary" in state:
        raise RefusedError(
            "the state must be of a text that a model read, got one of an atlas alone; give it to "
            "atlas.show().restore(state)"
        )
    chosen = [name for name in OPTION if SINCE.get(name, 1) <= state["format"]]
    has_target, has_passages = state["format"] >= 6, state["format"] >= 8
    named = (*(_TARGET if has_target else ()), *([_PASSAGES] if has_passages else ()))
    names = ("format", "attention_widget", *_ABOUT, *named, *chosen)
    if missing := [name for name in names if name not in state]:
        raise RefusedError(f"the state lacks {listed(missing)}; {ADVICE}")
    if more := [name for name in state if name not in names]:
        raise RefusedError(f"the state holds {listed(more)}, which nothing reads; {ADVICE}")
    check_text("model_name", state["model_name"], optional=False)
    texts, roles = (_strings(name, state[name]) for name in ("texts", "roles"))
    plain = check_flag("plain", state["plain"])
    if plain and not 1 <= len(texts) <= 2:
        raise RefusedError(f"plain must be False for {len(texts)} texts, got True; {ADVICE}")
    for name, optional in (("n_tokens", False), ("n_target", True)):
        count = state[name]
        if not (type(count) is int and count >= 0) and not (optional and count is None):
            raise RefusedError(f"{name} must be a count, got {reprlib.repr(count)}; {ADVICE}")
    targets = [check_text(name, state[name], optional=True) for name in _TARGET if has_target]
    return Saved(
        state["model_name"],
        texts,
        roles,
        plain,
        {name: state[name] for name in ("n_tokens", "n_target")},
        {name: state.get(name, option.default) for name, option in OPTION.items()},
        targets[0] if has_target else KEPT,
        targets[1] if has_target else KEPT,
        read_passages(state[_PASSAGES], ADVICE) if has_passages else KEPT,
    )


def check_format(state: Mapping[Any, Any]) -> None:
    """TraitError where a state is of no format that is read."""
    if "format" not in state:
        raise RefusedError(f"state is no state of a widget: it has no 'format'; {ADVICE}")
    number = state["format"]
    if type(number) is int and number > FORMAT:
        writer = state.get("attention_widget")
        raise RefusedError(
            f"the state is in format {number}, by attention-widget {reprlib.repr(writer)}; this "
            f"one, {own_version()}, reads format {FORMAT} and before: install a newer "
            f"attention-widget"
        )
    if type(number) is not int or number < 1:
        raise RefusedError(f"format must be 1 to {FORMAT}, got {reprlib.repr(number)}")


def _counts(trace: Trace) -> dict[str, int | None]:
    target = None if trace.target is None else len(trace.target.tokens)
    return {"n_tokens": len(trace.tokens), "n_target": target}


def _counted(counts: Mapping[str, int | None]) -> str:
    target = "" if counts["n_target"] is None else f" and {counts['n_target']} of the target"
    return f"{counts['n_tokens']} tokens{target}"


def _named(texts: tuple[str, ...], target: Target) -> str:
    words = f"the text {listed(texts)}" if texts else "no text"
    return f"{words} and the target {reprlib.repr(target)}" if isinstance(target, str) else words


def _strings(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        must = f"{name} must be a list of strings"
        raise RefusedError(f"{must}, got {reprlib.repr(value)}; {ADVICE}")
    return tuple(value)


def listed(names: Collection[object]) -> str:
    """Names as they are written, the long ones cut."""
    return ", ".join(reprlib.repr(name) for name in names)
