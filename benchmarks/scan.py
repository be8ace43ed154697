"""What a scan of a corpus costs over the bare forward passes, and how much memory it takes.

    python benchmarks/scan.py [--quick] [--no-memory] [--only-indexes]

*Bare* is what it takes to have the model read the corpus: tokenize the texts, and one forward pass
over each of the same batches (sdpa, evaluation mode, no gradients, no cache of keys and values).
The texts are stretches of this repository's documentation, of 128 and of 512 tokens. Times are of
one thread, in CPU time, of bare and scan in turns in one process: medians, and the median of the
ratios of neighbours. The ratio is tokens a second of the scan over those of the bare passes.
*Start* is what a scan takes besides, once, in seconds: finding the heads and trying a batch; it is
left out of the ratios, as a corpus has more texts than these.
SmolLM2's output head reads one token of each text in a scan, and all of them in a bare pass, as
its ``forward`` does; the second ratio is over bare passes in which it reads one, too.

Peak memory is that of a fresh process each (resident set, Linux), of MiniLM on 100, 1,000 and
10,000 texts of about 20 tokens, from a generator, over what the process held before the scan.

Indexes are built by a scan of 8 texts of 128 tokens: their bytes, all files counted, over all
tokens and over the bytes of the texts, beside what exBERT asks for (9 GB for 207 kB of text, all
layers and heads: server/data_processing/README.md of https://github.com/bhoov/exbert).

Goals: at least 0.85 of the tokens a second, for all heads; peak memory flat.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import psutil
import torch

from attention_widget import scan
from attention_widget.corpus import Index
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.tracing.model.find import find_model, find_tokenizer

DOCS = Path(__file__).resolve().parents[1] / "docs"
BATCH_TOKENS = 4_096
COUNTS = (100, 1_000, 10_000)


def corpus(tokenizer: Any, n_tokens: int, count: int) -> list[str]:
    """So many texts of so many tokens, special ones among them."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(DOCS.glob("*.md")))
    offsets = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False, verbose=False)[
        "offset_mapping"
    ]
    n_own = n_tokens - len(tokenizer("")["input_ids"])
    made: list[str] = []
    for start in range(0, len(offsets) - n_own, n_own):
        piece = text[offsets[start][0] : offsets[start + n_own - 1][1]]
        if len(tokenizer(piece)["input_ids"]) == n_tokens:
            made.append(piece)
        if len(made) == count:
            return made
    raise SystemExit(f"the documentation has {len(made)} texts of {n_tokens} tokens, not {count}")


def bare(model: Any, tokenizer: Any, texts: list[str], n_tokens: int, **options: Any) -> None:
    """The forward passes alone, over the batches of a scan."""
    at_once = max(1, BATCH_TOKENS // n_tokens)
    with torch.no_grad():
        for start in range(0, len(texts), at_once):
            batch = tokenizer(texts[start : start + at_once], return_tensors="pt")
            model(**batch, **options)


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def times(name: str, model: Any, tokenizer: Any, n_tokens: int, count: int, turns: int) -> None:
    texts = corpus(tokenizer, n_tokens, count)
    headed = model.get_output_embeddings() is not None
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(model, tokenizer, texts, n_tokens, **_uncached(headed)),
        "scan": lambda: scan(model, texts, tokenizer, batch_tokens=BATCH_TOKENS, progress=False),
    }
    ways["start"] = lambda: scan(model, texts[:1], tokenizer, progress=False)
    if headed:
        ways["one"] = lambda: bare(
            model, tokenizer, texts, n_tokens, logits_to_keep=1, **_uncached(headed)
        )
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(turns + 1):
        for way, work in ways.items():
            spent = seconds(work)
            if turn:  # the first one warms up
                taken[way].append(spent)
    # the text that a start reads is one of those that follow
    start = [max(0.0, s - b / count) for s, b in zip(taken["start"], taken["bare"], strict=True)]
    own = [whole - once for whole, once in zip(taken["scan"], start, strict=True)]
    total = count * n_tokens
    speed = {
        "bare": total / statistics.median(taken["bare"]),
        "scan": total / statistics.median(own),
    }
    ratios = [
        statistics.median(a / b for a, b in zip(taken[way], own, strict=True))
        for way in ways
        if way in ("bare", "one")
    ]
    shown = "  ".join(f"{ratio:5.2f}" for ratio in ratios)
    print(
        f"{name:8} {n_tokens:6} {count:6}  {speed['bare']:9,.0f}  {speed['scan']:9,.0f}  "
        f"{statistics.median(start):5.2f}  {shown}",
        flush=True,
    )


