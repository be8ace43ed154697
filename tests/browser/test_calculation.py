"""The calculation view: every step of a head, gone through by keyboard, with Python's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from support import models, predicting
from support.labs import lab_of, made, projection
from support.traces import as_maps, trace

from attention_widget import AttentionWidget, Experiment, capture, compare, from_arrays
from attention_widget.experiments import HeadOff, HeadScale
from attention_widget.export import gather
from attention_widget.trace.calculation import Calculation
from browser.overflow import OVERFLOWS
from browser.page_host import PageHost
from browser.reading import panel_action, view
from browser.settling import settle

pytestmark = pytest.mark.browser

WORDS = ["Tôi", "thích", "học", "AI"]
VI = "Màu tím không có trong cầu vồng"
RESULTS = ("input", "q", "k", "v", "scores", "scaled", "masked", "weights", "output")

# The rows of "Tôi" as a course has them, whose scores are divided by the root of 4.
ROWS = {
    "scaled": (2.32444626, 1.13470157, 2.22122649, 1.56792258),
    "weights": (0.37375874, 0.11373439, 0.33710375, 0.17540311),
    "output": (1.1796727, 0.9217873, 1.45815851, 1.33770808),
}


def panel(page: Page, title: str = "Calculation") -> Locator:
    return view(page, title)


def steps(page: Page) -> Locator:
    return page.locator(".aw-calculation-steps")


def plot(page: Page) -> Locator:
    return page.locator(".aw-calculation")


def lead(page: Page) -> str:
    return page.locator(".aw-calculation-terms b").inner_text()


def number_in(said: str) -> float:
    """Behind the last "=", with whatever decimal sign and minus."""
    return float(said.rsplit("= ", 1)[1].replace("−", "-").replace(",", "."))


def shown_step(page: Page) -> str:
    name = steps(page).locator('[aria-current="step"]').get_attribute("data-step")
    assert name
    return name


def walk(page: Page, to: int) -> Iterable[str]:
    """Goes to the first step, and on to the others, by keyboard."""
    steps(page).locator('[aria-current="step"]').focus()
    page.keyboard.press("Home")
    for place in range(to):
        if place:
            page.keyboard.press("ArrowRight")
        expect(page.locator(".aw-calculation-place")).to_contain_text(f"Step {place + 1} of {to}")
        name = shown_step(page)
        focused = page.evaluate("document.activeElement.dataset.step")
        assert focused == name  # the focus goes along, and is seen
        yield name
    page.keyboard.press("ArrowRight")
    assert shown_step(page) == name  # not beyond the end


def rows_shown(page: Page, name: str, columns: int) -> list[float]:
    """The numbers of the followed row, read one by one from the line that explains them."""
    plot(page).focus()
    page.keyboard.press("Home")
    found = []
    for column in range(columns):
        if column:
            page.keyboard.press("ArrowRight")
        expect(plot(page)).to_be_focused()
        found.append(number_in(lead(page)))
    page.keyboard.press("Escape")
    steps(page).locator(f'[data-step="{name}"]').focus()
    return found


def four_words() -> Any:
    np.random.seed(42)
    x, w_q, w_k, w_v = (np.random.rand(4, 4) for _ in range(4))
    return from_arrays(x=x, w_q=w_q, w_k=w_k, w_v=w_v, tokens=WORDS)


def test_a_student_steps_through_four_words_by_keyboard(
    open_trace: Callable[..., PageHost],
) -> None:
    made = four_words()
    calculation = made.calculation(0, 0)
    host = open_trace(made, views="calculation", token=0, number_format="full", locale="en")
    page = host.page
    seen = []
    for name in walk(page, len(RESULTS)):
        seen.append(name)
        values = calculation[name].values
        read = rows_shown(page, name, values.shape[1])
        assert np.abs(np.array(read) - values[0]).max() <= 1e-6, name
        if name in ROWS:
            assert np.abs(np.array(read) - ROWS[name]).max() <= 1e-6, name
    assert tuple(seen) == RESULTS
    host.expect(calculation_step="output")
    page.keyboard.press("ArrowDown")
    host.expect(token=1)
    assert (
        np.abs(np.array(rows_shown(page, "output", 4)) - calculation["output"].values[1]).max()
        <= 1e-6
    )


def test_numbers_stand_in_the_cells_of_small_matrices(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(four_words(), views="calculation", token=0, calculation_step="weights")
    with host.page.expect_download() as saved:
        panel_action(panel(host.page), "svg").click()
    figure = saved.value.path().read_text(encoding="utf-8")
    for number in (*ROWS["weights"], *ROWS["scaled"]):
        assert f">{number:.3f}<" in figure
    assert "softmax" in figure
    assert "Exact: computed from the arrays" in figure


def numbers_of_every_step(page: Page, calculation: Calculation, row: int) -> list[str]:
    """Each step explains a number of the row, which is Python's."""
    seen = []
    n = len([step for step in calculation.steps if not step.name.startswith(("w_", "b_"))])
    for name in walk(page, n):
        settle(page)
        said = lead(page)
        values = calculation[name].values[row]
        found = number_in(said)
        assert np.abs(values - found).min() <= 1e-6 * max(
            1, np.abs(values[np.isfinite(values)]).max()
        )
        if values.shape == (len(values),) and name not in ("scores", "scaled", "masked", "weights"):
            column = int(said.split("]")[-2].rsplit(", ", 1)[1]) if "]" in said else 0
            assert found == pytest.approx(float(values[column]), rel=2e-6, abs=1e-7), (name, said)
        seen.append(name)
    return seen


