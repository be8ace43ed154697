"""Work that takes more memory than is free is told before it begins, to whoever asked for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from support.front_end import Browser
from support.labs import lab_of, made
from support.models import TEXT, tiny, tokenizer
from support.small_machine import GB, a_machine_of

from attention_widget import AttentionWidget
from attention_widget.cli.command import main
from attention_widget.errors import LowMemoryWarning
from attention_widget.experiments import Logit, needed_memory
from attention_widget.tracing import tracer
from attention_widget.tracing.memory import gradient_nbytes, pass_nbytes
from attention_widget.tracing.model import weights_size

TOKENIZER = tokenizer()


def hook_of(model: Any) -> list[object]:
    """What the model was called with."""
    calls: list[object] = []
    model.register_forward_pre_hook(lambda *args: calls.append(args))
    return calls


def test_heads_are_not_ranked_before_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_of(made("gpt2"))
    n_tokens = len(lab.trace.tokens)
    tracer = lab.tracer
    backward = gradient_nbytes(tracer.model, tracer.modules, n_tokens)
    batch = min(12, 512 // n_tokens) * pass_nbytes(tracer.model, tracer.modules, n_tokens)
    calls = hook_of(lab.model)
    a_machine_of(monkeypatch, max(backward, batch) - 1)
    ranking = lab.ranking(Logit(5))
    with pytest.raises(
        LowMemoryWarning, match=rf"ranking heads at {n_tokens} tokens will take about .* are free; "
    ) as caught:
        ranking.run()
    assert not calls
    assert str(caught.traceback[0].path) == __file__
    a_machine_of(monkeypatch, max(backward, batch))
    assert ranking.run().n_done == ranking.n_heads  # without a word


def test_nor_are_gradients_integrated(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_of(made("gpt2"))
    n_tokens = len(lab.trace.tokens)
    one = gradient_nbytes(lab.tracer.model, lab.tracer.modules, n_tokens)
    rows = min(8, 512 // n_tokens)
    assert rows > 1
    calls = hook_of(lab.model)
    a_machine_of(monkeypatch, rows * one - 1)
    integrating = lab.integrating(Logit(5))
    with pytest.raises(LowMemoryWarning, match=r"integrated gradients at .* ask for removal"):
        integrating.run()
    assert not calls
    a_machine_of(monkeypatch, rows * one)
    assert integrating.run().gap is not None


def told(messages: list[tuple[dict[str, Any], list[bytes]]]) -> list[Any]:
    return [message.get("shortage", "reply") for message, _ in messages]


def test_a_text_of_the_browsers_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    model: Any = tiny("llama")
    widget = AttentionWidget(model, TEXT, tokenizer=TOKENIZER)
    browser = Browser(widget)
    seen: list[list[Any]] = []
    model.register_forward_pre_hook(lambda *args: seen.append(told(browser.replies)))
    monkeypatch.setattr(tracer, "pass_nbytes", lambda *args: 3 * GB)
    a_machine_of(monkeypatch, GB)
    request = {"id": 7, "kind": "run", "text": "a novel idea", "text_pair": None}
    ((refusal, _),) = browser.send(request)
    reason = refusal["reason"]
    assert {key: reason[key] for key in ("code", "work", "free")} == {
        "code": "short",
        "work": "reading",
        "free": GB,
    }
    assert 3 * GB <= reason["needed"] < 3.1 * GB
    assert (seen, widget.text, widget.busy) == ([], TEXT, False)

    first, *_, over, reply = told(browser.send({**request, "id": 8, "anyway": True}))
    assert first == {key: reason[key] for key in ("work", "needed", "free")}
    assert (over, reply) == (None, "reply")
    assert seen[0][-1] == first  # before the model ran
    assert widget.text == "a novel idea"
    a_machine_of(monkeypatch, 4 * GB)
    assert told(browser.send({**request, "id": 9, "text": TEXT})) == ["reply"]
    a_machine_of(monkeypatch, GB)
    with pytest.warns(LowMemoryWarning, match="reading"):  # in Python a warning stays one
        widget.run("another idea")


EDITS = [
    {"edit": "head_off", "kind": "decoder", "layer": 0, "heads": [0], "tokens": None}
    | {"value": "zero"}
]
HELD: dict[str, tuple[str, dict[str, Any]]] = {
    "ranking": ("gradient_nbytes", {"name": "ranked", "position": None}),
    "gradient": (
        "gradient_nbytes",
        {"name": "influence", "measure": "integrated_gradients", "token": None}
        | {"kind": "decoder", "rows": "tokens"},
    ),
    "reading": ("pass_nbytes", {"name": "edited", "edits": EDITS}),
}


@pytest.mark.parametrize("work", HELD)
def test_so_is_a_question(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model: Any = tiny("llama")
    widget = AttentionWidget(model, TEXT, tokenizer=TOKENIZER)
    browser = Browser(widget)
    calls = hook_of(model)
    counted, question = HELD[work]
    room = tracer if work == "reading" else needed_memory
    monkeypatch.setattr(room, counted, lambda *args: 3 * GB)
    a_machine_of(monkeypatch, GB)
    ask = {"kind": "ask", "id": 5, "run": 1, "question": question}
    (*_, (refusal, _)) = browser.send(ask)
    reason = refusal["reason"]
    assert (reason["code"], reason["work"], reason["free"]) == ("short", work, GB)
    assert reason["needed"] >= 3 * GB
    held = len(calls)  # the pass that the question is about, where that is small
    assert browser.send({**ask, "id": 6})[-1][0]["reason"]["code"] == "short"  # not remembered
    assert len(calls) == held

    messages = told(browser.send({**ask, "id": 7, "anyway": True}))
    assert {"work": work, "needed": reason["needed"], "free": GB} in messages
    assert messages[-2:] == [None, "reply"]
    assert messages.count(None) == 1
    assert "answer" in browser.replies[-1][0], browser.replies[-1][0]
    assert len(calls) > held


@pytest.mark.parametrize("form", ["whole", "parts", "said", "nothing"])
def test_a_name_on_the_hub_is_told_before_its_weights_come(
    form: str, minilm_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache with the whole file, or its parts; the hub's word; or neither."""
    name = "someone/small"
    snapshot = tmp_path / "models--someone--small" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (refs := snapshot.parents[1] / "refs").mkdir()
    (refs / "main").write_text("abc")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    if form == "whole":
        (snapshot / "model.safetensors").symlink_to(minilm_path / "model.safetensors")
    if form == "parts":
        index = {"metadata": {"total_size": 90_864_192}, "weight_map": {}}
        (snapshot / "model.safetensors.index.json").write_text(json.dumps(index))

    def said(*_: Any, **__: Any) -> Any:
        if form == "nothing":
            raise OSError("no network")
        parts = {
            "model-00001-of-00002.safetensors": 9 * 10**7,
            "model-00002-of-00002.safetensors": 9,
        }
        files = {"config.json": 600, "onnx/model.onnx": 10**9, **parts, "pytorch_model.bin": 10**9}
        siblings = []
        for path, size in files.items():
            one: Any = type("Sibling", (), {})
            one.rfilename, one.size = path, size
            siblings.append(one)
        return type("Info", (), {"siblings": siblings})

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", said)
    a_machine_of(monkeypatch, 50_000_000)
    if form == "nothing":
        weights_size.warn_if_large(name, None)
        return
    size = "90.0" if form == "said" else "90.9"
    with pytest.raises(LowMemoryWarning, match=rf"the model '{name}' .*{size} MB.*50\.0 MB are fr"):
        weights_size.warn_if_large(name, None)


def test_the_command_line_says_it_in_a_line(
    minilm_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    a_machine_of(monkeypatch, 50_000_000)
    assert main(["a novel", "--model", str(minilm_path), "-o", "novel.html"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "of memory" in line]
    assert len(lines) == 1
    assert lines[0].startswith("attention-widget: the model in ")
    assert lines[0].endswith("are free; a shorter text or a smaller model takes less")
