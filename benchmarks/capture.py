"""What capture costs over the bare forward pass, beside BertViz's way to the same attention.

    python benchmarks/capture.py [--quick]

*Bare* is what anybody does to run a model on a text: tokenize it, then one forward pass
(sdpa, evaluation mode, no gradients, no cache of keys and values). The shapes have random weights;
of LLaMA's (Llama 3.2 1B: 32 heads of 64, 8 of keys and values) there are two layers; SmolLM2's
(135M: 30 layers of 9 heads, 3 of keys and values) has its language-model head. Times are
medians of bare and capture taken in turns in one process; the ratio is the median of the ratios
of neighbours, by the clock and, in one thread, in CPU time, which other load on the machine
disturbs less. Peak memory is that of a fresh process each (resident set, Linux), over what it
held before. BertViz's way is a pass with ``attn_implementation="eager"`` and
``output_attentions=True``, then the HTML of ``head_view`` and of ``model_view``.

Goals: time at most 1.05 × bare at 128 tokens and above; extra peak memory at most 1.1 × the bytes
that the trace keeps.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerFast,
)

from attention_widget import capture
from attention_widget.demo import demo_model

MINILM = "MiniLM"
SHAPES: dict[str, PretrainedConfig] = {
    "BERT-base shape": AutoConfig.for_model("bert"),
    "GPT-2 shape": AutoConfig.for_model("gpt2", n_positions=2048),
    "LLaMA shape": AutoConfig.for_model(
        "llama",
        hidden_size=2048,
        num_hidden_layers=2,
        num_attention_heads=32,
        num_key_value_heads=8,
        intermediate_size=8192,
    ),
    "SmolLM2 shape": AutoConfig.for_model(
        "llama",
        vocab_size=49152,
        hidden_size=576,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        intermediate_size=1536,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
    ),
}
HEADED = "SmolLM2 shape"  # what its language-model head gives out takes more than the trace
SHORT = (16, 128, 512)
LONG = (512, 2048)
PEERS = (MINILM, "BERT-base shape")  # what BertViz is measured on
CASES = [(name, "float32", n) for name in PEERS for n in SHORT] + [
    (name, dtype, n)
    for name in ("GPT-2 shape", "LLaMA shape")
    for dtype in ("float32", "bfloat16")
    for n in LONG
]
CASES += [(HEADED, "float32", n) for n in (512, 4441)]
MB = 1e6


def load(name: str, dtype: str, attn_implementation: str) -> tuple[Any, Any]:
    """(model, tokenizer); the shapes have random weights and a tokenizer of one word."""
    if name == MINILM:
        path = demo_model()
        model = AutoModel.from_pretrained(path, attn_implementation=attn_implementation)
        return model.eval(), AutoTokenizer.from_pretrained(path)
    torch.manual_seed(0)
    backend = Tokenizer(
        models.WordLevel({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "purple": 3}, "[UNK]")
    )
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    special = [("[CLS]", 1), ("[SEP]", 2)]
    backend.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, special)
    names = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, model_input_names=["input_ids", "attention_mask"], **names
    )
    kind: Any = AutoModelForCausalLM if name == HEADED else AutoModel
    model = kind.from_config(SHAPES[name], attn_implementation=attn_implementation)
    return model.eval().to(getattr(torch, dtype)), tokenizer


def text_of(n_tokens: int) -> str:
    return " ".join(["purple"] * (n_tokens - 2))  # and [CLS], [SEP]


def bare(model: Any, tokenizer: Any, text: str, **options: Any) -> Any:
    if hasattr(model.config, "use_cache") and "use_cache" in signature(model.forward).parameters:
        options["use_cache"] = False
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt"), **options)


def times(
    name: str, dtype: str, n_tokens: int, seconds: float
) -> tuple[float, float, float, float]:
    """Median seconds of the bare pass and of capture, and their ratios: wall clock, CPU."""
    model, tokenizer = load(name, dtype, "sdpa")
    text = text_of(n_tokens)
    routes = (
        lambda: bare(model, tokenizer, text),
        lambda: capture(model, text, tokenizer=tokenizer),
    )
    gc.disable()
    bare_time, capture_time, wall = _in_turns(routes, time.perf_counter, seconds)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    _, _, cpu = _in_turns(routes, time.process_time, seconds)
    torch.set_num_threads(threads)
    gc.enable()
    return bare_time, capture_time, wall, cpu


def _in_turns(
    routes: tuple[Callable[[], Any], Callable[[], Any]], clock: Callable[[], float], seconds: float
) -> tuple[float, float, float]:
    """Median of each route, and the median of the ratios of neighbours."""
    for route in routes:
        route()
    taken: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken[0]) < 3:
        for index in (0, 1) if len(taken[0]) % 2 else (1, 0):
            taken[index].append(_seconds(routes[index], clock)[0])
    ratio = statistics.median(b / a for a, b in zip(*taken, strict=True))
    return statistics.median(taken[0]), statistics.median(taken[1]), ratio


def memory(name: str, dtype: str, n_tokens: int, route: str) -> dict[str, float]:
    """Peak resident bytes of one run over what the process held before, and bytes kept."""
    model, tokenizer = load(name, dtype, "sdpa")
    text = text_of(n_tokens)
    for _ in range(2):
        bare(model, tokenizer, text)
    capture(model, text_of(8), tokenizer=tokenizer)  # first call: imports and caches
    before = _reset_peak()
    if route == "bare":
        bare(model, tokenizer, text)
        return {"peak": _peak() - before, "kept": 0}
    trace = capture(model, text, tokenizer=tokenizer)
    return {"peak": _peak() - before, "kept": trace.nbytes}


def bertviz(name: str, dtype: str, n_tokens: int, view: str) -> dict[str, float]:
    """Seconds of the eager pass and of the HTML, bytes of the HTML, peak resident bytes."""
    import bertviz as peer

    model, tokenizer = load(name, dtype, "eager")
    text = text_of(n_tokens)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    bare(model, tokenizer, text, output_attentions=True)
    before = _reset_peak()
    passed, output = _seconds(lambda: bare(model, tokenizer, text, output_attentions=True))
    make = getattr(peer, view)
    made, html = _seconds(lambda: make(output.attentions, tokens, html_action="return"))
    return {
        "pass": passed,
        "html": made,
        "bytes": len(html.data.encode()),
        "peak": _peak() - before,
    }


def _seconds(
    run: Callable[[], Any], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, Any]:
    start = clock()
    result = run()
    return clock() - start, result


def _reset_peak() -> int:
    """Forget the peak so far and give the bytes held now."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def _in_child(timeout: float, *arguments: object) -> dict[str, float] | str:
    """What a fresh process measured, or why it did not."""
    # large blocks straight from and back to the system, so that the resident set tells
    env = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "32768", "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, __file__, "--child", *map(str, arguments)]
    try:
        done = subprocess.run(command, env=env, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return f"none after {timeout:.0f} s"
    if done.returncode:
        return f"failed ({done.returncode})"
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _child(what: str, name: str, dtype: str, n_tokens: str, which: str) -> None:
    measure = {"memory": memory, "bertviz": bertviz}[what]
    print(json.dumps(measure(name, dtype, int(n_tokens), which)))


def _table(title: str, header: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))


