"""What each measure costs, in passes of the model.

    python benchmarks/measures.py [--quick] [--only NAME ...]

*A pass* is the model on the text, as it is called by anybody. A measure is asked of an experiment
whose trace is there, as it is in the widget, and whose passes are checked: *all layers* is the time
until a measure of all layers is known (of the tokens of the text, where it is one of those), and
*one more* the time of another layer then. Times are CPU times in one thread, medians, taken in
turns in one process.

Goal: every measure of all layers in at most 3 passes, but for integrated gradients and removal,
which take a pass for each step or token; these are timed once, and at 128 tokens only, unless
--only names them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from _common import PARAGRAPH, median, table
from transformers import AutoModel, AutoTokenizer

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.experiments import MEASURES
from attention_widget.experiments.measuring.asking import HOW

_LONG = ("integrated_gradients", "removal")
_GOAL = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Costs of the measures, in passes.")
    parser.add_argument("--quick", action="store_true", help="128 tokens, once")
    parser.add_argument("--only", nargs="*", choices=sorted(HOW), metavar="NAME")
    given = parser.parse_args()
    torch.set_num_threads(1)
    asked = given.only or [name for name in MEASURES if name in HOW]
    rows = []
    for title, load in (("MiniLM", _sentence_model), ("SmolLM2", demo_language_model)):
        model, tokenizer = load()
        for n_tokens in (128,) if given.quick else (128, 512):
            ids = tokenizer(PARAGRAPH * 20, add_special_tokens=False)["input_ids"]
            special = len(tokenizer("")["input_ids"])
            text = str(tokenizer.decode(ids[: n_tokens - special]))
            rounds = 1 if given.quick else 3 if n_tokens > 128 else 5
            names = [name for name in asked if given.only or n_tokens == 128 or name not in _LONG]
            rows += [
                (f"{title}, {n_tokens}", *row)
                for row in _rows(model, tokenizer, text, names, rounds)
            ]
    table(
        "Every measure, in CPU time and in passes",
        ("model, tokens", "a pass", "measure", "all layers", "passes", "one more"),
        rows,
    )


def _sentence_model() -> tuple[Any, Any]:
    folder = demo_model()
    return AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)


def _rows(
    model: Any, tokenizer: Any, text: str, names: Sequence[str], rounds: int
) -> list[tuple[str, ...]]:
    lab = Experiment(model, text, tokenizer=tokenizer, progress=False)
    inputs, last = lab.inputs(), lab.trace.n_layers - 1
    lab.heads_output(0)  # what passes are checked against
    passes: list[float] = []
    whole: dict[str, list[float]] = {name: [] for name in names}
    more: dict[str, list[float]] = {name: [] for name in names}
    refused: dict[str, str] = {}
    for turn in range(rounds):
        with torch.no_grad():
            passes.append(_timed(lambda: model(**inputs)))
        for name in names:
            if turn and name in _LONG:
                continue
            lab._kept_measures.of.clear()
            lab._kept_measures.nbytes = 0
            layers = [None] if MEASURES[name].per == "token" else range(last, -1, -1)
            try:
                spent = [
                    _timed(lambda layer=at, name=name: lab.measure(name, layer)) for at in layers
                ]
            except UnsupportedModelError as error:
                refused[name] = str(error)
                continue
            whole[name].append(sum(spent))
            more[name].append(median(spent[1:] or [0.0]))
    one = median(passes)
    return [
        (f"{one:.3f} s", name, "refused", refused[name].partition(",")[0].partition(") ")[2], "")
        if name in refused
        else (
            f"{one:.3f} s",
            name,
            f"{median(whole[name]):.3f} s",
            f"{median(whole[name]) / one:.2f}",
            f"{median(more[name]) * 1000:.1f} ms",
        )
        for name in names
    ]


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
