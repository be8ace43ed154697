"""What a survey found of language models, for docs/models.md: predictions, lens, edits and sums."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from examine import TOLERANCE, Finding

COLUMNS = ("predictions", "lens", "edits", "direct", "q·k")
_EDITS = ("columns", "edge", "row")
_NAMES = {
    "lens": "logit lens",
    "edits": "edits",
    "direct": "direct attribution",
    "q·k": "q·k by what wrote it",
}

Model = Mapping[str, Any]


def summary(findings: Sequence[Finding]) -> list[str]:
    """How many models give their own numbers, and what is refused and why."""
    models = [model for one in findings for model in one.language if "failure" not in model]
    edited = [one for one in findings if one.edits and "failure" not in one.edits]
    causal = sum(model["sort"] == "causal" for model in models)
    lines = [
        f"Of {len(models)} language models of these types, {causal} of them causal, with random "
        f"weights too:",
        "",
    ]
    for name, what in (
        ("predictions", "predictions made of the model's own logits"),
        ("lens", "the last layer of the lens gives the model's own logits"),
        ("direct", "what heads, MLPs and embeddings write sums to the logit, and no head is 0"),
        ("q·k", "what wrote into query and key sums to the score"),
    ):
        right = [one for one in models if _right(value_of(one, name))]
        of_causal = sum(one["sort"] == "causal" for one in right)
        lines.append(f"- {len(right)}, {of_causal} of them causal: {what}, within {TOLERANCE:.0e}.")
    wrong = sum(
        _wrong(value_of(one, name)) for one in models for name in COLUMNS if name != "edits"
    )
    lines += [
        f"- {wrong} are wrong. Goal: none.",
        "",
        f"Of {len(edited)} types with a language model, run again with something changed:",
        "",
    ]
    for name, what in (
        ("columns", "a head that is off gives what zeros in its columns of the output projection"),
        ("edge", "a blocked edge gives what a mask without it gives"),
        ("row", "the probabilities of the row are shared out again"),
    ):
        right_types = [one for one in edited if _right(one.edits[name])]
        exact = sum(one.edits[name] == 0.0 for one in right_types)
        lines.append(
            f"- {len(right_types)}: {what}, within {TOLERANCE:.0e}; {exact} to the last bit."
        )
    wrong = sum(_wrong(one.edits[name]) for one in edited for name in _EDITS)
    return [
        *lines,
        f"- {sum(one.edits['batches'] for one in edited)}: several edits as a batch give what they "
        f"give one by one.",
        f"- {sum(one.edits['resumed'] > 0 for one in edited)}: a pass that begins at a later layer "
        f"gives the model's own output to the last bit.",
        f"- {wrong} are wrong. Goal: none.",
        "",
        *_refusals(findings),
    ]


def cell(one: Finding, name: str) -> str:
    """A cell of a type's row."""
    if name == "edits":
        if not one.edits:
            return ""
        if one.edits.get("failure"):
            return "not examined"
        return _number(_edits(one), bool(one.edits["refusal"]))
    return ", ".join(
        f"{model['sort']} {_number(value_of(model, name), bool(refusal_of(model, name)))}"
        for model in one.language
        if "failure" not in model
    )


def value_of(model: Model, name: str) -> float | None:
    """A difference of a language model."""
    sums = model.get("sums") or {}
    held = {"direct": sums.get("direct"), "q·k": sums.get("score")}
    found: float | None = held[name] if name in held else model.get(name)
    return found


def refusal_of(model: Model, name: str) -> str:
    """Why a measure is refused for a language model."""
    sums = model.get("sums") or {}
    held = {"direct": "direct_refusal", "q·k": "score_refusal"}
    text: str = sums.get(held[name], "") if name in held else model.get("refusal", "")
    return text if name in (*held, "lens") else ""


def _edits(one: Finding) -> float | None:
    found = [one.edits[name] for name in _EDITS if one.edits[name] is not None]
    return max(found, default=None)


def _number(value: float | None, refused: bool) -> str:
    if value is None:
        return "refused" if refused else "none"
    return f"{'**WRONG** ' if _wrong(value) else ''}{value:.0e}"


def _right(value: float | None) -> bool:
    return value is not None and value <= TOLERANCE


def _wrong(value: float | None) -> bool:
    return value is not None and not value <= TOLERANCE


def _refusals(findings: Sequence[Finding]) -> list[str]:
    """The types that are refused, by what is refused and why."""
    lines: list[str] = []
    for name, words in _NAMES.items():
        whose: dict[str, list[str]] = defaultdict(list)
        for one in findings:
            for reason in dict.fromkeys(map(_in_general, _reasons(one, name))):
                whose[reason].append(one.model_type)
        if whose:
            lines += [f"Refused by name, {words}. The model …", ""]
            for reason, types in sorted(whose.items(), key=lambda item: (-len(item[1]), item[0])):
                lines.append(f"- {reason}: {', '.join(sorted(types, key=str.lower))}")
            lines.append("")
    return lines


def _reasons(one: Finding, name: str) -> Iterator[str]:
    if name == "edits":
        if one.edits.get("refusal"):
            yield one.edits["refusal"]
        return
    for model in one.language:
        if "failure" not in model and refusal_of(model, name):
            yield refusal_of(model, name)


def _in_general(reason: str) -> str:
    """A reason without the names and numbers of one model."""
    reason = re.sub(r" \((?:first in|\d+ queries)[^)]*\)?", "", " ".join(reason.split()))
    reason = re.sub(r"'[^']*'", "…", reason)
    reason = re.sub(r"(?:(?:encoder|decoder|cross) )?layer \d+( and layer \d+)?", "a layer", reason)
    reason = re.sub(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?", "…", reason)
    return reason.strip().replace("|", "\\|")
