"""What it costs to switch off each head of a language model by itself.

    python benchmarks/head_effects.py [--quick]

The model is the trained one of ``demo_language_model()`` (135M: 30 layers of 9 heads, a vocabulary
of 49,152), in one thread. *A pass* is the model on the text, as it is called by anybody, and the
usual way to the effects of all heads is a pass for each of them: 270. *All heads* is
``rank_heads()`` on a new experiment: its trace, all its checks, the order and 270 exact effects.
*Order* is the backward pass alone. *Top five known* is the time until the five heads with the
largest effects are among those that are done, from the same start. *A late head* is
``without(HeadOff(...))`` for a head of the last third of the layers, on an experiment that has run
one before. Times are CPU times; those of single passes are medians, taken in turns in one process.

Goals: all heads in at most 0.5 of 270 passes at 32 tokens and 0.6 at 128; the top five within a
quarter of that; the order in at most 2.5 passes; a late head in at most 120 ms at 128 tokens.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch
from _common import PARAGRAPH, median, table

from attention_widget import Experiment
from attention_widget.demo import demo_language_model
from attention_widget.experiments import HeadOff, Logit

_LATE = 25  # a layer of the last third


def main() -> None:
    parser = argparse.ArgumentParser(description="Costs of the effects of all heads.")
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    model, tokenizer = demo_language_model()
    texts: list[str] = ["The capital of France is"]
    for n_tokens in (32,) if quick else (32, 128):
        ids = tokenizer(PARAGRAPH * 20)["input_ids"][:n_tokens]
        texts.append(str(tokenizer.decode(ids)))
    rows = [_row(model, tokenizer, text, 3 if quick else 5) for text in texts]
    table(
        "The effects of all 270 heads, in CPU time and in passes",
        (
            *("tokens", "a pass", "all heads", "passes", "of 270"),
            *("top five known", "passes", "of all heads", "heads done then"),
            *("order, passes", "a late head"),
        ),
        rows,
    )


def _row(model: Any, tokenizer: Any, text: str, rounds: int) -> tuple[str, ...]:
    lab = Experiment(model, text, tokenizer=tokenizer, progress=False)
    inputs = lab.inputs()
    passes: list[float] = []
    with torch.no_grad():
        for _ in range(rounds):
            passes.append(_timed(lambda: model(**inputs)))
    began = time.process_time()
    found = []
    for partial in lab.ranking(Logit()):
        found.append((time.process_time() - began, partial))
    with torch.no_grad():
        for _ in range(rounds):
            passes.append(_timed(lambda: model(**inputs)))
    whole = median(passes)
    everything, last = found[-1]
    best = [(row["layer"], row["head"]) for row in last.table()[:5]]
    known, then = next(
        (spent, one.n_done)
        for spent, one in found
        if not any(np.isnan(one.effects[head]) for head in best)
    )
    order = median([_timed(lambda: lab.rank_heads(Logit(), first=0)) for _ in range(rounds)])
    lab.without(HeadOff(_LATE, 0), positions=-1)
    late = [
        _timed(lambda head=head: lab.without(HeadOff(_LATE, head), positions=-1))
        for head in range(1, 1 + rounds)
    ]
    return (
        str(len(lab.encoded.tokens)),
        f"{whole:.3f} s",
        f"{everything:.1f} s",
        f"{everything / whole:.0f}",
        f"{everything / whole / 270:.2f}",
        f"{known:.1f} s",
        f"{known / whole:.0f}",
        f"{known / everything:.2f}",
        str(then),
        f"{order / whole:.1f}",
        f"{median(late) * 1000:.0f} ms",
    )


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
