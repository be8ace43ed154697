"""What is said of memory before, beside what is measured: captures, gradients, saved pages.

    python benchmarks/memory.py [--quick]

A capture, and a measure with a gradient, is preceded by an estimate of what it takes at its height,
beside the weights: the trace, and the pass itself. Measured is the peak of the resident set of a
fresh process each (Linux), over what it held before. ``widget.memory().page`` is an estimate of the
page that ``export_html`` writes; measured is the page. The shapes have random weights.

Goal: each estimate is within a factor of 1.6 of what is measured where that is more than 30 MB, and
that of a page within 1.5. The program fails where it is not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import capture as bench
from _common import table, text_of

from attention_widget import AttentionWidget, Experiment, capture
from attention_widget.tracing.memory import estimated_nbytes, gradient_nbytes, pass_nbytes

MB = 1e6
LEAST = 30 * MB
"""Below this the process itself makes as much difference."""

Case = tuple[str, str, str, int, str]
CASES: list[Case] = [
    (what, name, dtype, n, attention)
    for what, name, dtype, n, attention in (
        ("capture", "MiniLM", "float32", 512, "sdpa"),
        ("capture", "MiniLM", "float32", 512, "eager"),
        ("capture", "BERT-base shape", "float32", 512, "sdpa"),
        ("capture", "BERT-base shape", "float32", 512, "eager"),
        ("capture", "GPT-2 shape", "float32", 2048, "sdpa"),
        ("capture", "GPT-2 shape", "bfloat16", 1024, "sdpa"),
        ("capture", "GPT-2 shape", "float32", 1024, "eager"),
        ("capture", "LLaMA shape", "float32", 512, "sdpa"),
        ("capture", "SmolLM2 shape", "float32", 512, "sdpa"),
        ("capture", "SmolLM2 shape", "float32", 2048, "sdpa"),
        ("gradient", "SmolLM2 shape", "float32", 256, "sdpa"),
        ("gradient", "SmolLM2 shape", "float32", 512, "sdpa"),
        ("page", "MiniLM", "float32", 128, "sdpa"),
        ("page", "MiniLM", "float32", 400, "sdpa"),
        ("page", "SmolLM2 shape", "float32", 128, "sdpa"),
    )
]
FACTOR = {"capture": 1.6, "gradient": 1.6, "page": 1.5}


def of_capture(name: str, dtype: str, n_tokens: int, attention: str) -> tuple[int, int]:
    model, tokenizer = bench.load(name, dtype, attention)
    capture(model, bench.text_of(8), tokenizer=tokenizer)  # first call: imports and caches
    modules = dict(model.named_modules())
    said = estimated_nbytes(model, modules, n_tokens) + pass_nbytes(model, modules, n_tokens)
    before = bench._reset_peak()
    trace = capture(model, bench.text_of(n_tokens), tokenizer=tokenizer)
    assert len(trace.tokens) == n_tokens, len(trace.tokens)
    return said, bench._peak() - before


def of_gradient(name: str, dtype: str, n_tokens: int, attention: str) -> tuple[int, int]:
    model, tokenizer = bench.load(name, dtype, attention)
    small = Experiment(model, bench.text_of(8), tokenizer=tokenizer)
    small.measure("gradient_attention", layer=0)
    lab = Experiment(model, bench.text_of(n_tokens), tokenizer=tokenizer)
    assert len(lab.trace.tokens) == n_tokens
    said = gradient_nbytes(model, dict(model.named_modules()), n_tokens)
    before = bench._reset_peak()
    lab.measure("gradient_attention", layer=0)
    return said, bench._peak() - before


def of_page(name: str, dtype: str, n_tokens: int, attention: str) -> tuple[int, int]:
    model, tokenizer = bench.load(name, dtype, attention)
    text = text_of(tokenizer, n_tokens) if name == bench.MINILM else bench.text_of(n_tokens)
    widget = AttentionWidget(model, text, tokenizer=tokenizer, progress=False)
    return widget.memory().page, len(widget.to_html(progress=False).encode())


MEASURED: dict[str, Callable[[str, str, int, str], tuple[int, int]]] = {
    "capture": of_capture,
    "gradient": of_gradient,
    "page": of_page,
}


def in_child(case: Case) -> tuple[int, int]:
    """What was said and what was measured, in a fresh process."""
    # large blocks straight from and back to the system, so that the resident set tells
    env = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "32768", "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, __file__, "--child", json.dumps(case)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{case}: {done.stderr[-2000:]}")
    said, measured = json.loads(done.stdout.splitlines()[-1])
    return said, measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="no text of more than 512 tokens")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, *case = json.loads(options.child)
        print(json.dumps(MEASURED[what](*case)))
        return
    rows: list[list[Any]] = []
    wrong: list[str] = []
    for case in CASES:
        what, name, dtype, n_tokens, attention = case
        if options.quick and n_tokens > 512:
            continue
        said, measured = in_child(case)
        ratio = said / measured
        rows.append(
            [
                what,
                name if dtype == "float32" else f"{name}, {dtype}",
                attention,
                str(n_tokens),
                f"{said / MB:.1f} MB",
                f"{measured / MB:.1f} MB",
                f"{ratio:.2f}×",
            ]
        )
        print(*rows[-1], file=sys.stderr, flush=True)
        counts = what == "page" or max(said, measured) > LEAST
        if counts and not 1 / FACTOR[what] <= ratio <= FACTOR[what]:
            wrong.append(f"{what} {name} {n_tokens}: {ratio:.2f}×")
    table(
        "Estimates, and what is measured",
        ["what", "model", "attention", "tokens", "said before", "measured", "ratio"],
        rows,
    )
    if wrong:
        sys.exit(f"memory: beyond the factor: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
