"""The attribution: every number on screen is Python's own, of a real model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff, Logit, LogitDifference, Term
from browser import picking
from browser.page_host import PageHost
from browser.reading import panel_options
from browser.test_accessible import check

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]
Save = Callable[..., Page]

TERMS = """(list) => [...list.querySelectorAll(".aw-term-rows > [role=row]")]
  .sort((a, b) => a.dataset.token - b.dataset.token)
  .map((row) => [...row.querySelectorAll("[role=gridcell]")].map((each) => each.textContent))"""

LISTS = """(section) => [...section.querySelectorAll(".aw-part-list")].map((list) =>
  [...list.querySelectorAll("li")].map((part) =>
    [".aw-part-name", ".aw-part-value"].map((of) => part.querySelector(of).textContent)))"""


def made(**selection: Any) -> AttentionWidget:
    model, tokenizer = predicting.causal()
    return AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, **{"views": "attribution", **selection}
    )


def lab() -> Experiment:
    model, tokenizer = predicting.causal()
    return Experiment(model, predicting.NOVEL, tokenizer=tokenizer)


def name_of(term: Term) -> str:
    if term.layer is None:
        return term.what
    if term.head is not None:
        return f"head {term.layer}.{term.head}"
    return f"{term.what} {term.layer}"


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def near(text: str, value: float) -> None:
    """As it is written, with three decimals, or three digits where it is tiny."""
    assert number(text) == pytest.approx(value, abs=max(5.1e-4 if abs(value) < 10 else 5.1e-3, 0))
    assert text.startswith("+") == (number(text) > 0)


def terms(page: Page) -> list[list[str]]:
    """All rows that are drawn: those in sight and a few beyond."""
    found: list[list[str]] = page.locator(".aw-terms").evaluate(TERMS)
    return found


def finished(page: Page) -> Locator:
    """The sentences below, once every head has been switched off."""
    words = page.locator(".aw-logit .aw-part-words")
    expect(words).to_contain_text("Each head is switched off by itself")
    return words


def test_every_number_is_that_of_the_experiment(show: Show) -> None:
    page = show(made(token=4)).page
    words = finished(page)
    experiment = lab()
    best = experiment.predictions(1, 4)
    token = int(best.ids[0, 0])
    found = experiment.direct_attribution(Logit(token, 4))
    order = np.argsort(-abs(found.values), kind="stable").tolist()
    rows = terms(page)
    assert len(rows) >= 12
    tried = [index for index in order if found.terms[index].head is not None][:8]
    for (name, part, change), index in zip(rows, order, strict=False):
        term = found.terms[index]
        assert name == name_of(term)
        near(part, float(found.values[index]))
        if index not in tried:
            assert change == ""
            continue
        assert term.layer is not None
        assert term.head is not None
        off = HeadOff(term.layer, term.head, tokens=range(1, 7))
        outcome = experiment.without(off, positions=4)
        near(change, float(outcome.after[0, token] - outcome.before[0, token]))
    said = re.search(r"sum to the logit (\S+),", words.inner_text())
    assert said
    assert number(said[1]) == pytest.approx(found.logit, abs=5.1e-3)
    expect(page.locator(".aw-logit > .aw-part-title")).to_have_text(
        f"Logit of “{best.tokens[0][0]}” after “{experiment.trace.tokens[4].label}”"
    )


def test_a_head_is_gone_to_by_click_and_by_keyboard(show: Show) -> None:
    host = show(made(token=4, layer=0, heads=3))
    page = host.page
    finished(page)
    at = [place for place, (name, *_) in enumerate(terms(page)) if name.startswith("head")]
    name = terms(page)[at[1]][0]
    page.locator(f".aw-term-rows > [data-token='{at[1]}']").click()
    layer, head = map(int, name.removeprefix("head ").split("."))
    host.expect(layer=layer, heads=(head,))
    page.locator(".aw-terms .aw-scroll").press("Home")
    for _ in range(at[0]):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".aw-term-rows > .aw-current")).to_have_attribute("data-token", str(at[0]))
    page.keyboard.press("Enter")
    layer, head = map(int, terms(page)[at[0]][0].removeprefix("head ").split("."))
    host.expect(layer=layer, heads=(head,))
    check(page)


def test_the_prediction_is_compared_with_another(show: Show) -> None:
    page = show(made(token=4)).page
    finished(page)
    experiment = lab()
    best = experiment.predictions(10, 4)
    with panel_options(page.locator(".aw-view-attribution")) as box:
        names = box.locator(".aw-candidates option").all_inner_texts()
        assert names == ["no other token", *best.tokens[0][1:], "another token …"]
        box.locator(".aw-candidates").select_option(index=3)
        expect(page.locator(".aw-logit > .aw-part-title")).to_contain_text(
            f"less that of “{best.tokens[0][3]}”"
        )
    found = experiment.direct_attribution(
        LogitDifference(int(best.ids[0, 0]), int(best.ids[0, 3]), 4)
    )
    order = np.argsort(-abs(found.values), kind="stable").tolist()
    expect(finished(page)).to_contain_text("difference of the logits")
    for (name, part, _), index in zip(terms(page), order, strict=False):
        assert name == name_of(found.terms[index])
        near(part, float(found.values[index]))


@pytest.mark.slow
def test_a_head_that_is_backed_up_is_explained(show: Show, smollm: tuple[Any, Any]) -> None:
    """Of a trained model, whose file is fixed by a hash."""
    model, tokenizer = smollm
    text = "When Mary and John went to the store, John gave a drink to"
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, views="attribution", layer=23, heads=0
    )
    widget.token = None
    page = show(widget).page
    finished(page)
    with panel_options(page.locator(".aw-view-attribution")) as box:
        box.locator(".aw-candidates").select_option(label="John")
        expect(page.locator(".aw-logit > .aw-part-title")).to_have_text(
            "Logit of “Mary” less that of “John”, after “to”"
        )
    words = finished(page)
    experiment = Experiment(model, text, tokenizer=tokenizer, progress=False)
    mary, john = (tokenizer(name)["input_ids"][0] for name in (" Mary", " John"))
    part = float(experiment.direct_attribution(LogitDifference(mary, john)).heads[23, 0])
    outcome = experiment.without(HeadOff(23, 0, tokens=range(1, 14)), positions=-1)
    [after], [before] = (each[:, mary] - each[:, john] for each in (outcome.after, outcome.before))
    said = re.search(
        r"Head 23\.0 writes (\S+) straight into the difference, yet without it the difference "
        r"changes by only (\S+): later parts of the model make up for it",
        words.inner_text(),
    )
    assert said
    near(said[1], part)
    near(said[2], float(after - before))


def test_a_score_is_split_by_what_wrote_it(show: Show) -> None:
    host = show(made(token=4, layer=2, heads=1))
    page = host.page
    section = page.locator(".aw-score")
    expect(section).to_contain_text("Select a query token, a key token and a head")
    host.select(key_token=2)
    expect(section.locator(".aw-part-list")).to_have_count(3)
    found = lab().explain_score(2, 1, query=4, key=2)
    block: Any = lab().trace.block(2)
    *sides, pairs = section.evaluate(LISTS)
    for side, values in zip(sides, (found.query_side, found.key_side), strict=True):
        order = np.argsort(-abs(values), kind="stable").tolist()
        *named, (others, rest) = side
        assert [name for name, _ in named] == [name_of(found.terms[index]) for index in order[:8]]
        for (_, text), index in zip(named, order, strict=False):
            near(text, float(values[index]))
        assert others == f"{len(values) - 8} others"
        near(rest, float(values[order[8:]].sum()))
    names = {term.label: name_of(term) for term in found.terms}
    for (name, text), row in zip(pairs, found.table(8), strict=False):
        assert name == f"{names[row['query_term']]} × {names[row['key_term']]}"
        near(text, row["value"])
    words = section.locator(".aw-part-words").inner_text()
    said = re.search(r"score (\S+), which is q·k (\S+) × scale (\S+)\..*weight (\S+) of", words)
    assert said
    score, dot, scale, weight = map(number, said.groups())
    assert score == pytest.approx(found.score, abs=5.1e-4)
    assert dot == pytest.approx(float(block.query[1, 4] @ block.key[1, 2]), abs=5.1e-4)
    assert scale == pytest.approx(block.scale, abs=5.1e-4)
    assert weight == pytest.approx(float(block.attention(1, 4)[0, 0, 2]), abs=5.1e-4)
    assert "The norm before the attention is frozen." in words
    check(page)


def test_what_cannot_be_split_says_why(open_widget: Callable[..., PageHost]) -> None:
    page = open_widget(views="attribution", token=4, key_token=2).page
    note = page.locator(".aw-view-attribution > .aw-note")
    expect(note).to_contain_text(
        "BertModel has no output head, so it predicts nothing. Load it with one: AutoModel"
    )
    words = page.locator(".aw-score .aw-part-words")
    expect(words).to_contain_text("models with a norm after the sum")
    expect(page.locator(".aw-logit")).to_be_hidden()
    check(page)


def test_a_page_keeps_what_was_written(save: Save) -> None:
    page = save(made(token=4, key_token=2, layer=2, heads=1))
    finished(page)
    rows = terms(page)
    found = lab().direct_attribution(Logit(None, 4))
    assert rows[0][0] == name_of(found.terms[int(abs(found.values).argmax())])
    expect(page.locator(".aw-score .aw-part-list")).to_have_count(3)
    page = save(made(views="lines", token=4))
    with picking.opened(page, picking.VIEWS) as box:
        box.locator("[data-view=attribution]").click()
    note = page.locator(".aw-view-attribution > .aw-note")
    expect(note).to_contain_text("does not hold the model’s answer")
