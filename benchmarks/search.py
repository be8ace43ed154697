"""What an index of a corpus costs, and how long a search takes.

    python benchmarks/search.py [--quick]

The corpus is the prose of Python's own documentation, which ships with Python (``pydoc_data``), cut
into texts of about 128 tokens. *Scan with it* is the time of a scan with the index over that of the
same scan without it, in turns in one process and one thread; *added* is ``Index.add`` over the bare
forward passes of the same texts, one at a time. Bytes a token count all files of the index, over
all tokens that were read. A query is the median of 20, the files in the page cache. Peak memory
is that of a fresh process that opens the index and searches it once, over what it held after its
imports (resident set, Linux). exBERT asks for 9 GB for a corpus of 207 kB, the hidden states of all
layers and the attention of all heads (server/data_processing/README.md of
https://github.com/bhoov/exbert); an index here holds one state, or the edges of one head.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from _common import median, table

SIZES = (10_000, 100_000)
LENGTH = 120  # tokens of a text, and the special ones
EXBERT = 9e9 / 207e3  # bytes a byte of text


def corpus(tokenizer: Any, n_tokens: int) -> Iterator[str]:
    from pydoc_data.topics import topics

    text = " ".join(" ".join(topics[name].split()) for name in sorted(topics))
    ends = [
        end
        for _, end in tokenizer(
            text, return_offsets_mapping=True, add_special_tokens=False, verbose=False
        )["offset_mapping"]
    ]
    for first in range(0, min(n_tokens, len(ends)) - 1, LENGTH):
        last = min(first + LENGTH, len(ends)) - 1
        yield text[(ends[first - 1] if first else 0) : ends[last]].strip()


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def building(model: Any, tokenizer: Any, folder: Path, n_tokens: int) -> list[list[str]]:
    import torch

    from attention_widget.corpus import Index
    from attention_widget.corpus.scanning import scan

    texts = list(corpus(tokenizer, n_tokens))
    layer, head = model.config.num_hidden_layers - 1, 3
    rows = []

    def bare() -> None:
        with torch.no_grad():
            for text in texts:
                model(**tokenizer(text, return_tensors="pt"), use_cache=False)

    bare()
    for number, (of, precision) in enumerate(
        (
            (("hidden", layer), "float16"),
            (("hidden", layer), "8bit"),
            (("edges", layer, head), "float16"),
        )
    ):
        ratios, added = [], []
        for again in range(3):
            index = Index(folder / f"i{n_tokens}-{number}-{again}", of=of, precision=precision)
            without = seconds(lambda: scan(model, texts, tokenizer, progress=False))
            with_it = seconds(
                lambda index=index: scan(model, texts, tokenizer, index=index, progress=False)
            )
            ratios.append(with_it / without)
            plain = seconds(bare)
            other = Index(folder / f"a{n_tokens}-{number}-{again}", of=of, precision=precision)
            added.append(seconds(lambda other=other: other.add(model, texts, tokenizer)) / plain)
        text_bytes = sum(len(text.encode()) for text in texts)
        rows.append(
            [
                f"{index.of}, {precision}",
                f"{index.n_tokens:,}",
                f"{median(ratios):.2f}",
                f"{median(added):.2f}",
                f"{index.bytes_a_token:,.0f}",
                f"{index.nbytes / text_bytes:,.0f}",
                f"{index.error:.1g}",
            ]
        )
    return rows


QUERY = """
import json, sys, time
import numpy as np, torch
from attention_widget.corpus import Index
import attention_widget.corpus.approximate
engine, path, approximately = sys.argv[1], sys.argv[2], sys.argv[3] == "True"
if engine == "faiss":
    import faiss
    faiss.omp_set_num_threads(1)

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))

with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak starts anew
before = memory("VmRSS")
index = Index(path, engine=engine)
held = index._read()
rng = np.random.default_rng(0)
rows = rng.choice(len(held.vectors), 20, replace=False)
vectors = held.content.coding.decoded(held.vectors[np.sort(rows)])
index.nearest(vectors[0], approximately=approximately)
peak = memory("VmHWM") - before
times = []
for vector in vectors:
    began = time.perf_counter()
    index.nearest(vector, approximately=approximately)
    times.append(time.perf_counter() - began)
print(json.dumps([sorted(times)[10], peak]))
"""


def queries(model: Any, tokenizer: Any, folder: Path, sizes: tuple[int, ...]) -> list[list[str]]:
    from attention_widget.corpus import Index

    rows = []
    layer = model.config.num_hidden_layers - 1
    for size in sizes:
        texts = list(corpus(tokenizer, size))
        for precision in ("float16", "8bit"):
            path = folder / f"q{size}-{precision}"
            index = Index(path, of=("hidden", layer), precision=precision).add(
                model, texts, tokenizer
            )
            recall = index.speed_up()
            for engine, approximately in (("numpy", False), ("faiss", False), ("faiss", True)):
                command = [sys.executable, "-c", QUERY, engine, str(path), str(approximately)]
                found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                took, peak = json.loads(found)
                rows.append(
                    [
                        f"{engine}, recall {recall:.0%}" if approximately else f"{engine}, exact",
                        precision,
                        f"{index.n_vectors:,}",
                        f"{1000 * took:,.1f}",
                        f"{peak / 1024:,.0f}",
                        f"{index.nbytes / 1e6:,.1f}",
                    ]
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer texts")
    quick = parser.parse_args().quick
    import torch
    from transformers import AutoModel, AutoTokenizer

    from attention_widget.demo import demo_language_model, demo_model

    torch.set_num_threads(1)
    minilm = AutoModel.from_pretrained(demo_model()).eval()
    own = AutoTokenizer.from_pretrained(demo_model())
    smollm, other = demo_language_model()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, model, tokenizer in (("MiniLM", minilm, own), ("SmolLM2", smollm, other)):
            place = folder / name
            place.mkdir()
            count = 1_500 if quick or name == "SmolLM2" else 5_000
            table(
                f"{name}: building an index",
                (
                    "index",
                    "tokens",
                    "scan with it",
                    "added",
                    "bytes a token",
                    "a byte of text",
                    "±",
                ),
                building(model, tokenizer, place, count),
            )
        print(f"\nexBERT: {EXBERT:,.0f} bytes a byte of text.")
        table(
            "MiniLM: the nearest 10 of a vector",
            ("engine", "kept as", "vectors", "ms", "peak memory, MB", "on disk, MB"),
            queries(minilm, own, folder, SIZES[:1] if quick else SIZES),
        )


if __name__ == "__main__":
    main()
