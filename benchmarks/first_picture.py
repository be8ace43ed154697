"""What the choice of the first picture costs, beside the bare forward pass of the same text.

    python benchmarks/first_picture.py [--quick]

*Choice* is ``measures.suggest_heads`` of a trace that is there. All times are CPU times in one
thread, medians of at least three runs; the shapes (random weights) are those of
``benchmarks/capture.py``. Goals: 10 ms at 10 tokens of MiniLM, 0.3 s at 4,000 tokens of 30 layers
with 9 heads, and a quarter of the bare pass anywhere.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import torch
from _common import table
from capture import HEADED, MINILM, bare, load
from tokenizers import models

from attention_widget import capture, measures

TEXT = (
    "purple novel letter engineer bridge river winter mountain people morning number market "
    "garden window summer picture language history"
)
CASES = [(MINILM, n) for n in (10, 16, 128, 512)]
CASES += [("LLaMA shape", n) for n in (16, 128, 512, 2048)]
CASES += [(HEADED, n) for n in (128, 512, 4000)]


def _times(name: str, n_tokens: int, seconds: float) -> tuple[float, float]:
    """CPU seconds of the bare pass and of the choice."""
    model, tokenizer = load(name, "float32", "sdpa")
    if name != MINILM:
        names = ("[UNK]", "[CLS]", "[SEP]", *TEXT.split())
        vocabulary = {word: index for index, word in enumerate(names)}
        tokenizer.backend_tokenizer.model = models.WordLevel(vocabulary, "[UNK]")
    text = " ".join(islice(cycle(TEXT.split()), n_tokens - 2))  # and [CLS], [SEP]
    trace = capture(model, text, tokenizer=tokenizer)
    assert len(trace.tokens) == n_tokens
    return (
        _median(lambda: bare(model, tokenizer, text), seconds),
        _median(lambda: measures.suggest_heads(trace), seconds),
    )


def _median(run: Callable[[], Any], seconds: float) -> float:
    run()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < 3:
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and sizes")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    rows = []
    for name, n_tokens in CASES:
        if quick and n_tokens > 512:
            continue
        passed, chosen = _times(name, n_tokens, 0.5 if quick else 3.0)
        row = [f"{name}, {n_tokens:,}", f"{passed * 1e3:.1f} ms", f"{chosen * 1e3:.1f} ms"]
        rows.append([*row, f"{chosen / passed:.2f}×"])
    columns = ["model, tokens", "bare", "choice", "of the bare pass"]
    table("The choice of the first picture, CPU time in one thread", columns, rows)


if __name__ == "__main__":
    main()
