"""What takes long says how far it is; what does not says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import tiny_seq2seq
from support.traces import trace
from tqdm.auto import tqdm

from attention_widget import AttentionWidget, Trace, capture, generate
from attention_widget._util.progress import DELAY_S, Progress

TOKENIZER = tokenizer()


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The bars that are made, with what they were at in the end."""
    made: list[dict[str, Any]] = []

    def bar(**options: Any) -> Any:
        found: dict[str, Any] = {"options": options, "reached": [options["initial"]]}
        one = tqdm(**options)
        update, close = one.update, one.close

        def count(n: float = 1) -> Any:
            update(n)
            found["reached"].append(one.n)

        def end() -> None:
            found["closed"] = True
            close()

        one.update, one.close = count, end
        made.append(found)
        return one

    monkeypatch.setattr("tqdm.auto.tqdm", bar)
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attention_widget._util.progress.DELAY_S", 0)


def export(progress: bool, folder: Path) -> None:
    widget = AttentionWidget.from_trace(trace(), views="lines")
    widget.export_html(folder / "page.html", progress=progress)


Work = Callable[[bool, Path], Any]
WORKS: dict[str, tuple[Work, list[tuple[str, str, int]]]] = {
    "capture": (
        lambda progress, _: capture(tiny("bert"), TEXT, tokenizer=TOKENIZER, progress=progress),
        [("reading", "layer", 3)],
    ),
    "encoder-decoder": (
        lambda progress, _: capture(
            tiny_seq2seq("BartForConditionalGeneration"),
            TEXT,
            target="a novel",
            tokenizer=TOKENIZER,
            progress=progress,
        ),
        [("reading", "layer", 5)],
    ),
    "windows": (
        lambda progress, _: capture(
            tiny("bert"), TEXT, tokenizer=TOKENIZER, windows=9, stride=7, progress=progress
        ),
        [("reading", "window", 3)],
    ),
    "generate": (
        lambda progress, _: generate(
            tiny("llama"), TEXT, tokenizer=TOKENIZER, max_new_tokens=5, progress=progress
        ),
        [("writing", "token", 5), ("reading", "layer", 3)],
    ),
    "export": (export, [("exporting", "part", 3)]),
    "widget": (
        lambda progress, _: AttentionWidget(
            tiny("bert"), TEXT, tokenizer=TOKENIZER, progress=progress
        ),
        [("reading", "layer", 3)],
    ),
}


@pytest.mark.parametrize("name", WORKS)
def test_long_work_counts_up_to_its_end(
    name: str, bars: list[dict[str, Any]], impatient: None, tmp_path: Path
) -> None:
    work, expected = WORKS[name]
    work(True, tmp_path)
    said = [(bar["options"]["desc"], bar["options"]["unit"]) for bar in bars]
    assert said == [(what, unit) for what, unit, _ in expected]
    for bar, (what, _, total) in zip(bars, expected, strict=True):
        assert bar["options"]["total"] == total
        assert bar["reached"] == list(range(1, bar["reached"][-1] + 1))
        assert bar["reached"][-1] == total or what == "writing"  # a model may end by itself
        assert bar["closed"]


@pytest.mark.parametrize("name", WORKS)
def test_nothing_is_said_where_nobody_wants_it(
    name: str,
    bars: list[dict[str, Any]],
    impatient: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    WORKS[name][0](False, tmp_path)
    assert bars == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", WORKS)
def test_short_work_says_nothing(
    name: str, bars: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WORKS[name][0](True, tmp_path)
    assert bars == []
    assert capsys.readouterr() == ("", "")


def test_a_bar_comes_after_a_while(
    bars: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    monkeypatch.setattr("attention_widget._util.progress.time.monotonic", lambda: now[0])
    with Progress("reading", "layer", 9) as bar:
        now[0] = DELAY_S - 0.1
        bar.reach(3)
        assert bars == []
        now[0] = DELAY_S
        bar.reach(4)
        assert "reading:  44%" in capsys.readouterr().err
    assert bars[0]["closed"]


def test_what_is_done_anew_is_counted_anew(bars: list[dict[str, Any]], impatient: None) -> None:
    with Progress("reading", "layer", 3) as bar:
        for done in (1, 2, 3, 1, 2, 3):
            bar.reach(done)
    assert bars[0]["reached"] == [1, 2, 3, 1, 2, 3]
    assert len(bars) == 1


@pytest.mark.parametrize("options", [{}, {"num_beams": 3}, {"do_sample": True}], ids=str)
def test_counting_changes_nothing_that_is_written(options: dict[str, Any], impatient: None) -> None:
    import torch
    from transformers import StoppingCriteria

    class Three(StoppingCriteria):
        """The user's own, which stops after three tokens."""

        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            return torch.full((len(input_ids),), input_ids.shape[1] >= 6)

    def written(progress: bool) -> Trace:
        torch.manual_seed(1)
        return generate(
            tiny("llama"),
            "a novel",
            tokenizer=TOKENIZER,
            max_new_tokens=9,
            progress=progress,
            stopping_criteria=[Three()],
            **options,
        )

    assert len(written(True).tokens) <= 7
    assert written(True).tokens == written(False).tokens
