"""A comparison that is shown: one side, the other, or the difference, each a session of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from attention_widget._util.unicode import sendable
from attention_widget.contrast import Contrast
from attention_widget.contrast.making import contrast_of
from attention_widget.contrast.tensors import PlacedTensors, SideTensors
from attention_widget.errors import InvalidValueError
from attention_widget.export.calculated import Calculated
from attention_widget.export.gather import Sides
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.describing import describe
from attention_widget.protocol.description import ComparisonMeta, Meta
from attention_widget.protocol.keys import split_measured, split_pass
from attention_widget.protocol.tensors import Header
from attention_widget.trace.trace import Trace
from attention_widget.widget.calculated import calculated_of
from attention_widget.widget.contrast_lab import ContrastLab, OfOneSideError, SideLab
from attention_widget.widget.questions import questions_of
from attention_widget.widget.session import Session, texts_of
from attention_widget.widget.steps import Steps
from attention_widget.widget.target import given_target

_PASSES = ("before", "after")


@dataclass(frozen=True, eq=False)
class ContrastSession(Session):
    """The session is that of the difference; ``sides`` have the two numbers before its own."""

    contrast: Contrast
    sides: tuple[Session, Session]

    @classmethod
    def of_contrast(cls, contrast: Contrast, number: int = 1) -> ContrastSession:
        """``number`` counts the passes that were shown before it, and is that of the first side."""
        sides = tuple(_side(contrast, side, number + side) for side in (0, 1))
        trace = contrast.placed[0]
        described = describe(trace, number + 2, "comparison", suggests=False)
        comparison: ComparisonMeta = {
            "names": [sendable(name) for name in contrast.names],
            "slots": [list(slot) for slot in contrast.aligned.slots],
            "target_slots": None
            if contrast.aligned_targets is None
            else [list(slot) for slot in contrast.aligned_targets.slots],
            "sides": [side.description for side in sides],
            "has_models": contrast.has_models,
        }
        text = " / ".join(dict.fromkeys(texts_of(each)[0] for each in contrast.traces))
        return cls(
            trace,
            cast(Meta, {**described, "comparison": comparison}),
            PlacedTensors(contrast, 0),
            text,
            None,
            given_target(trace),
            ContrastLab(contrast),
            contrast,
            cast("tuple[Session, Session]", sides),
        )

    def aligned(self, pairs: Iterable[tuple[int, int]] | None) -> ContrastSession:
        """The same sides with another alignment; ValueError or TypeError for what is none."""
        contrast = contrast_of(self.contrast.sides, self.contrast.names, pairs)
        return ContrastSession.of_contrast(contrast, self.number + 1)

    def shows(self, number: int) -> bool:
        return number in (self.number, *(side.number for side in self.sides))

    def tensor(self, number: int, key: str) -> tuple[Header, bytes]:
        side = self._side(number)
        if side is not None:
            return side.tensor(number, key)
        about, _ = split_measured(split_pass(key)[2])
        if about:
            one, other = self.contrast.names
            raise OfOneSideError(
                f"the difference is of attention alone; show {sendable(one)} or {sendable(other)} "
                f"for other measures"
            )
        return super().tensor(number, key)

    def steps(self, number: int, question: object) -> Steps:
        side = self._side(number)
        return super().steps(number, question) if side is None else side.steps(number, question)

    def of_pass_shown(self, choices: Mapping[str, Any]) -> tuple[Trace, dict[str, Any]]:
        """The trace of the side that is shown, and the choices with its own tokens."""
        side = _PASSES.index(choices["shown_pass"])
        return self.contrast.traces[side], {**choices, **self._tokens(choices, side)}

    def for_page(self) -> Sides:
        """What a page carries of both sides."""
        tensors = self.tensors, self.contrast_lab.other.tensors
        first, second = (cast(PlacedTensors, each).tensor for each in tensors)
        return Sides(self.contrast.traces, (first, second))

    def answers_of_sides(self, choices: Mapping[str, Any]) -> list[Any]:
        """What the views of each side ask, with what is kept of it, and the number of the side."""
        found: list[Any] = []
        for number, side in enumerate(self.sides):
            own = {**choices, **self._tokens(choices, number), "edits": ()}
            found += [(*each, number) for each in side.lab.kept(questions_of(own))]
        return found

    def calculated_of_sides(self, choices: Mapping[str, Any]) -> list[Calculated]:
        """The steps of the layer that is shown, of each side."""
        return [
            found._replace(side=number)
            for number, side in enumerate(self.sides)
            for found in calculated_of(side.lab, choices, None)
        ]

    @property
    def contrast_lab(self) -> ContrastLab:
        return cast(ContrastLab, self.lab)

    def moved(self, other: ContrastSession, choices: Mapping[str, Any]) -> dict[str, Any]:
        """The selected tokens, where they stand with another alignment."""
        lists = {
            name: self._slots(choices, name) for name in ("token", "key_token", "effect_position")
        }
        found: dict[str, Any] = {}
        for name, slots in lists.items():
            there = other._slots(choices, name)
            found[name] = _moved(choices[name], slots, there)
        slots, there = self._slots(choices, "token"), other._slots(choices, "token")
        pinned = (_moved(each, slots, there) for each in choices["pinned"])
        return {**found, "pinned": tuple(dict.fromkeys(p for p in pinned if p is not None))}

    def _catalogue(self, key: str) -> Catalogue:
        return self.tensors

    def _side(self, number: int) -> Session | None:
        if number == self.number:
            return None
        for side in self.sides:
            if side.number == number:
                return side
        raise InvalidValueError(f"run {number} is over; the widget shows run {self.number}")

    def _slots(self, choices: Mapping[str, Any], name: str) -> list[tuple[int | None, int | None]]:
        kind = choices["attention_kind"]
        contrast = self.contrast
        targets = contrast.aligned_targets
        of_text = kind == "encoder" or (kind == "cross" and name == "key_token")
        is_of_text = of_text and name != "effect_position"
        return list((contrast.aligned if is_of_text or targets is None else targets).slots)

    def _tokens(self, choices: Mapping[str, Any], side: int) -> dict[str, Any]:
        def own(slot: int | None, name: str) -> int | None:
            return None if slot is None else self._slots(choices, name)[slot][side]

        pinned = (own(each, "token") for each in choices["pinned"])
        return {
            "token": own(choices["token"], "token"),
            "key_token": own(choices["key_token"], "key_token"),
            "pinned": tuple(each for each in pinned if each is not None),
        }


def _side(contrast: Contrast, side: int, number: int) -> Session:
    one = contrast.sides[side]
    trace = one.trace
    texts = (*texts_of(trace), given_target(trace))
    described = describe(trace, number, "comparison", texts[2])
    return Session(trace, described, SideTensors(contrast, side), *texts, SideLab(one))


def _moved(slot: int | None, before: list[Any], after: list[Any]) -> int | None:
    if slot is None:
        return None
    for side in (0, 1):
        token = before[slot][side]
        if token is not None:
            return next(at for at, each in enumerate(after) if each[side] == token)
    return None


def first_contrast(session: ContrastSession, named: Mapping[str, Any]) -> dict[str, Any]:
    """What a comparison shows first: the difference, in the head whose attention changed most, and
    of it the token whose attention did; what is named stays."""
    found: dict[str, Any] = {} if named.get("shown_pass") else {"shown_pass": "difference"}
    given = {name for name, value in named.items() if value is not None}
    if not given.isdisjoint(("attention_kind", "layer", "heads", "head_pairs", "token", "pinned")):
        return found
    first = session.contrast.heads_by_change()[0]
    if not first.divergence > 0:
        return found
    change = session.contrast.attention("difference", first.layer, first.kind)[first.head]
    rows = np.nansum(np.abs(change), axis=1)
    return {
        **found,
        "attention_kind": first.kind,
        "layer": first.layer,
        "heads": (first.head,),
        "token": int(rows.argmax()),
        **({} if named.get("measure") else {"measure": "attention_from"}),
    }