def test_minilms_numbers_are_pythons(
    open_widget: Callable[..., PageHost], minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    text = "Attention is a novel idea."
    kept = capture(model, text, tokenizer=tokenizer, keep_weights=True)
    host = open_widget(
        text, views="calculation", layer=2, heads=4, token=4, number_format="full", locale="en"
    )
    seen = numbers_of_every_step(host.page, kept.calculation(2, 4), 4)
    assert seen[0] == "input"
    assert seen[-1] == "block"
    expect(panel(host.page).locator(".aw-note")).to_contain_text("Exact: the model’s own numbers.")
    expect(panel(host.page).locator(".aw-warning")).to_be_hidden()


TURN = re.compile(
    r"\(?(\S+?)\)? × \(?(\S+?)\)? ([−+]) \(?(\S+?)\)? × \(?(\S+?)\)? · dimensions i = (\d+) and "
    r"j = (\d+) are turned by θ = position (\d+) × (\S+) = (\S+) rad: cos θ = (\S+), sin θ = (\S+)$"
)


def angles_are_explained(page: Page, calculation: Calculation, row: int) -> None:
    """What is said of a turned number makes it: its two numbers, the angle, and its sine."""
    rotation = calculation.rotation
    assert rotation
    before, after = calculation["q"].values[row], calculation["q_rotated"].values[row]
    plot(page).focus()
    page.keyboard.press("Home")
    for column in range(40):  # beyond the middle, where the second of a pair stands
        if column:
            page.keyboard.press("ArrowRight")
        said = page.locator(".aw-calculation-terms span").inner_text().replace("\u2212", "-")
        found = TURN.search(said.replace(" - ", " − "))
        assert found, said
        own, cos, sign, other, sin, i, j, place, frequency, angle, *again = found.groups()
        pair = [int(i), int(j)]
        at = rotation.pairs.tolist().index(pair)
        assert column in pair
        assert (sign == "−") == (column == pair[0])
        partner = sum(pair) - column
        assert [float(own), float(other)] == pytest.approx(
            before[[column, partner]], rel=1e-5, abs=1e-6
        )
        assert int(place) == row
        assert float(frequency) == pytest.approx(rotation.frequencies[at], rel=1e-6)
        assert float(angle) == pytest.approx(rotation.angles[row, at], rel=1e-6)
        turn = [np.cos(float(angle)), np.sin(float(angle))]
        assert [float(cos), float(sin)] == pytest.approx(turn, rel=1e-6, abs=2e-6)
        assert [cos, sin] == again
        made = float(own) * float(cos) + (-1 if sign == "−" else 1) * float(other) * float(sin)
        assert made == pytest.approx(after[column], rel=1e-5, abs=1e-5)
        assert number_in(lead(page)) == pytest.approx(after[column], rel=1e-5, abs=1e-6)
    page.keyboard.press("Escape")


@pytest.mark.slow
def test_smollms_numbers_are_pythons_before_and_after_rotation(
    show: Callable[..., PageHost],
    smollm: tuple[Any, Any],
    disk: Callable[..., Page],
    tmp_path: Path,
) -> None:
    model, tokenizer = smollm
    text = "When Mary and John went to the store"
    kept = capture(model, text, tokenizer=tokenizer, keep_weights=True)
    widget = AttentionWidget(
        model,
        text,
        tokenizer=tokenizer,
        views="calculation",
        layer=5,
        heads=4,
        token=3,
        number_format="full",
        locale="en",
    )
    host = show(widget)
    seen = numbers_of_every_step(host.page, kept.calculation(5, 4), 3)
    assert {"hidden", "input", "q_rotated", "k_rotated", "block"} <= set(seen)
    rotated = steps(host.page).locator('[data-step="q_rotated"]')
    rotated.click()
    host.expect(calculation_step="q_rotated")
    expect(host.page.locator(".aw-calculation-formula")).to_contain_text("θ = position · ω")
    angles_are_explained(host.page, kept.calculation(5, 4), 3)
    widget.export_html(tmp_path / "page.html")
    page = disk(tmp_path / "page.html")
    assert shown_step(page) == "q_rotated"
    angles_are_explained(page, kept.calculation(5, 4), 3)
    host.select(calculation_step="masked")
    expect(panel(host.page).locator(".aw-legend")).to_contain_text("masked")


def test_the_row_and_column_of_a_number_are_pointed_at(open_trace: Callable[..., PageHost]) -> None:
    made = four_words()
    host = open_trace(made, views="calculation", token=0, calculation_step="scores")
    page = host.page
    box = plot(page).bounding_box()
    assert box
    cells = page.evaluate(RESULT_BOX)
    page.mouse.move(cells["x"] + 2.5 * cells["width"] / 4, cells["y"] + 1.5 * cells["height"] / 4)
    expect(page.locator(".aw-calculation-terms b")).to_contain_text("scores[thích, học]")
    q, k = (made.calculation(0, 0)[name].values for name in "qk")
    terms = page.locator(".aw-calculation-terms span").inner_text()
    assert terms == "= " + " + ".join(f"{a:.3f} × {b:.3f}" for a, b in zip(q[1], k[2], strict=True))
    host.expect(token=0)  # pointing selects nothing
    page.mouse.down()
    page.mouse.up()
    host.expect(token=1, key_token=2)


# The last of the three matrices lies at the right end; its rows are 26 pixels high.
RESULT_BOX = """() => {
  const plot = document.querySelector(".aw-calculation");
  const canvas = plot.querySelector("canvas");
  const {left, top} = canvas.getBoundingClientRect();
  const {x, y, width, height} = JSON.parse(plot.dataset.result);
  return {x: left + x, y: top + y, width, height};
}"""


def test_the_step_is_told_and_kept_in_the_link(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(four_words(), views="calculation", token=0)
    page = host.page
    steps(page).locator('[aria-current="step"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".aw-live")).to_contain_text("Step 6 of 9: scaled")
    host.expect(calculation_step="scaled")
    page.get_by_role("button", name="previous step").click()
    host.expect(calculation_step="scores")
    height = plot(page).evaluate("node => node.offsetHeight")
    for name in RESULTS:
        host.select(calculation_step=name)
        host.settle()
        assert plot(page).evaluate("node => node.offsetHeight") == height


def test_a_trace_without_weights_says_so(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(trace((2,)), views="calculation", token=1)
    expect(panel(host.page).locator(".aw-warning")).to_contain_text("keep_weights=True")
    assert steps(host.page).locator('[data-step="input"]').count() == 0
    assert steps(host.page).locator('[data-step="scores"]').count() == 1


def test_maps_alone_have_one_step(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(as_maps(trace((2,))), views="calculation", token=1)
    expect(panel(host.page).locator(".aw-warning")).to_contain_text("Only the weights")
    assert shown_step(host.page) == "weights"


def test_a_saved_page_has_the_calculation(save: Callable[..., Page]) -> None:
    made = four_words()
    page = save(
        made, views="calculation", calculation_step="weights", token=0, number_format="full"
    )
    assert shown_step(page) == "weights"
    read = rows_shown(page, "weights", 4)
    assert np.abs(np.array(read) - ROWS["weights"]).max() <= 1e-6


@pytest.mark.parametrize("is_small", [True, False])
def test_lines_and_calculation_say_one_number_of_one_weight(
    is_small: bool, minilm: tuple[Any, Any], save: Callable[..., Page], monkeypatch: Any
) -> None:
    """To all digits that a small page shows, and to those that a rounded one does."""
    if not is_small:
        monkeypatch.setattr(gather, "EXACT_WEIGHTS", 0)
    model, tokenizer = minilm
    made = capture(model, "I read a good purple novel about algae fuel.", tokenizer=tokenizer)
    views = ["lines", "calculation"]
    page = save(
        made,
        views=views,
        calculation_step="weights",
        layer=2,
        heads=[5],
        token=3,
        number_format="full",
    )
    assert shown_step(page) == "weights"
    calculated = rows_shown(page, "weights", len(made.tokens))
    of_lines = page.locator(".aw-view-lines .aw-keys .aw-weight").all_inner_texts()
    assert len(of_lines) == len(calculated)
    for said, number in zip(of_lines, calculated, strict=True):
        if is_small:
            assert float(said) == pytest.approx(number, rel=2e-6)
        else:
            assert said == ("<0.001" if number < 5e-4 else f"{number:.3f}"), number


@pytest.mark.parametrize("width", [640, 1280])
def test_nothing_is_wider_than_the_page(open_widget: Callable[..., PageHost], width: int) -> None:
    host = open_widget(VI * 8, views="calculation", token=5, locale="vi")
    host.page.set_viewport_size({"width": width, "height": 900})
    for name in ("q", "scores", "written"):
        host.select(calculation_step=name)
        host.settle()
        wide = host.page.evaluate(OVERFLOWS)
        assert wide == [], (name, wide)


@pytest.mark.parametrize("is_page", [False, True])
def test_a_pass_with_edits_ends_with_what_the_model_had(
    is_page: bool, show: Callable[..., PageHost], save: Callable[..., Page]
) -> None:
    """A head that is switched off is not drawn as if it were on."""
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model,
        predicting.NOVEL,
        tokenizer=tokenizer,
        views="calculation",
        layer=1,
        heads=2,
        token=3,
        calculation_step="edited",
        number_format="full",
        locale="en",
        edits=[HeadScale(1, 2, -0.5), HeadOff(1, 0)],
        shown_pass="after",
    )
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    given: list[Any] = []
    handle = model.get_submodule(projection(lab, 1)).register_forward_pre_hook(
        lambda _, args: given.append(args[0][0].clone())
    )
    lab.trace_of(HeadScale(1, 2, -0.5), HeadOff(1, 0))
    handle.remove()
    heads = given[-1].reshape(len(lab.trace.tokens), lab.trace.count_heads(1), -1).numpy()
    host = None if is_page else show(widget)
    page = save(widget) if host is None else host.page
    for head in (2,) if host is None else (2, 0):
        if host is not None:
            host.select(heads=head)
        expect(panel(page).locator(".aw-note")).to_contain_text(f"head {head}")
        settle(page)
        assert shown_step(page) == "edited"
        read = rows_shown(page, "edited", heads.shape[2])
        np.testing.assert_allclose(read, heads[3, head], rtol=1e-6, atol=1e-7)
        assert any(read) == (head == 2)


def test_what_the_weights_leave_goes_to_the_sink(
    show: Callable[..., PageHost], save: Callable[..., Page]
) -> None:
    """The row and the sink's share sum to 1, as the model's own softmax has them."""
    lab = lab_of(made("gpt_oss", "eager"))
    layer, head, token = 1, 2, 5
    widget = AttentionWidget(
        lab.model,
        models.TEXT,
        tokenizer=models.tokenizer(),
        views="calculation",
        layer=layer,
        heads=head,
        token=token,
        calculation_step="weights",
        locale="en",
    )
    ids = torch.tensor([[one.id for one in widget.trace.tokens]], dtype=torch.long, device="cpu")
    with torch.no_grad():
        own = lab.model(ids, output_attentions=True).attentions[layer][0, head, token]
    share = 1 - own.double().sum().item()
    assert 0.01 < share < 0.99
    steps = lab.calculation(layer, head)
    assert steps["sunk"].values[token, 0] == pytest.approx(share, abs=1e-6)
    np.testing.assert_allclose(
        steps["weights"].values.sum(1) + steps["sunk"].values[:, 0], 1.0, atol=1e-6
    )
    logit = float(steps["sink"].values[token, 0])
    for page in (show(widget).page, save(widget)):
        terms = page.locator(".aw-calculation-terms")
        expect(terms).to_contain_text("to the sink: ")
        sum_of, said = terms.inner_text().rsplit(" · to the sink: ", 1)
        assert float(said) == pytest.approx(share, abs=6e-4)
        assert sum_of.replace("\u2212", "-").endswith(f" + exp({logit:.3f}))")


def test_no_matrix_of_a_long_text_crosses_whole(open_trace: Callable[..., PageHost]) -> None:
    """Of queries × keys the browser gets a picture and the lines that it explains."""
    n = 1200
    vectors = np.random.default_rng(0).normal(size=(3, n, 4))
    q, k, v = vectors
    made = from_arrays(q=q, k=k, v=v, tokens=[f"t{at}" for at in range(n)])
    host = open_trace(made, views="calculation", token=700, number_format="full", locale="en")
    found = made.calculation(0, 0)
    seen = []
    for name in walk(host.page, 8):
        settle(host.page)
        seen.append(name)
        value = number_in(lead(host.page))
        assert np.abs(found[name].values[700] - value).min() <= 2e-6 * max(1, abs(value))
    asked = [key.split("/") for key in host.asked if key.startswith("calculation")]
    whole = {key[4] for key in asked if key[0] == "calculation"}
    assert whole <= {"q", "k", "v", "output"}
    maps = {key[4]: key[5:] for key in asked if key[0] == "calculation_map"}
    assert {"scores", "scaled", "masked", "weights"} <= {*maps}
    assert all(int(down) >= 2 and int(across) >= 2 for down, across in (maps["scores"],))


@pytest.mark.parametrize("is_page", [False, True])
def test_each_side_of_a_comparison_has_its_calculation(
    is_page: bool,
    show: Callable[..., PageHost],
    save: Callable[..., Page],
    minilm: tuple[Any, Any],
) -> None:
    """The difference has none, and says so in the reader's language."""
    model, tokenizer = minilm
    texts = ("a good idea", "a bad novel")
    first, second = ((model, text, tokenizer) for text in texts)
    contrast = compare(first, second)
    widget = AttentionWidget(
        contrast,
        views="calculation",
        shown_pass="difference",
        layer=2,
        heads=4,
        token=2,
        calculation_step="q",
        number_format="full",
        locale="vi",
    )
    page = save(widget) if is_page else show(widget).page
    one, other = contrast.names
    words = f"Hãy hiện {one} hoặc {other}"
    expect(panel(page, "Phép tính").locator(".aw-note")).to_contain_text(words)
    for name, text in zip((one, other), texts, strict=True):
        page.locator(".aw-comparison").get_by_role("button", name=name, exact=True).click()
        page.wait_for_function("document.querySelector('.aw-calculation-stop')")
        settle(page)
        assert shown_step(page) == "q"
        own = Experiment(model, text, tokenizer=tokenizer).calculation(2, 4)
        read = rows_shown(page, "q", 32)
        np.testing.assert_allclose(read, own["q"].values[2], rtol=2e-6, atol=1e-7)


def test_a_side_with_edits_is_calculated_and_told_in_the_readers_language(
    show: Callable[..., PageHost],
) -> None:
    model, tokenizer = predicting.causal()
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    contrast = compare(lab, lab.without(HeadOff(1, 2)))
    host = show(
        AttentionWidget(
            contrast,
            views=["calculation", "attribution"],
            shown_pass="after",
            layer=1,
            heads=2,
            token=3,
            calculation_step="edited",
            locale="ru",
        )
    )
    page = host.page
    page.wait_for_function("document.querySelector('.aw-calculation-stop')")
    assert shown_step(page) == "edited"
    assert not any(rows_shown(page, "edited", contrast.traces[1].block(1).value.shape[2]))
    for words in page.locator(".aw-view .aw-note, .aw-view .aw-warning").all_inner_texts():
        assert not re.search(r"[A-Za-z]{4,} [A-Za-z]{3,} [A-Za-z]{3,}", words), words
    expect(page.locator(".aw-view-attribution")).to_contain_text(
        "Для прохода с правками это неизвестно"
    )