def _uncached(headed: bool) -> dict[str, Any]:
    return {"use_cache": False} if headed else {}


def short_texts(count: int) -> Iterator[str]:
    """So many short texts, made one after another; all of them differ."""
    words = re.findall(r"[a-z]{3,}", (DOCS / "use.md").read_text("utf-8"))
    for number in range(count):
        yield " ".join([str(number), *(words[(number * 7 + at) % len(words)] for at in range(14))])


def peak(count: int) -> None:
    """Print the peak memory of a scan of so many texts, over what was held before, in MB."""
    model, _ = find_model(demo_model())  # loaded: a folder would be loaded by each scan
    tokenizer = find_tokenizer(model)
    scan(model, list(short_texts(64)), tokenizer, progress=False)
    process = psutil.Process()
    before = process.memory_info().rss
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak so far
    scan(model, short_texts(count), tokenizer, progress=False)
    status = Path("/proc/self/status").read_text("utf-8")
    [highest] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    print((int(highest) * 1024 - before) / 1e6)


def memory(counts: tuple[int, ...]) -> None:
    print("\nPeak memory over what was held before, MiniLM\n texts      MB")
    for count in counts:
        done = subprocess.run(
            [sys.executable, __file__, "--peak", str(count)],
            capture_output=True,
            text=True,
            check=True,
        )
        print(f"{count:6,}  {float(done.stdout.split()[-1]):6.0f}", flush=True)


def indexes(name: str, model: Any, tokenizer: Any) -> None:
    """Print what indexes of some texts take."""
    texts = corpus(tokenizer, 128, 8)
    layer = model.config.num_hidden_layers - 1
    kinds: tuple[tuple[Any, Any], ...] = (
        (("hidden", layer), "float16"),
        (("hidden", layer), "8bit"),
        (("edges", layer, 0), "float16"),
    )
    for of, precision in kinds:
        with tempfile.TemporaryDirectory() as folder:
            index = Index(Path(folder) / "index", of=of, precision=precision)
            scan(model, texts, tokenizer, index=index, progress=False)
            size = index.nbytes / sum(len(text.encode()) for text in texts)
            what = f"{' '.join(map(str, of))}, {precision}"
            print(f"{name:8} {what:24} {index.bytes_a_token:8,.0f} {size:15,.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer texts and turns")
    parser.add_argument("--no-memory", action="store_true", help="times and indexes alone")
    parser.add_argument("--only-indexes", action="store_true", help="no times, no memory")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.peak:
        peak(asked.peak)
        return
    sentences, _ = find_model(demo_model())
    language, tokenizer = demo_language_model()
    if not asked.only_indexes:
        turns = 2 if asked.quick else 5
        print(
            "model    tokens  texts    bare t/s   scan t/s  start  ratio  output head on one token"
        )
        for n_tokens, count in ((128, 64), (512, 32)):
            times("MiniLM", sentences, find_tokenizer(sentences), n_tokens, count, turns)
        for n_tokens, count in ((128, 16), (512, 8)):
            times("SmolLM2", language, tokenizer, n_tokens, count, turns)
        if not asked.no_memory:
            memory(COUNTS[:2] if asked.quick else COUNTS)
    print("\nIndexes                           a token  a byte of text")
    indexes("MiniLM", sentences, find_tokenizer(sentences))
    indexes("SmolLM2", language, tokenizer)
    print(f"exBERT   all layers and heads                {9e9 / 207e3:15,.0f}")


if __name__ == "__main__":
    main()
