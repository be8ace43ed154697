"""What it costs to ask a language model what it predicts, beside what anybody would do.

    python benchmarks/interventions.py [--quick]

The model is the trained one of ``demo_language_model()`` (135M: 30 layers of 9 heads, a vocabulary
of 49,152), in one thread. *A pass* is the bare model on the text with all its logits. *Its numbers*
are what ``predictions()`` gives (softmax, top 10, log-probability and rank of the next token,
entropy), computed by PyTorch on all those logits at once. The other columns are of an experiment
whose pass has run: *top 10 everywhere* is ``predictions()``, beside a pass and its numbers, and
beside the head and the numbers alone; *lens* is ``lens(-1)``, all layers at one position, and
*head, 31 rows* what the output head alone takes for that. Times are medians of CPU time, taken in
turns in one process; ratios are medians of those of each turn. The plane, ``lens_plane()``, is all
layers at all positions, beside the bare head on the states of all layers, with top 1 and a rank.

Goals: lens of one position at most 0.25 passes; top 10 everywhere at most 0.35 of what all logits
cost; the model's file converted within 5 s and loaded within 1 s. What all logits cost is read as a
pass with all logits and its numbers, which is what anybody would run for them. Of the head and the
numbers alone it cannot be 0.35, since the head by itself takes a third of both.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from _common import PARAGRAPH, median, table

from attention_widget import Experiment
from attention_widget.demo import demo_language_model

_LOADING = """
import resource, time
import torch, transformers
from transformers import AutoModelForCausalLM, LlamaForCausalLM
from attention_widget.demo import demo_language_model
began, worked = time.perf_counter(), time.process_time()
demo_language_model()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.perf_counter() - began, time.process_time() - worked, peak * 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Costs of predictions and lens.")
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    demo(1 if quick else 3)
    predictions([32, 128] if quick else [32, 128, 512], 3 if quick else 7)
    plane([8, 32] if quick else [8, 32, 64, 128], 1 if quick else 3)


def demo(rounds: int) -> None:
    """Conversion and loading of the demo language model, in processes of their own."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for what in ("converted and loaded", *["loaded again"] * rounds):
            clock, work, peak = map(float, _process(folder).split())
            rows.append((what, f"{clock:.2f} s", f"{work:.2f} s", f"{peak / 1e9:.2f} GB"))
    table(
        "The demo language model: from a file of 98 MB, in a process that has imported torch and "
        "transformers",
        ("", "time", "CPU", "peak memory of the process"),
        rows,
    )


def _process(folder: str) -> str:
    environment = {**os.environ, "ATTENTION_WIDGET_CACHE": folder, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", _LOADING]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return run.stdout


def predictions(lengths: Sequence[int], rounds: int) -> None:
    """Top 10 everywhere and the lens, beside passes of the model."""
    loaded, tokenizer = demo_language_model()
    model: Any = loaded
    rows = []
    for n_tokens in lengths:
        ids = tokenizer(PARAGRAPH * 20)["input_ids"][:n_tokens]
        lab = Experiment(model, tokenizer.decode(ids), tokenizer=tokenizer)
        inputs = lab.inputs()
        _ = lab.trace, lab.tail

        read = lab.encoded.inputs["input_ids"][0]

        with torch.no_grad():
            states = torch.randn(31, model.config.hidden_size)
            whole, own, bare, everywhere, lens, head = turns(
                [
                    partial(model, **inputs),
                    partial(everything, model, inputs),
                    partial(model.model, **inputs),
                    partial(lab.predictions, 10),
                    partial(lab.lens, -1),
                    partial(model.lm_head, states),
                ],
                rounds,
            )
        beside = [with_head - without for with_head, without in zip(own, bare, strict=True)]
        rows.append(
            (
                str(len(read)),
                f"{median(whole):.3f} s",
                f"{median(own) - median(whole):.3f} s",
                f"{median(everywhere):.3f} s",
                f"{_share(everywhere, own):.2f}",
                f"{_share(everywhere, beside):.2f}",
                f"{median(lens):.3f} s",
                f"{_share(lens, whole):.2f}",
                f"{_share(head, whole):.2f}",
            )
        )
    table(
        "Predictions, in CPU time",
        (
            *("tokens", "a pass", "its numbers", "top 10 everywhere", "of both"),
            *("of head and numbers", "lens(-1)", "passes", "head, 31 rows"),
        ),
        rows,
    )


def _share(times: Sequence[float], of: Sequence[float]) -> float:
    """The median of the ratios of two lists of times, turn by turn."""
    return median([time / other for time, other in zip(times, of, strict=True)])


def plane(lengths: Sequence[int], rounds: int) -> None:
    """All layers at all positions, beside passes of the model."""
    loaded, tokenizer = demo_language_model()
    model: Any = loaded
    rows = []
    for n_tokens in lengths:
        ids = tokenizer(PARAGRAPH * 20)["input_ids"][:n_tokens]
        lab = Experiment(model, tokenizer.decode(ids), tokenizer=tokenizer, progress=False)
        inputs = lab.inputs()
        _ = lab.trace, lab.tail
        with torch.no_grad():
            whole, bare, ours = turns(
                [
                    partial(model, **inputs),
                    partial(read_all, model, lab.trace.hidden[1:]),
                    lab.lens_plane,
                ],
                rounds,
            )
        a_pass, found = median(whole), median(ours)
        rows.append(
            (
                str(len(lab.read_tokens)),
                f"{a_pass:.3f} s",
                f"{median(bare) / a_pass:.1f}",
                f"{found:.3f} s",
                f"{found / a_pass:.1f}",
            )
        )
    table(
        "The logit lens at all positions, in CPU time",
        ("tokens", "a pass", "bare norm, head and ranks, passes", "lens_plane()", "passes"),
        rows,
    )


def read_all(model: Any, hidden: Sequence[torch.Tensor]) -> None:
    """What the plane has, of each layer by itself."""
    answers = model.lm_head(model.model.norm(hidden[-1])).argmax(-1, keepdim=True)
    for states in hidden:
        logits = model.lm_head(model.model.norm(states))
        logits.softmax(-1).topk(1, -1)
        (logits > logits.gather(-1, answers)).sum(-1)


def everything(model: Any, inputs: dict[str, Any]) -> None:
    """A pass and its numbers."""
    numbers(model(**inputs).logits[0].float(), inputs["input_ids"][0])


def numbers(logits: torch.Tensor, read: torch.Tensor) -> None:
    """What predictions() gives, of all logits at once."""
    logs = logits.log_softmax(-1)
    chances = logs.exp()
    chances.topk(10, -1)
    following = read[1:, None]
    logs[:-1].gather(-1, following)
    (logits[:-1] > logits[:-1].gather(-1, following)).sum(-1)
    torch.special.entr(chances).sum(-1)


def turns(works: Sequence[Callable[[], Any]], rounds: int) -> list[list[float]]:
    """CPU seconds of each piece of work, done in turns, the first round left out."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for samples, work in zip(times, works, strict=True):
            began = time.process_time()
            work()
            if turn:
                samples.append(time.process_time() - began)
    return times


if __name__ == "__main__":
    main()
