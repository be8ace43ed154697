"""What a click on "without this head" costs in the widget, from the question to its answer.

    python benchmarks/without_head.py [--quick]

The model is the trained one of ``demo_language_model()`` (135M: 30 layers of 9 heads), in one
thread. *A pass* is the bare model on the text with all its logits. *First click* is the first of a
widget: it records the text, checks that the model can be edited, and answers. *A click* is one for
a layer that was clicked before: the question whether the edit can be made, and the effect at the
last token; *everywhere* is the effect at every other position, which follows. *Trace* is the pass
that views ask for afterwards. Times are CPU times, medians of several heads.

Goal: a click in the last third of the layers in at most 120 ms at 128 tokens.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from _common import PARAGRAPH, median, table

from attention_widget import AttentionWidget
from attention_widget.demo import demo_language_model

_LAYERS = (0, 10, *range(20, 30))


def main() -> None:
    parser = argparse.ArgumentParser(description="Costs of a click that leaves a head out.")
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    model, tokenizer = demo_language_model()
    for n_tokens in (32,) if quick else (32, 128):
        ids = tokenizer(PARAGRAPH * 20)["input_ids"][:n_tokens]
        _measured(model, tokenizer, str(tokenizer.decode(ids)), 2 if quick else 5)


def _measured(model: Any, tokenizer: Any, text: str, rounds: int) -> None:
    widget = AttentionWidget(model, text, tokenizer=tokenizer, progress=False)
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        whole = median([_timed(partial(model, **inputs)) for _ in range(rounds)])
    first = _timed(lambda: _click(widget, 25, 0))
    rows = []
    for layer in _LAYERS:
        _click(widget, layer, 0)
        clicks = [_timed(partial(_click, widget, layer, 1 + turn)) for turn in range(rounds)]
        edits = _off(layer, rounds)
        every = _timed(partial(_ask, widget, "compared", edits, top_k=10))
        made = widget._session.lab.edited(edits)
        traced = _timed(partial(getattr, made, "trace"))
        rows.append((str(layer), *(f"{1000 * t:.0f} ms" for t in (median(clicks), every, traced))))
    n_tokens = len(widget.trace.tokens)
    table(
        f"A click at {n_tokens} tokens: a pass {1000 * whole:.0f} ms, the first click "
        f"{1000 * first:.0f} ms",
        ("layer", "a click", "everywhere", "trace"),
        rows,
    )
    widget.close()


def _off(layer: int, head: int) -> list[dict[str, Any]]:
    return [{"edit": "head_off", "layer": layer, "heads": [head]}]


def _click(widget: AttentionWidget, layer: int, head: int) -> None:
    _ask(widget, "edited", _off(layer, head))
    _ask(widget, "compared", _off(layer, head), top_k=10, positions=[-1])


def _ask(widget: AttentionWidget, name: str, edits: Any, **fields: Any) -> None:
    for _ in widget._session.steps(1, {"name": name, "edits": edits, **fields}):
        pass


def _timed(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
