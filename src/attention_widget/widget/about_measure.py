"""Which measure the views show, and what a gradient is of: in a state, in questions and in keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attention_widget.errors import InvalidValueError
from attention_widget.protocol.checks import check_choice
from attention_widget.protocol.measured import OF_LOGIT
from attention_widget.protocol.options import values_of
from attention_widget.widget.answers import check_integer
from attention_widget.widget.candidate import Candidate, check_named


@dataclass(frozen=True)
class About:
    """A measure; with a gradient also the token at which a prediction is meant, None for the end of
    the text, and the one whose logit is taken away."""

    name: str
    token: int | None = None
    other: Candidate = None


def about_of(state: Mapping[str, Any], has_target: bool) -> About:
    """What the views of a state show."""
    name = state["weights"]
    if name not in OF_LOGIT:
        return About(name)
    # Of an encoder-decoder, nothing is predicted at the tokens of the encoder.
    of_source = state["attention_kind"] == "encoder" and has_target
    return About(name, None if of_source else state["token"], state["compared_with"])


def measuring(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the views of a state ask of a gradient, as js/trace/questions.ts writes it."""
    if state["weights"] not in OF_LOGIT:
        return []
    about = about_of(state, state["meta"]["target"] is not None)
    place = {"kind": state["attention_kind"], "layer": state["layer"]}
    return [{"name": "measured", "about": written(about), **place}]


def written(about: About) -> str:
    """As it stands in keys of tensors, js/trace/measures.ts writes the same.

    >>> written(About("norm")), written(About("chefer", 4, "/"))
    ('norm', '{"name":"chefer","token":4,"other":"\\\\u002f"}')
    """
    if about.name not in OF_LOGIT:
        return about.name
    fields = {"name": about.name, "token": about.token, "other": about.other}
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return text.replace("/", "\\u002f")


def read_about(text: str) -> About:
    """What :func:`written` wrote; ValueError or TypeError for anything else."""
    if not text.startswith("{"):
        return About(check_choice("measure of a key", text, values_of("weights")))
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidValueError(f"measure of a key must be JSON, got {text!r:.80}") from error
    if set(fields) != {"name", "token", "other"}:
        raise InvalidValueError(f"measure of a key must have name, token, other, got {text!r:.80}")
    name = check_choice("measure of a key", fields["name"], OF_LOGIT)
    if fields["token"] is not None:
        check_integer("token", fields["token"])
    check_named("other", fields["other"])
    return About(name, fields["token"], fields["other"])
