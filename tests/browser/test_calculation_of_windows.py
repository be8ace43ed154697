"""The calculation of a text that was read in windows: every number that is drawn is that of the
model's own pass of the window in which the token stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from attention_widget import Trace, capture
from attention_widget.demo import demo_language_model
from attention_widget.protocol.catalogue import compute
from browser.page_host import PageHost
from browser.settling import settle
from browser.test_calculation import number_in, panel, plot, shown_step, steps

pytestmark = pytest.mark.browser

TEXT = (
    "Green algae turn light into oil, and some of that oil can drive a car. "
    "Nobody knows yet what a tank of it will cost, or who would buy it."
)
LAYER, HEAD = 2, 4
STEPS = ("q", "k", "v", "scores", "scaled", "masked", "weights", "output")


def own_pass(model: Any, ids: list[int]) -> dict[str, Any]:
    """What the model's modules give in a pass over one window alone (MiniLM is a BERT)."""
    heard: dict[str, torch.Tensor] = {}
    attention = model.encoder.layer[LAYER].attention.self
    hooks = [
        getattr(attention, name).register_forward_hook(
            lambda _module, _args, output, name=name: heard.__setitem__(name, output[0])
        )
        for name in ("query", "key", "value")
    ]
    hooks.append(
        model.encoder.layer[LAYER].attention.output.dense.register_forward_pre_hook(
            lambda _module, args: heard.__setitem__("output", args[0][0])
        )
    )
    try:
        with torch.no_grad():
            model(torch.tensor([ids], dtype=torch.long))
    finally:
        for hook in hooks:
            hook.remove()
    dim = model.config.hidden_size // model.config.num_attention_heads
    one = {name: part[:, HEAD * dim : (HEAD + 1) * dim] for name, part in heard.items()}
    scores = one["query"] @ one["key"].T
    scaled = scores / dim**0.5
    return {
        "q": one["query"],
        "k": one["key"],
        "v": one["value"],
        "scores": scores,
        "scaled": scaled,
        "masked": scaled,  # an encoder hides nothing
        "weights": scaled.softmax(1),
        "output": one["output"],
    }


@pytest.fixture(scope="module")
def read(minilm: tuple[Any, Any]) -> tuple[Trace, list[dict[str, Any]]]:
    """The trace of the whole text, and the model's own pass of each window."""
    model, tokenizer = minilm
    trace = capture(model, TEXT, tokenizer=tokenizer, windows=16, stride=6)
    ids = [[token.id for token in window.trace.tokens] for window in trace.windows]
    return trace, [own_pass(model, each) for each in ids]  # type: ignore[arg-type]


def window_of(trace: Trace, token: int) -> tuple[int, int]:
    """The window that a token is shown in, and its row there."""
    [window] = [at for at, one in enumerate(trace.windows) if token in one.own]
    return window, trace.windows[window].positions.index(token)


def in_several(trace: Trace) -> list[int]:
    """A token of each of three windows that stands in another one too, where it is another row."""
    found: dict[int, int] = {}
    for token in range(len(trace.tokens)):
        holding = [at for at, one in enumerate(trace.windows) if token in one.positions]
        if len(holding) > 1:
            found.setdefault(window_of(trace, token)[0], token)
    return list(found.values())[1:4]


def test_python_has_the_numbers_of_each_windows_own_pass(
    read: tuple[Trace, list[dict[str, Any]]],
) -> None:
    trace, own = read
    assert len(own) >= 4
    for window, known in enumerate(own):
        for name in STEPS:
            key = f"window/{window}/calculation/encoder/{LAYER}/{HEAD}/{name}"
            np.testing.assert_allclose(compute(trace, key), known[name], atol=1e-5, err_msg=key)


