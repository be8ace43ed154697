"""Heads by their effect: the numbers on screen are Python's, and a ranking stops and goes on."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import models, predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import Logit, LogitDifference, Metric, Ranking, TextLoss
from browser import reading
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

SUMMARY = '[data-option="summary"] select'


def line(page: Page) -> Any:
    return page.locator(".aw-view-grid .aw-effect-line")


def choose_effect(page: Page) -> None:
    with reading.panel_options(reading.view(page, "Grid of heads")) as box:
        box.locator(SUMMARY).select_option("effect")


def told(page: Page) -> str:
    """What a screen reader hears of the head where the keyboard is."""
    return page.locator(".aw-view-grid [role=gridcell]").inner_text()


def effect_told(page: Page) -> float:
    words = told(page).replace("−", "-")
    if "stays at" in words:
        return 0.0
    found = re.search(r"(falls|rises) by ([\d.e+-]+),", words)
    assert found, words
    return float(found[2]) * (-1 if found[1] == "falls" else 1)


def test_every_head_says_what_python_measured(show: Show) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model,
        predicting.NOVEL,
        tokenizer=tokenizer,
        views=("grid", "heads"),
        number_format="full",
        layer=0,
    )
    widget.token = None
    host = show(widget)
    page = host.page
    expect(line(page)).to_be_hidden()
    choose_effect(page)
    host.expect(summary="effect")
    expect(line(page)).to_contain_text("all 12 heads tried")
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False)
    found = lab.rank_heads()
    said = lab.predictions(1, -1).tokens[0][0]
    expect(line(page)).to_contain_text(f"Effect on the logit of “{said}” after")

    grid = page.locator(".aw-grid")
    grid.focus()
    page.keyboard.press("Control+Home")
    for layer in range(3):
        page.keyboard.press("Home")
        for head in range(4):
            assert told(page).startswith(f"layer {layer}, head {head}")
            effect = float(found.effects[layer, head])
            assert effect_told(page) == pytest.approx(effect, rel=1e-4, abs=1e-6)
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Space")
    host.expect(layer=0, heads=(0,))

    widget_best = np.unravel_index(np.abs(found.effects).argmax(), found.effects.shape)
    layer, head = map(int, widget_best)
    note = page.locator(".aw-view-grid > .aw-note")
    expect(note).to_contain_text(f"Head {layer}.{head} matters most")
    page.locator(".aw-view-heads .aw-order", has_text="effect").click()
    first = page.locator(".aw-head-rows > [data-token='0'] > [role=gridcell]")
    expect(first.nth(0)).to_have_text(str(layer))
    expect(first.nth(1)).to_have_text(str(head))
    said = first.nth(2).inner_text().replace("−", "-")
    assert float(said) == pytest.approx(found.effects[layer, head], rel=1e-4)


def test_another_token_is_tried_when_one_asks(show: Show) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views="grid", summary="effect", layer=0
    )
    host = show(widget)
    page = host.page
    expect(line(page)).to_contain_text("all 12 heads tried")
    host.select(token=3)
    token = widget.trace.tokens[3].label
    expect(line(page)).to_contain_text(f"after “{widget.trace.tokens[6].label}”")
    line(page).get_by_role("button", name="instead").press("Enter")
    expect(line(page)).to_contain_text(f"after “{token}”: all 12 heads tried")
    host.expect(effect_position=3)
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False)
    best = lab.rank_heads(Logit(position=3)).table()[0]
    note = page.locator(".aw-view-grid > .aw-note")
    expect(note).to_contain_text(f"Head {best['layer']}.{best['head']} matters most")


def test_it_stops_and_goes_on_by_keyboard(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = predicting.causal()
    gate, tried, known = threading.Semaphore(0), [], Ranking._try

    def after_gate(self: Ranking, heads: Any) -> None:
        assert gate.acquire(timeout=120)
        tried.extend(heads)
        known(self, heads)

    monkeypatch.setattr(Ranking, "_try", after_gate)
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views="grid", summary="effect", layer=0
    )
    host = show(widget, background=True)
    words = host.page.locator(".aw-view-grid .aw-effect-words")
    host.wait(lambda: "0 of 12 heads tried" in words.inner_text(), "the order does not come")
    expect(host.page.locator(".aw-legend")).to_contain_text("not tried yet")
    gate.release()
    host.wait(lambda: "0 of 12" not in words.inner_text(), "no effect comes")
    turn = line(host.page).get_by_role("button")
    expect(turn).to_have_text("stop")
    host.press_while_at_work(turn)
    expect(turn).to_have_text("go on")
    gate.release()  # the group that was being tried is finished
    host.finish()
    count = len(tried)
    assert 0 < count < 12
    expect(turn).to_be_focused()
    host.page.keyboard.press("Enter")
    host.wait(lambda: f"{count} of 12" in words.inner_text(), "what was tried is lost")
    gate.release(12)
    host.wait(lambda: "all 12 heads tried" in words.inner_text(), "it does not end")
    expect(turn).to_have_count(0)
    assert len(tried) == len(set(tried)) == 12


def test_a_page_keeps_what_was_tried(save: Callable[..., Page]) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views=("grid", "heads"), summary="effect"
    )
    steps = widget._session.steps(1, {"name": "ranked", "position": None})
    done = [next(steps).done for _ in range(3)][-1]
    steps.close()
    page = save(widget)
    expect(line(page)).to_contain_text(f"{done} of 12 heads tried; to try more, run the notebook")
    expect(line(page).get_by_role("button")).to_have_count(0)
    expect(page.locator(".aw-legend").first).to_contain_text("not tried yet")
    expect(page.locator(".aw-view-heads .aw-order", has_text="effect")).to_be_visible()


def test_a_trace_says_why_there_is_no_effect(show: Show) -> None:
    model, tokenizer = predicting.causal()
    made = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer).trace
    page = show(AttentionWidget.from_trace(made, views="grid")).page
    choose_effect(page)
    alert = page.locator(".aw-view-grid > [role=alert]")
    expect(alert).to_contain_text("this widget was made from a trace and has no model to ask")
    expect(line(page).get_by_role("button")).to_have_count(0)


def test_effects_on_another_candidate_a_difference_and_the_loss(
    show: Show, smollm: tuple[Any, Any]
) -> None:
    """Of the words of a real tokenizer, where a typed one begins with a space, and an untrained
    model."""
    tokenizer = smollm[1]
    model = models.tiny("gpt2", vocab_size=len(tokenizer))
    text = "The capital of France is"
    widget = AttentionWidget(model, text, tokenizer=tokenizer, views="grid", layer=1, heads=2)
    host = show(widget)
    page = host.page
    lab = Experiment(model, text, tokenizer=tokenizer, progress=False)
    likeliest = [int(each) for each in lab.predictions(3, -1).ids[0]]

    def says(metric: Metric, subject: str) -> None:
        expect(line(page)).to_have_text(re.compile(f"Effect on {subject}: all 12 heads tried"))
        effect = float(lab.rank_heads(metric).effects[1, 2])
        verb = "falls" if effect < 0 else "rises"
        expect(page.locator(".aw-view-grid [role=gridcell]")).to_contain_text(
            f"{verb} by {abs(effect):.3f}"
        )

    panel = reading.view(page, "Grid of heads")
    with reading.panel_options(panel) as box:
        box.locator(SUMMARY).select_option("effect")
        token, other = box.locator(".aw-candidates").all()
        expect(other).to_be_hidden()
        third = token.locator(f'option[value="{likeliest[2]}"]')
        expect(third).to_have_count(1)
        token.press("End")  # "another token", by keyboard
        field = box.get_by_role("textbox").first
        expect(field).to_be_focused()
        field.press_sequentially("Rome")
        field.press("Enter")
        expect(token).to_be_focused()
        host.expect(effect_token="Rome")
        says(Logit(" Rome"), "the logit of “Rome” after “is”")
        box.locator('[data-option="effect_of"] select').select_option("difference")
        token.select_option("")
        other.select_option(str(likeliest[2]))
        host.expect(effect_other=likeliest[2])
        says(
            LogitDifference(likeliest[0], likeliest[2]),
            "the logit of .* less that of .* after “is”",
        )
        box.locator('[data-option="effect_of"] select').select_option("loss")
        expect(token).to_be_hidden()
        says(TextLoss(), "the loss of the text")
    assert (widget.effect_of, widget.effect_token) == ("loss", None)
