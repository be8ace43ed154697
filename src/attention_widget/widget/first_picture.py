"""What a widget shows first: one head that says something about the text, and a word in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attention_widget.protocol.description import Suggestion
from attention_widget.trace.images import is_image_alone
from attention_widget.widget.first_image import first_image
from attention_widget.widget.session import Session

NAMED: Final = frozenset(
    (
        "attention_kind",
        "layer",
        "heads",
        "head_pairs",
        "combine",
        "token",
        "key_token",
        "pinned",
    )
)
"""Whoever names one of these options has a picture in mind."""


def first_picture(session: Session, options: Mapping[str, Any]) -> dict[str, Any]:
    """Where [CLS] looks in an image, else the best suggestion; nothing where there is none, or
    where a person who named these options wants to see something else."""
    named = [name for name, value in options.items() if value is not None]
    if not NAMED.isdisjoint(named):
        return {}
    is_image = is_image_alone(session.trace)
    shown = first_image(session.trace) if is_image else _best_suggestion(session)
    if not shown or "measure" in named:
        return shown
    return {**shown, "measure": "attention_from"}  # the text then shows the same row as the lines


def _best_suggestion(session: Session) -> dict[str, Any]:
    suggestions: Sequence[Suggestion] = session.description["suggestions"]
    if not suggestions:
        return {}
    best = suggestions[0]
    return {
        "attention_kind": best["kind"],
        "layer": best["layer"],
        "heads": (best["head"],),
        "token": best["query"],
    }


def of_other_text(before: Session, now: Session, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The word that the head suggests in another text, where the one that is selected was its
    suggestion in the text before: there its index says nothing.

    The layer and head stay, as a person compares texts in them. A word that was selected by hand
    stays too.
    """
    if _of_head(before, choices) != choices["token"] or choices["token"] is None:
        return {}
    return {"token": _of_head(now, choices)}


def _of_head(session: Session, choices: Mapping[str, Any]) -> int | None:
    """The word of the suggestion of the one head that is shown."""
    suggestions: Sequence[Suggestion] = session.description["suggestions"]
    for one in suggestions:
        place = (one["kind"], one["layer"], (one["head"],))
        if place == (choices["attention_kind"], choices["layer"], choices["heads"]):
            return one["query"]
    return None
