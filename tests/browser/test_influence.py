"""The text coloured by removal and integrated gradients: the numbers on screen are Python's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import LogitDifference, LogProbability, Removing, StateChange
from attention_widget.experiments.mattering import MATTERS_FROM
from browser import reading
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]


def line(page: Page) -> Locator:
    return page.locator(".aw-view-text .aw-influence-line")


def note(page: Page) -> Locator:
    return page.locator(".aw-view-text > .aw-note")


def choose(page: Page, measure: str) -> None:
    with reading.panel_options(reading.text(page)) as box:
        reading.measure_list(box).select_option(measure)


def near(shown: Any, values: Any) -> None:
    np.testing.assert_allclose(shown, values, rtol=5e-4, atol=1e-7)


def made(text: str = predicting.NOVEL, **given: Any) -> AttentionWidget:
    model, tokenizer = predicting.causal()
    options: dict[str, Any] = {"views": "text", "number_format": "full", "layer": 0, **given}
    return AttentionWidget(model, text, tokenizer=tokenizer, **options)


def lab(text: str = predicting.NOVEL) -> Experiment:
    model, tokenizer = predicting.causal()
    return Experiment(model, text, tokenizer=tokenizer, progress=False)


@pytest.mark.parametrize("words", [False, True])
def test_every_word_has_the_number_that_python_has(show: Show, words: bool) -> None:
    widget = made(words=words)
    widget.token = None
    host = show(widget)
    page = host.page
    expect(line(page)).to_be_hidden()
    choose(page, "removal")
    host.expect(measure="removal")
    n_tokens = len(widget.trace.tokens)
    expect(line(page)).to_contain_text(f"all {n_tokens} tried")
    expect(line(page).get_by_role("button")).to_have_count(0)
    found = lab().removal(rows="words" if words else "tokens")
    near(reading.hovered_scores(page), found.values)
    said = lab().predictions(1, -1).tokens[0][0]
    subject = f"the log-probability of “{said}” after “[SEP]”"
    expect(line(page)).to_contain_text(f"Removal, {subject}")
    expect(note(page)).to_contain_text(f"The change in {subject} when no token may see")
    expect(note(page)).to_contain_text("Each number is exact")
    expect(note(page)).to_contain_text("The first token takes attention that has no better place")
    legend = page.locator(".aw-view-text .aw-legend")
    expect(legend).to_contain_text("change of the log-probability without it, in nats")
    steps = reading.heats(page)
    spoken = [unit for unit, token in enumerate(widget.trace.tokens) if not token.special]
    largest = max(spoken, key=lambda unit: abs(found.values[unit]))
    middle = 15
    for unit in spoken:
        step, value = steps[unit], found.values[unit]
        assert step is not None
        if abs(value) > np.abs(found.values[largest]) / 15:
            assert (step > middle) == (value > 0)
    ends = steps[largest]
    assert ends is not None
    assert abs(ends - middle) >= max(abs((steps[unit] or 0) - middle) for unit in spoken) - 1


def test_it_follows_the_token_and_the_candidate_that_is_compared_with(show: Show) -> None:
    host = show(made(measure="removal"))
    page = host.page
    n_tokens = len(host.widget.trace.tokens)
    unit = reading.unit(page, 3)
    unit.click()
    host.expect(token=3, measure="removal", pinned=())
    label = host.widget.trace.tokens[3].label
    expect(line(page)).to_contain_text(f"after “{label}”: all {n_tokens} tried")
    metric = LogProbability(position=3)
    near(reading.hovered_scores(page), lab().removal(metric).values)
    best = lab().predictions(2, 3)
    host.select(compared_with=int(best.ids[0, 1]))
    first, second = best.tokens[0]
    expect(line(page)).to_contain_text(f"the logit of “{first}” less that of “{second}”")
    expect(line(page)).to_contain_text(f"all {n_tokens} tried")
    difference = LogitDifference(int(best.ids[0, 0]), int(best.ids[0, 1]), 3)
    near(reading.hovered_scores(page), lab().removal(difference).values)
    legend = page.locator(".aw-view-text .aw-legend")
    expect(legend).to_contain_text("change of the difference without it")


def test_integrated_gradients_say_that_they_are_an_estimate_and_by_how_much(show: Show) -> None:
    host = show(made(measure="integrated_gradients"))
    page = host.page
    found = lab().integrated_gradients()
    expect(line(page)).to_contain_text(f"{found.steps} steps, the sum is off by")
    near(reading.hovered_scores(page), found.values)
    expect(note(page)).to_contain_text("by integrated gradients: an estimate, whose sum is off by")
    expect(note(page)).to_contain_text("The first token is the same in the text that it starts")
    expect(page.locator(".aw-view-text .aw-legend")).to_contain_text("share of the logit")


def ranks(values: Any) -> Any:
    return np.argsort(np.argsort(np.abs(values)))


def test_it_says_whether_attention_ranks_the_words_alike(show: Show) -> None:
    host = show(made(measure="removal", layer=1, heads=2))
    page = host.page
    widget = host.widget
    expect(line(page)).to_contain_text("tried")
    removal = lab().removal().values
    attention = widget.trace.attention(1, heads=2)[0, -1]
    spoken = [at for at, token in enumerate(widget.trace.tokens) if at and not token.special]
    one, other = attention[spoken], removal[spoken]
    correlation = float(np.corrcoef(ranks(one), ranks(other))[0, 1])
    how = "much" if correlation >= 0.7 else "only partly" if correlation >= 0.3 else "otherwise"
    said = f"Attention from “[SEP]”, layer 1, head 2, ranks {how}"
    expect(note(page)).to_contain_text(said)
    shown = note(page).inner_text().split("rank correlation ")[1].split(")")[0]
    assert reading.number(shown) == pytest.approx(correlation, abs=2e-3)
    names = [widget.trace.tokens[spoken[int(np.abs(each).argmax())]].text for each in (one, other)]
    same, another = f"both have “{names[0]}” first", f"“{names[0]}” is first there"
    expect(note(page)).to_contain_text(same if names[0] == names[1] else another)
    choose(page, "integrated_gradients")
    expect(note(page)).to_contain_text("These shares rank ")
    host.select(token=len(widget.trace.tokens) - 1, measure="removal")
    expect(note(page)).to_contain_text(said)
    choose(page, "attention_from")
    expect(note(page)).to_contain_text(said)


def test_where_no_word_matters_no_order_is_told(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = lab().removal().values
    spoken = [at for at, token in enumerate(made().trace.tokens) if at and not token.special]
    most = float(np.abs(removal[spoken]).max())
    monkeypatch.setitem(MATTERS_FROM, "nats", 2 * most)
    page = show(made(measure="removal", layer=1, heads=2)).page
    expect(note(page)).to_contain_text("By removal none of them matters: without any one,")
    expect(note(page)).not_to_contain_text("rank correlation")
    shown = note(page).inner_text().split("at most ")[1].split(")")[0]
    near(reading.number(shown), most)


def test_it_stops_and_goes_on_by_keyboard(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, tried, known = threading.Semaphore(0), [], Removing._try

    def after_gate(self: Removing, indices: Any) -> None:
        assert gate.acquire(timeout=120)
        tried.extend(indices)
        known(self, indices)

    monkeypatch.setattr(Removing, "_try", after_gate)
    monkeypatch.setattr("attention_widget.experiments.measuring.removing._TOKENS", 16)
    widget = made(measure="removal")
    n_tokens = len(widget.trace.tokens)
    host = show(widget, background=True)
    page = host.page
    words = page.locator(".aw-view-text .aw-effect-words")
    host.wait(lambda: f"0 of {n_tokens} tried" in words.inner_text(), "it does not begin")
    gate.release()
    host.wait(lambda: f"2 of {n_tokens} tried" in words.inner_text(), "no number comes")
    assert [step is None for step in reading.heats(page)][1:4] == [False, True, True]
    turn = line(page).get_by_role("button")
    expect(turn).to_have_text("stop")
    host.press_while_at_work(turn)
    expect(turn).to_have_text("go on")
    gate.release()  # what was being tried is finished
    host.finish()
    assert len(tried) < n_tokens
    expect(turn).to_be_focused()
    page.keyboard.press("Enter")
    gate.release(9)
    host.wait(lambda: f"all {n_tokens} tried" in words.inner_text(), "it does not end")
    expect(turn).to_have_count(0)
    assert len(tried) == len(set(tried)) == n_tokens


def test_a_page_keeps_what_was_found(save: Callable[..., Page]) -> None:
    widget = made(measure="removal")
    page = save(widget)
    expect(line(page)).to_contain_text("all 7 tried")
    near(reading.hovered_scores(page), lab().removal().values)
    expect(note(page)).to_contain_text("ranks ")


def test_a_trace_says_why_there_is_none(show: Show) -> None:
    page = show(AttentionWidget.from_trace(made().trace, views="text")).page
    choose(page, "removal")
    alert = page.locator(".aw-view-text > [role=alert]")
    expect(alert).to_contain_text("this widget was made from a trace and has no model to ask")
    expect(line(page).get_by_role("button")).to_have_count(0)


def test_without_captum_it_says_what_to_install(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "captum", None)
    monkeypatch.setitem(__import__("sys").modules, "captum.attr", None)
    page = show(made(measure="integrated_gradients")).page
    alert = page.locator(".aw-view-text > [role=alert]")
    expect(alert).to_contain_text('pip install "attention-widget[gradients]"')


def test_edits_are_not_asked_about(show: Show) -> None:
    host = show(made(measure="removal"))
    page = host.page
    expect(line(page)).to_contain_text("tried")
    off = {"edit": "head_off", "layer": 0, "heads": [1], "kind": "decoder", "value": "zero"}
    host.select(edits=[off], shown_pass="after")
    expect(note(page)).to_contain_text("asked of the model without the edits")
    expect(line(page)).to_be_hidden()
    host.select(shown_pass="before")
    expect(line(page)).to_contain_text("tried")


def test_a_model_that_predicts_nothing_has_its_states_turned(
    show: Show, minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    text = "the novel idea is about purple algae"
    given: dict[str, Any] = {"views": "text", "measure": "removal", "number_format": "full"}
    widget = AttentionWidget(model, text, tokenizer=tokenizer, layer=0, **given)
    widget.token = None
    page = show(widget).page
    expect(line(page)).to_contain_text("the final states of all tokens: all 9 tried")
    found = Experiment(model, text, tokenizer=tokenizer, progress=False).removal(StateChange())
    near(reading.hovered_scores(page), found.values)


@pytest.mark.slow
def test_without_the_country_the_capital_is_not_known(show: Show, smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    text = "The capital of France is"
    given: dict[str, Any] = {"views": "text", "measure": "removal", "number_format": "full"}
    widget = AttentionWidget(model, text, tokenizer=tokenizer, layer=23, heads=4, **given)
    widget.token = 4
    page = show(widget).page
    expect(line(page)).to_contain_text(
        "Removal, the log-probability of “Paris” after “is”: all 5 tried"
    )
    found = Experiment(model, text, tokenizer=tokenizer, progress=False).removal()
    shown = reading.hovered_scores(page)
    near(shown, found.values)
    steps = reading.heats(page)
    france, itself = steps[3], steps[4]
    assert france is not None
    assert itself is not None
    assert shown[3] < -4
    assert france < 8 < itself
    expect(note(page)).to_contain_text("Attention from “is”, layer 23, head 4, ranks")