def shown_row(page: Page, name: str, columns: int) -> list[float]:
    """Numbers of the followed row, read from the line that explains them."""
    steps(page).locator(f'[data-step="{name}"]').click()
    settle(page)
    assert shown_step(page) == name
    plot(page).focus()
    page.keyboard.press("Home")
    found = []
    for column in range(columns):
        if column:
            page.keyboard.press("ArrowRight")
        found.append(number_in(page.locator(".aw-calculation-terms b").inner_text()))
    page.keyboard.press("Escape")
    return found


def check(page: Page, trace: Trace, own: list[dict[str, Any]], token: int) -> None:
    window, row = window_of(trace, token)
    label = trace.tokens[token].text
    expect(panel(page).locator(".aw-note")).to_contain_text(f"row of {label}")
    for name in STEPS:
        known = own[window][name][row].numpy()
        found = shown_row(page, name, min(12, len(known)))
        np.testing.assert_allclose(found, known[: len(found)], atol=1e-5, err_msg=f"{name} {token}")


def test_the_screen_and_its_page_have_them_too(
    open_widget: Callable[..., PageHost],
    disk: Callable[..., Page],
    tmp_path: Path,
    read: tuple[Trace, list[dict[str, Any]]],
) -> None:
    trace, own = read
    tokens = in_several(trace)
    assert len(tokens) == 3
    host = open_widget(
        TEXT,
        windows=16,
        stride=6,
        views="calculation",
        layer=LAYER,
        heads=HEAD,
        token=tokens[0],
        number_format="full",
        locale="en",
    )
    for token in tokens:
        host.select(token=token)
        check(host.page, trace, own, token)
    expect(panel(host.page).locator(".aw-warning")).to_contain_text("read in windows")
    for name in ("q", "k", "v"):  # what makes them is not known, and nothing is said of it
        stop = steps(host.page).locator(f'[data-step="{name}"]')
        assert "as " in (stop.get_attribute("title") or "")
        assert "times the" not in (stop.get_attribute("title") or "")
    host.widget.export_html(tmp_path / "page.html")
    page = disk(tmp_path / "page.html")
    check(page, trace, own, tokens[-1])
    page.evaluate("document.querySelector('.aw-calculation-steps [aria-current=step]').focus()")
    for _ in range(tokens[-1] - tokens[0]):
        page.keyboard.press("ArrowUp")
    check(page, trace, own, tokens[0])


@pytest.mark.slow
def test_a_decoders_windows_have_queries_as_they_enter_the_product() -> None:
    """Turned by the position in the window, and masked as in a pass of it alone."""
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    model, tokenizer = demo_language_model()
    trace = capture(model, TEXT, tokenizer=tokenizer, windows=14, stride=5, layers=[3])
    for window in (0, 2):
        one = trace.windows[window].trace
        alone: Any = model
        ids = torch.tensor([[token.id for token in one.tokens]], dtype=torch.long)
        heard: dict[str, Any] = {}
        attention = alone.model.layers[3].self_attn
        hooks = [
            getattr(attention, f"{name}_proj").register_forward_hook(
                lambda _module, _args, output, name=name, heard=heard: heard.__setitem__(
                    name, output[None, :, :, :64]
                )
            )
            for name in "qkv"
        ]
        try:
            with torch.no_grad():
                alone(ids)
        finally:
            for hook in hooks:
                hook.remove()
        n = ids.shape[1]
        cos, sin = alone.model.rotary_emb(torch.zeros(1, n, 1), torch.arange(n)[None])
        q, k = (part[0, 0] for part in apply_rotary_pos_emb(heard["q"], heard["k"], cos, sin))
        scaled = q @ k.T / 8
        masked = scaled.masked_fill(torch.ones(n, n, dtype=torch.bool).triu(1), -torch.inf)
        weights = masked.softmax(1)
        known = {
            "q": q,
            "k": k,
            "v": heard["v"][0, 0],
            "scaled": scaled,
            "masked": masked,
            "weights": weights,
            "output": weights @ heard["v"][0, 0],
        }
        for name, expected in known.items():
            found = compute(trace, f"window/{window}/calculation/decoder/3/0/{name}")
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=name)
