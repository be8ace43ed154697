"""What can be asked of a comparison, and of each side of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from attention_widget._util.unicode import sendable
from attention_widget.contrast import Contrast, PairedPredictions
from attention_widget.contrast.side import Side
from attention_widget.contrast.tensors import PlacedDifferences, PlacedTensors
from attention_widget.errors import RefusedError
from attention_widget.experiments import Experiment, Predictions
from attention_widget.experiments.comparing import Comparison
from attention_widget.tokens.labels import label_of_candidate
from attention_widget.trace.trace import Trace
from attention_widget.widget.answers import marks_blanks_in, numbers
from attention_widget.widget.calculations import Calculations
from attention_widget.widget.lab import Lab
from attention_widget.widget.measured import Measures
from attention_widget.widget.questions import check_question, predicted
from attention_widget.widget.steps import Answer, Progress, Steps

OTHER_SIDE: Final = ({"edit": "other_side"},)
"""In the place of edits: the second side of a comparison. OTHER_SIDE in js/trace/comparison.ts."""

_NO_MODEL = "a side of this comparison is a trace, which has no model to ask; compare experiments"


class OfOneSideError(RefusedError):
    """The question is about one side, but the difference is shown.

    Its words are OF_SIDES in js/language/texts/comparison.ts.
    """

    code = "of_one_side"


class OfEditedSideError(RefusedError):
    """The question cannot be answered for a side that is a pass with edits."""

    code = "of_edited_side"


class OtherSide:
    """The second side, with the attributes of :class:`Edited`."""

    def __init__(self, contrast: Contrast) -> None:
        self.edits = OTHER_SIDE
        self._contrast = contrast
        self._lock = threading.Lock()
        self._tensors: PlacedTensors | None = None
        self._differences: PlacedDifferences | None = None

    @property
    def trace(self) -> Trace:
        return self._contrast.placed[1]

    @property
    def comparison(self) -> Comparison:
        """What its own model predicts, where its tokens are those of the first side."""
        return Comparison(self._contrast.experiments[1], self._contrast.sides[1].edits)

    @property
    def tensors(self) -> PlacedTensors:
        with self._lock:
            self._tensors = self._tensors or PlacedTensors(self._contrast, 1)
            return self._tensors

    @property
    def differences(self) -> PlacedDifferences:
        with self._lock:
            self._differences = self._differences or PlacedDifferences(self._contrast)
            return self._differences


class ContrastLab(Lab):
    """Asked where the difference of both sides is shown, between the tokens of both."""

    def __init__(self, contrast: Contrast) -> None:
        make = (lambda: contrast.experiments[0]) if contrast.has_models else None
        super().__init__(contrast.placed[0], make)
        self._contrast = contrast
        self.other = OtherSide(contrast)
        self._both: dict[tuple[int, tuple[int, ...] | None], PairedPredictions] = {}

    def experiment(self) -> Experiment:
        if not self._contrast.has_models:
            raise RefusedError(_NO_MODEL)
        return self._contrast.experiments[0]

    def edited(self, edits: object) -> Any:
        if isinstance(edits, list | tuple) and list(edits) == list(OTHER_SIDE):
            return self.other
        raise RefusedError(
            "edits must be made before a comparison, got some in a comparison; compare what comes "
            "of them: compare(lab, lab.without(...))"
        )

    def shown(self, state: Mapping[str, Any]) -> Trace | None:
        return self._contrast.placed[1]

    def steps(self, question: object) -> Steps:
        asked = check_question(question)
        known = self.answer(asked)
        if known is not None:
            return dict(known)
        answer = yield from self._answered(asked)
        with self._lock:
            self._answers.append((asked, answer))
        return answer

    def _answered(self, asked: Mapping[str, Any]) -> Steps:
        name = asked["name"]
        lab = self.experiment()
        is_lens = name in ("lens", "lens_plane")
        if is_lens and self._contrast.is_whole and self._contrast.shares_vocabulary:
            return (yield from super().steps(asked))
        if name not in ("predictions", "compared"):
            one, other = self._contrast.names
            raise OfOneSideError(
                f"this is of one side; show {sendable(one)} or {sendable(other)} for it"
            )
        both = self._predictions(asked.get("top_k", 10), asked.get("positions"))
        yield Progress(1, 1)
        if name == "predictions":
            return predicted([self._in_slots(both.one)], lab)
        return self._compared(both, lab)

    def _predictions(self, top_k: int, positions: Sequence[int] | None) -> PairedPredictions:
        """At slots, counted from the last of those that both sides have below 0."""
        at = self._places
        key = top_k, None if positions is None else tuple(positions)
        if key not in self._both:
            chosen = None if positions is None else [self._place(each, at) for each in positions]
            self._both[key] = self._contrast.predictions(top_k, chosen)
        return self._both[key]

    @property
    def _places(self) -> dict[int, int]:
        """Of each slot that both sides have the token of the first."""
        slots = (self._contrast.aligned_targets or self._contrast.aligned).slots
        pairs = ((slot, i) for slot, (i, j) in enumerate(slots) if j is not None)
        return {slot: i for slot, i in pairs if i is not None}

    def _place(self, slot: int, at: Mapping[int, int]) -> int:
        if slot < 0 and -slot <= len(at):
            return [*at.values()][slot]
        if slot not in at:
            raise RefusedError("this token stands alone: only one side predicts anything here")
        return at[slot]

    def _in_slots(self, found: Predictions) -> Predictions:
        slot_of = {i: slot for slot, i in self._places.items()}
        return replace(found, positions=tuple(slot_of[each] for each in found.positions))

    def _compared(self, both: PairedPredictions, lab: Experiment) -> Answer:
        before, after = both.one, both.other
        kept = both.kept
        if kept is None:
            kept = np.full(before.probabilities.shape, np.nan, np.float32)
        marks_blanks = marks_blanks_in(text for row in before.tokens for text in row)
        placed = replace(after, positions=self._in_slots(before).positions)
        first = [label_of_candidate(sendable(row[0]), marks_blanks) for row in before.tokens]
        return {
            **predicted([placed], lab),
            "kept": [numbers(row) for row in kept],
            "first": first,
            "before": numbers(row[0] for row in before.probabilities),
        }


class SideLab(Lab):
    """Asked where one side is shown."""

    def __init__(self, side: Side) -> None:
        lab = side.experiment
        super().__init__(side.trace, None if lab is None else lambda: lab)
        self._side = side
        if side.edits:  # measures and calculations are computed without edits: not of this side
            self.measures = Measures(side.trace, None)
            self.calculations = Calculations(side.trace, None)

    def edited(self, edits: object) -> Any:
        raise RefusedError(
            "edits must be made before a comparison, got some in a comparison; compare what comes "
            "of them: compare(lab, lab.without(...))"
        )

    def steps(self, question: object) -> Steps:
        if not self._side.edits:
            return (yield from super().steps(question))
        asked = check_question(question)
        if asked["name"] == "calculation":  # answered from the trace, which has what edits changed
            return (yield from super().steps(asked))
        if asked["name"] != "predictions":
            raise OfEditedSideError(
                "this is not known of a pass with edits; show the side without them for it"
            )
        known = self.answer(asked)
        if known is not None:
            return dict(known)
        lab = self.experiment()
        before = lab.predictions(asked.get("top_k", 10))
        yield Progress(1, 2)
        after, _ = Comparison(lab, self._side.edits).after(before)
        answer = predicted([after], lab)
        with self._lock:
            self._answers.append((asked, answer))
        return answer
