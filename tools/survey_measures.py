"""Ask for every measure of a tiny random model of every type, and hold its sums against the model.

    python tools/survey_measures.py [TYPE ...] [--jobs N] [--seconds N] [--keep FILE]

Without types it examines all of them and writes docs/model_measures.md; with types it prints what
it finds. The options are those of tools/survey.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from survey import ROOT, all_types, call, reason, survey, work

PAGE = ROOT / "docs" / "model_measures.md"
_SHORT = 110


def main() -> None:
    parser = argparse.ArgumentParser(description="Survey of the measures of every type.")
    parser.add_argument("types", nargs="*", metavar="TYPE")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=90, help="for one type")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="goes on with what it has")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(_examined)
        return
    from examine_measures import MeasureFinding

    from attention_widget._util.files import write_texts

    types = given.types or all_types()
    found = survey(types, given.jobs, given.seconds, given.keep, Path(__file__))
    if given.types:
        print(json.dumps(found, indent=2))
    else:
        write_texts({PAGE: page([MeasureFinding(**each) for each in found])})
        print(f"wrote {PAGE.relative_to(ROOT)}")


def _examined(model_type: str) -> dict[str, Any]:
    import torch
    import transformers
    from examine_measures import MeasureFinding, as_dict, examine_measures

    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    try:
        return as_dict(examine_measures(model_type))
    except Exception as error:
        return as_dict(MeasureFinding(model_type, failure=reason(error)))


def page(findings: Sequence[Any]) -> str:
    """The whole page."""
    from examine_measures import MEASURES

    asked = [one for one in findings if not one.failure and one.reads == "text"]
    lines = [*_head(), *_summary(findings, asked)]
    lines += [_row("model type", "attention", *MEASURES), _row(*["---"] * (2 + len(MEASURES)))]
    for one in sorted(asked, key=lambda each: each.model_type.lower()):
        cells = [_cell(one, name) for name in MEASURES]
        lines.append(_row(one.model_type, ", ".join(one.kinds), *cells))
    lines += ["", "Why measures are refused:", ""]
    reasons: dict[str, list[str]] = {}
    for one in asked:
        refused = dict(one.refused)
        if len(refused) == len(MEASURES) and len(set(refused.values())) == 1:
            refused = {"all": refused[MEASURES[0]]}  # by capture itself
        for name, why in refused.items():
            reasons.setdefault(f"{name}: {_general(why)}", []).append(one.model_type)
    for why, types in sorted(reasons.items(), key=lambda each: -len(each[1])):
        lines.append(f"- {why}… ({len(types)}: {', '.join(types)})")
    failed = [one for one in findings if one.failure]
    lines += ["", f"Not examined ({len(failed)}):", ""]
    lines += [f"- {one.model_type}: {_general(one.failure)}" for one in failed]
    return "\n".join([*lines, ""])


def _head() -> list[str]:
    import torch
    import transformers

    return [
        "# Measures by model type",
        "",
        "What the measures of `Experiment.measure` make of every model type in transformers'",
        "registry that reads text. A program writes this page; do not edit it:",
        "",
        "    python tools/survey_measures.py",
        "",
        f"It was made with transformers {transformers.__version__} and torch "
        f"{torch.__version__.partition('+')[0]}, on the CPU, in float32, of tiny random models",
        "(seeded), in all their layers. A number says how far a sum is off, relative to the",
        "largest number that it gives, or to 1:",
        "",
        "- norm: Σ α f(x) + bias, over heads and keys, from what the model's own output projection",
        "  gives out;",
        "- norm_residual: what the query takes from all keys, and the bias, from the output of",
        "  the attention block with its residual connection and its norm, if one follows the sum;",
        "- rollout, alti: each row from 1.",
        "",
        "Cross-attention is left out where a measure follows one stack; *refused* says that a",
        "layer is, with the reason below.",
        "",
    ]


def _summary(findings: Sequence[Any], asked: Sequence[Any]) -> list[str]:
    from examine_measures import MEASURES, TOLERANCE

    lines = [f"- {len(findings)} model types, of which {len(asked)} read text and ran here."]
    for name in MEASURES:
        right = [one for one in asked if name in one.off and name not in one.refused]
        some = [one for one in asked if name in one.off and name in one.refused]
        lines.append(
            f"- {name}: {len(right)} have it in all layers, {len(some)} in some, "
            f"{len(asked) - len(right) - len(some)} are refused."
        )
    wrong = [f"{one.model_type} ({', '.join(one.wrong)})" for one in asked if one.wrong]
    lines.append(
        f"- {len(wrong)} are off by more than {TOLERANCE:.0e}"
        f"{': ' + ', '.join(wrong) if wrong else ''}. Goal: none."
    )
    return [*lines, ""]


def _cell(one: Any, name: str) -> str:
    parts = []
    if name in one.off:
        off = one.off[name]
        number = "yes" if name == "value_weighted" else f"{off:.0e}"
        parts.append(f"**WRONG** {number}" if name in one.wrong else number)
    if name in one.refused:
        parts.append("refused")
    return ", some ".join(parts)


def _general(why: str) -> str:
    """The reason without the number of its layer."""
    words = " ".join(why.split())
    short = words if len(words) <= _SHORT else words[:_SHORT].rsplit(" ", 1)[0]
    return "".join("N" if each.isdigit() else each for each in short).replace("|", "\\|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    call(main)
