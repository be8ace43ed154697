"""A scan that is killed goes on, and parts of a scan make the whole, bit for bit."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from support.atlases import saved, tiny_llama
from support.models import TEXT, tokenizer

from attention_widget import HeadAtlas, scan

WORDS = TEXT.split()


def texts(count: int) -> list[str]:
    chooses = random.Random(7)
    return [" ".join(chooses.choices(WORDS, k=chooses.randint(2, 40))) for _ in range(count)]


def test_shards_in_any_order_make_the_whole(tmp_path: Path) -> None:
    read, corpus = tiny_llama(), texts(300)
    whole = scan(read, corpus, tokenizer(), progress=False)
    parts = [
        scan(read, corpus, tokenizer(), shard=(index, 3), progress=False) for index in range(3)
    ]
    merged = HeadAtlas.merge(parts[2], parts[0], parts[1])
    assert saved(merged, tmp_path / "merged") == saved(whole, tmp_path / "whole")


def test_an_interrupted_scan_goes_on(tmp_path: Path) -> None:
    read, corpus = tiny_llama(), texts(200)
    path = tmp_path / "scan.atlas"

    def interrupted() -> Any:
        for number, text in enumerate(corpus):
            if number == 150:
                raise KeyboardInterrupt
            yield text

    with pytest.raises(KeyboardInterrupt):
        scan(read, interrupted(), tokenizer(), path=path, progress=False)
    assert HeadAtlas.load(path).n_texts == 128  # two blocks
    atlas = scan(read, corpus, tokenizer(), path=path, progress=False)
    whole = scan(read, corpus, tokenizer(), progress=False)
    assert saved(atlas, tmp_path / "resumed") == saved(whole, tmp_path / "whole")


def _scanned(path: str, count: int) -> None:
    torch.set_num_threads(1)
    scan(tiny_llama(), texts(count), tokenizer(), path=path, progress=False)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """SIGKILL at ten random points: the file that is left goes on to what no kill gives."""
    forks = multiprocessing.get_context("fork")
    path, count = tmp_path / "killed.atlas", 1_000
    began = time.monotonic()
    _scanned(str(tmp_path / "whole.atlas"), count)
    taken = time.monotonic() - began
    chooses = random.Random(11)
    held: list[int] = []
    kills = 0
    while kills < 10 or not held[-1]:
        process = forks.Process(target=_scanned, args=(str(path), count))
        process.start()
        process.join(chooses.uniform(0.05, 0.3) * taken)
        if process.exitcode is None:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        kills += 1
        held.append(HeadAtlas.load(path).n_texts if path.exists() else 0)
        if not held[-1]:
            taken *= 1.5  # the machine has more to do now than when it was timed
    assert held == sorted(held)
    _scanned(str(path), count)
    resumed, whole = HeadAtlas.load(path), HeadAtlas.load(tmp_path / "whole.atlas")
    assert resumed.n_texts == count
    assert saved(resumed, tmp_path / "resumed") == saved(whole, tmp_path / "again")
