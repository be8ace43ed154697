"""docs/models.md, from what a survey found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import torch
import transformers
from examine import TOLERANCE, Finding
from survey_language import COLUMNS, cell, summary

_HOW = {
    "interface": "a call of transformers' attention interface",
    "sdpa": "a call of PyTorch's `scaled_dot_product_attention` off the interface",
    "multi-head": "a call of PyTorch's `multi_head_attention_forward`",
    "written out": "the operations that the model writes out, followed from query · keyᵀ to the "
    "product with the values",
    "followed maps": "the probabilities alone, taken where the model multiplies values by them",
    "reported maps": "the probabilities alone, as the model reports them in eager mode",
}


def page(findings: Sequence[Finding]) -> str:
    """The whole page."""
    rows = [_row(one) for one in sorted(findings, key=lambda one: one.model_type.lower())]
    first = ("model type", "reads", "captured by", "attention", "largest difference")
    columns = (*first, *COLUMNS)
    table = [_cells(*columns), _cells(*["---"] * len(columns)), *rows]
    parts = (_head(), _summary(findings), summary(findings), _legend(findings), table)
    return "\n".join([*chain(*parts), ""])


def _head() -> list[str]:
    return [
        "# Models",
        "",
        "How `capture` handles every model type in transformers' registry. A program writes this",
        "page; do not edit it:",
        "",
        "    python tools/survey.py",
        "",
        f"It was made with transformers {transformers.__version__} and torch "
        f"{torch.__version__.partition('+')[0]}, on the CPU, in float32. For each type",
        "`tools/survey.py` builds a tiny random model (seeded) and captures it as transformers",
        "loads it by default. It compares all probabilities with those that the same weights",
        'report with `attn_implementation="eager"` and `output_attentions=True`, and probabilities',
        "× values with the output of the model's attention.",
        "",
    ]


def _summary(findings: Sequence[Finding]) -> list[str]:
    run = [one for one in findings if not one.failure]
    lines = [
        f"- {len(findings)} model types, of which {len(run)} ran here; the table says why the "
        f"others did not.",
    ]
    for name, among in (
        ("types that read text", [one for one in run if one.reads == "text"]),
        ("all types", run),
    ):
        reporting = [one for one in among if one.reported]
        right = [one for one in reporting if one.right]
        lines.append(
            f"- Of {name}, {len(reporting)} report attention maps, and {len(right)} of them "
            f"({len(right) / max(1, len(reporting)):.1%}) are captured with a difference of at "
            f"most {TOLERANCE:.0e} in every map. Goal: 98 %."
        )
    silent = [one for one in run if one.right and not one.reported]
    lines += [
        f"- {len(silent)} more report no maps and are captured; probabilities × values give "
        f"their output.",
        f"- {sum(one.wrong for one in run)} are captured and wrong. Goal: none.",
        f"- {sum(bool(one.refusal) for one in run)} are refused, with the reason in the table, "
        f"among them all models without attention.",
        "",
    ]
    return lines


def _legend(findings: Sequence[Finding]) -> list[str]:
    counts = Counter(how for one in findings if one.right for how in one.how)
    lines = ["Captured by:", ""]
    lines += [f"- **{how}** ({counts[how]} types): {text}" for how, text in _HOW.items()]
    return [
        *lines,
        "",
        "The largest difference is that of any probability in the maps that the model reports. "
        "Where it reports none, it is that of probabilities × values, relative to the largest of "
        "them (in brackets). The last columns are of the language models of the type:",
        "",
        "- predictions, lens: how far the logits behind predictions, and behind the last layer of "
        "the logit lens, are from the model's own at any token, relative to the largest;",
        "- edits: how far a head that is off is from zeros in the output projection, and a blocked "
        "edge from a mask without it, relative to the largest number of the output, or to 1;",
        "- direct, q·k: how far the terms are from the logit, or the score, that they sum to, "
        "relative to the largest term, or to 1.",
        "",
        "Where a column says refused, the reason stands above.",
        "",
    ]


def _row(one: Finding) -> str:
    ends = [cell(one, name) for name in COLUMNS]
    if one.failure:
        return _cells(one.model_type, "", "", "", f"not examined: {_short(one.failure)}", *ends)
    if one.refusal:
        reason = f"refused: {_short(one.refusal)}"
        return _cells(one.model_type, one.reads, "", "", _noted(reason, one), *ends)
    kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(one.kinds.items()))
    number = one.difference if one.reported else one.product
    found = "" if number is None else f"{number:.0e}"
    found = found if one.reported else f"({found})"
    found = f"**WRONG** {found}" if one.wrong else found
    return _cells(one.model_type, one.reads, ", ".join(one.how), kinds, _noted(found, one), *ends)


def _noted(text: str, one: Finding) -> str:
    return "; ".join([text, *one.notes])


def _short(text: str, most: int = 240) -> str:
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
