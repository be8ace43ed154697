"""What a widget says of the memory that it takes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.archives import manifest
from support.asking import answer_to
from support.front_end import Browser

from attention_widget import AttentionWidget, Contrast, capture, compare
from attention_widget.widget.memory_use import MemoryUse

TEXT = "Attention is a novel idea, and purple a colour. " * 4


def test_each_number_is_what_is_there(
    minilm: tuple[Any, Any],
) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    browser = Browser(widget)
    use = widget.memory()
    assert use.trace == widget.trace.nbytes == sum(use.parts.values())
    assert use.browser == 0
    tensor = browser.tensor("attention/encoder/0")
    assert widget.memory().browser == tensor.nbytes
    weights = sum(each.nbytes for each in (*model.parameters(), *model.buffers()))
    assert use.model == weights > 80_000_000
    assert 0 < use.free < 10**15
    real = len(widget.to_html().encode())
    assert real / 1.5 <= use.page <= 1.5 * real
    widget.run("Another text")
    assert widget.memory().browser == 0


@pytest.mark.parametrize(
    "views",
    [["lines"], ["lines", "grid", "neuron", "text", "heads"], ["calculation"], ["positions"]],
)
@pytest.mark.parametrize("n_tokens", [12, 200])
def test_the_page_is_told_within_a_factor(
    views: Any, n_tokens: int, minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    text = (TEXT * 5)[: 5 * n_tokens]
    widget = AttentionWidget(model, text, tokenizer=tokenizer, views=views)
    real = len(widget.to_html(progress=False).encode())
    assert real / 1.3 <= widget.memory().page <= 1.3 * real


@pytest.fixture(scope="module")
def compared(minilm: tuple[Any, Any]) -> dict[str, Contrast]:
    """Of two texts of as many tokens, and of two of which some tokens stand alone."""
    model, tokenizer = minilm
    first, second, third = (
        capture(model, TEXT.replace("a novel", words) * 2, tokenizer=tokenizer)
        for words in ("a novel", "a great", "one very good")
    )
    return {"whole": compare(first, second), "with some alone": compare(first, third)}


@pytest.mark.parametrize(
    "views", [["lines"], ["grid", "text"], ["heads"], ["tokens"], ["neuron"]], ids=",".join
)
@pytest.mark.parametrize("how", ["whole", "with some alone"])
def test_the_page_of_a_comparison_is_told_more_closely(
    how: str, views: Any, compared: dict[str, Contrast]
) -> None:
    widget = AttentionWidget(compared[how], views=views)
    page = widget.to_html(progress=False)
    assert len(page) / 1.1 <= widget.memory().page <= 1.1 * len(page)
    names = {re.sub(r"^(after//|side/\d/)", "", key) for key in manifest(page)["entries"]}
    carried = {re.sub(r"^grouped/\w+/\w+/", "", name).split("/")[0] for name in names}
    of_heads = {"summaries", "divergence"}
    assert carried & of_heads == (of_heads if {"grid", "heads"} & {*views} else set())
    assert "attention_received" not in carried  # the page makes it of the attention


def test_the_browser_asks_for_the_same(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    answer = answer_to(widget, {"name": "memory"})
    use = widget.memory()
    assert answer == {**use.answer(), "free": answer["free"]}
    assert answer["parts"]["queries"] == use.parts["queries"] > 0


def test_of_a_trace_there_is_no_model_and_of_a_comparison_two(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    alone = AttentionWidget.from_trace(widget.trace)
    assert alone.memory().model is None
    assert answer_to(alone, {"name": "memory"})["model"] is None
    other = AttentionWidget(model, "A great idea", tokenizer=tokenizer).trace
    both = AttentionWidget(compare(widget.trace, other)).memory()
    assert both.trace == widget.trace.nbytes + other.nbytes


def test_it_is_read_at_a_glance() -> None:
    parts = {"queries": 2_000, "keys": 2_000, "attention": 0, "hidden_states": 1_500_000}
    use = MemoryUse(1_504_000, parts, 32, 400_000, None, 3_100_000_000)
    assert repr(use).splitlines() == [
        "MemoryUse",
        "  trace    1.5 MB (queries 2 kB, keys 2 kB, hidden states 1.5 MB)",
        "  browser  32 bytes",
        "  page     about 400 kB",
        "  model    none",
        "  free     3.1 GB",
    ]