def _capture_row(name: str, dtype: str, n_tokens: int, seconds: float, limit: float) -> list[str]:
    bare_time, capture_time, wall, cpu = times(name, dtype, n_tokens, seconds)
    row = [name, dtype, str(n_tokens), f"{bare_time * 1e3:.1f} ms", f"{capture_time * 1e3:.1f} ms"]
    row += [f"{wall:.2f}×", f"{cpu:.2f}×"]
    without = _in_child(limit, "memory", name, dtype, n_tokens, "bare")
    given = _in_child(limit, "memory", name, dtype, n_tokens, "capture")
    if isinstance(without, str) or isinstance(given, str):
        return [*row, "not measured", "not measured", "-"]
    extra = given["peak"] - without["peak"]
    row += [f"{extra / MB:.1f} MB", f"{given['kept'] / MB:.1f} MB"]
    return [*row, f"{extra / given['kept']:.2f}×"]


def _bertviz_row(name: str, dtype: str, n_tokens: int, view: str, limit: float) -> list[str]:
    found = _in_child(limit, "bertviz", name, dtype, n_tokens, view)
    row = [name, str(n_tokens), view]
    if isinstance(found, str):
        return [*row, "-", found, "-", "-"]
    row += [f"{found['pass'] * 1e3:.0f} ms", f"{found['html']:.2f} s"]
    return [*row, f"{found['bytes'] / MB:.1f} MB", f"{found['peak'] / MB:.0f} MB"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and sizes")
    parser.add_argument("--model", choices=[MINILM, *SHAPES], help="this one alone")
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _child(*options.child)
        return
    cases = [case for case in CASES if options.model in (None, case[0])]
    seconds, limit = (2.0, 60.0) if options.quick else (10.0, 120.0)
    if options.quick:
        cases = [case for case in cases if case[2] <= 512 and case[1] == "float32"]
    print(
        f"torch {torch.__version__}, transformers {transformers.__version__}, "
        f"{torch.get_num_threads()} threads, {os.cpu_count()} cores"
    )
    _table(
        "Capture over the bare forward pass (sdpa)",
        [
            "model",
            "dtype",
            "tokens",
            "bare",
            "capture",
            "time",
            "CPU",
            "extra peak",
            "trace keeps",
            "memory",
        ],
        [_capture_row(*case, seconds, limit) for case in cases],
    )
    seen = [case for case in cases if case[0] in PEERS and (case[2] == 16 or not options.quick)]
    views = ("head_view", "model_view")
    if importlib.util.find_spec("bertviz") is None:
        print("\nBertViz left out: pip install bertviz")
        return
    if seen:
        _table(
            f"BertViz: eager pass with attentions, then HTML (stopped after {limit:.0f} s)",
            ["model", "tokens", "view", "eager pass", "HTML", "size", "peak memory"],
            [_bertviz_row(*case, view, limit) for case in seen for view in views],
        )


if __name__ == "__main__":
    main()
