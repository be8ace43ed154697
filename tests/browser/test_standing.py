"""The picture stands without its kernel, in a real JupyterLab 4: ended, restarted, or saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from attention_widget import AttentionWidget, HeadAtlas
from browser import settling
from browser.lab import Lab, Notebook
from browser.picking import choose_head, choose_layer, expect_layer
from browser.reading import (
    Pixels,
    as_weight,
    key_weights,
    lines,
    lines_canvas,
    neurons,
    query_row,
    softmax,
    text,
    unit,
)

pytestmark = pytest.mark.lab

SENTENCE = "Attention is a novel idea"
GONE = "The kernel is gone, and this was not loaded before. Re-run the cell."
GO_ON = "To continue or to run another text, re-run the cell."
SHOW = """\
from attention_widget import AttentionWidget

w = AttentionWidget({folder!r}, {sentence!r}, layer=0, views=["lines", "grid", "neuron", "text"])
w"""
ATLAS = """\
from attention_widget import HeadAtlas

HeadAtlas.load("heads.atlas").show({given}layer=2, heads=3)"""
WITH_MODEL = "{folder!r}, 'A good book', views=['atlas'], "
# Once it is told to, it keeps all other threads of the kernel from running, as a long computation
# in C may: before, the kernel must have said that it is busy.
HOLD = """\
import ctypes, pathlib, sys, time
print("it runs", flush=True)
while not pathlib.Path("hold").exists(): time.sleep(0.05)
c = ctypes.PyDLL(None)  # its functions keep the interpreter's lock
sys.setswitchinterval(3600)
c.close(c.creat(b"held", 0o600))
while c.access(b"let go", 0): c.usleep(20_000)
sys.setswitchinterval(0.005)"""
CONTROLS = """() => {
  const root = document.querySelector(".attention-widget");
  const { left: x, top: y } = root.getBoundingClientRect();
  const found = root.querySelectorAll(".aw-top, .aw-top :is(button, select, textarea)");
  return [...found].flatMap((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return width ? [[one.className, left - x, top - y, width, height].join(" ")] : [];
  });
}"""
HAVE_A_KERNEL = """
async () => {
  const { sessionContext } = jupyterapp.shell.currentWidget;
  if (!sessionContext.session?.kernel) await sessionContext.changeKernel({ name: "python3" });
}
"""
SETTINGS = "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Saves the state of widgets with the notebook."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / SETTINGS).parent.mkdir(parents=True)
    (folder / SETTINGS).write_text('{"saveState": true}')
    server = Lab(folder)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def opened(
    lab: Lab, chromium: Browser, bundle: None, minilm_path: Path
) -> Iterator[tuple[Notebook, list[str]]]:
    """A notebook, and the errors in the browser's console."""
    lab.write("widget.ipynb", SHOW.format(folder=str(minilm_path), sentence=SENTENCE), HOLD)
    context = chromium.new_context(viewport={"width": 1400, "height": 1500})
    said: list[str] = []
    context.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    notebook = Notebook(lab, "widget.ipynb", context)
    yield notebook, said
    notebook.page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    context.close()
    assert not notebook.outside
    # JupyterLab's own, of what it asked a kernel that is gone.
    assert not [each for each in notebook.complaints if "Canceled future" not in each]


@pytest.fixture
def notebook(opened: tuple[Notebook, list[str]]) -> Notebook:
    """It shows layer 3, head 7 and token 4, with layer 1 looked at before."""
    notebook, said = opened
    notebook.page.evaluate(HAVE_A_KERNEL)
    notebook.command("notebook:clear-all-cell-outputs")
    said.clear()
    run(notebook)
    choose_layer(notebook.page, 1)
    choose_head(notebook.page, 7)
    query_row(notebook.page, 4).click()
    settle(notebook)
    choose_layer(notebook.page, 3)
    settle(notebook)
    return notebook


@pytest.fixture
def said(opened: tuple[Notebook, list[str]]) -> list[str]:
    """Errors in the browser's console."""
    return opened[1]


@pytest.fixture(scope="module")
def here(minilm: tuple[Any, Any]) -> AttentionWidget:
    """The same widget in this process, for its numbers."""
    return AttentionWidget(minilm[0], SENTENCE, tokenizer=minilm[1], layer=0)


def run(notebook: Notebook) -> None:
    notebook.run_cell(0)
    expect(standing(notebook)).to_be_hidden()
    expect(neurons(notebook.page)).to_be_visible()
    settle(notebook)


def run_again(notebook: Notebook, here: AttentionWidget) -> None:
    """The cell is run again, and all is as ever."""
    run(notebook)
    choose_layer(notebook.page, 5)
    choose_head(notebook.page, 7)
    query_row(notebook.page, 4).click()
    settle(notebook)
    assert errors(notebook) == []
    assert key_weights(notebook.page) == shown(here.trace.attention(5)[7, 4])


def standing(notebook: Notebook) -> Locator:
    return notebook.page.locator(".attention-widget .aw-standing")


def controls(notebook: Notebook) -> list[str]:
    """Where those of the first line stand in the widget."""
    found: list[str] = notebook.page.evaluate(CONTROLS)
    return found


def settle(notebook: Notebook) -> None:
    notebook.page.mouse.move(0, 0)
    settling.settle(notebook.page, views=4)


def shown(weights: Any) -> dict[int, str]:
    return {key: as_weight(weight) for key, weight in enumerate(weights)}


def picture(notebook: Notebook) -> Pixels:
    return settling.pixels_at_rest(lines_canvas(notebook.page))


def errors(notebook: Notebook) -> list[str]:
    return [
        alert.inner_text()
        for alert in notebook.page.locator(".attention-widget").get_by_role("alert").all()
    ]


def kill(notebook: Notebook) -> None:
    notebook.page.evaluate(
        """() => {
             const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
             kernel.requestExecute({ code: "import os; os._exit(1)" }).done.catch(() => {});
           }"""
    )
    dialog = notebook.page.get_by_role("dialog").filter(has_text="appears to have died")
    dialog.get_by_role("button", name="Ok").click()


def restart(notebook: Notebook) -> None:
    notebook.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )


def shut_down(notebook: Notebook) -> None:
    notebook.command("kernelmenu:shutdown")


@pytest.mark.parametrize("end", [kill, restart, shut_down])
def test_the_picture_stands_when_the_kernel_is_gone(
    end: Callable[[Notebook], None],
    notebook: Notebook,
    here: AttentionWidget,
    said: list[str],
) -> None:
    page, before = notebook.page, picture(notebook)
    controls_before = controls(notebook)
    expect(standing(notebook)).to_be_hidden()
    end(notebook)
    # What to do for another text is read without going to the text box, and no control moves.
    expect(standing(notebook)).to_be_visible()
    expect(standing(notebook)).to_have_text(
        f"The kernel is gone. You can still look at what is shown. {GO_ON}"
    )
    settle(notebook)
    assert {*controls(notebook)} <= {*controls_before}  # there are no examples to run
    np.testing.assert_array_equal(picture(notebook), before)
    assert key_weights(page) == softmax(page) == shown(here.trace.attention(3)[7, 4])
    box = page.get_by_role("textbox", name="Text", exact=True)
    expect(box).not_to_be_editable()
    reason = page.get_by_text("To run another text, re-run the cell.", exact=True)
    expect(reason).to_be_hidden()
    box.focus()
    expect(reason).to_be_visible()
    box.evaluate("(box) => box.blur()")

    # What has come can be looked at: other tokens, heads and layers.
    query_row(page, 2).hover()
    settling.settle(page)
    assert key_weights(page) == shown(here.trace.attention(3)[7, 2])
    choose_layer(page, 1)
    settle(notebook)
    assert key_weights(page) == softmax(page) == shown(here.trace.attention(1)[7, 4])
    choose_head(page, 2)
    settle(notebook)
    assert key_weights(page) == shown(here.trace.attention(1)[2, 4])
    unit(page, 5).click()
    expect(query_row(page, 5)).to_contain_class("aw-selected")
    settling.settle(page)
    assert key_weights(page) == shown(here.trace.attention(1)[2, 5])

    # What has not says so, in its view, at once.
    choose_layer(page, 5)
    settle(notebook)
    for view in (lines(page), neurons(page), text(page)):
        expect(view.get_by_role("alert")).to_have_text(GONE)
    assert set(errors(notebook)) == {GONE}
    assert not [line for line in said if "idget" in line or "Cannot send" in line]

    if end is not shut_down:  # the cell is run again, in the new kernel
        run_again(notebook, here)


def test_a_text_on_its_way_does_not_run_for_ever(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run_code(
        "import time\n"
        "from torch.nn import Module\n"
        "call = Module.__call__\n"
        "Module.__call__ = lambda *a, **k: (time.sleep(1), call(*a, **k))[1]"
    )
    box = page.get_by_role("textbox", name="Text", exact=True)
    box.fill("I read a good novel.")
    box.press("Enter")
    expect(page.locator(".aw-run")).to_have_text("Running …")
    restart(notebook)
    expect(standing(notebook)).to_be_visible()
    expect(page.locator(".aw-run")).to_be_hidden()
    expect(page.locator(".attention-widget")).not_to_have_attribute("data-busy", "")
    expect(page.locator(".aw-waiting")).to_have_text("")


def test_a_kernel_that_runs_a_cell_is_said_to(notebook: Notebook) -> None:
    page = notebook.page
    page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    printed = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stdout"]')
    expect(printed).to_have_text("it runs")
    (notebook.lab.notebooks / "hold").touch()
    held = notebook.lab.notebooks / "held"  # else it still answers what comes first
    notebook.wait(held.exists, lambda: "the kernel does not hold")
    choose_layer(page, 5)
    waiting = page.locator(".aw-waiting")
    expect(waiting).to_have_text("waiting: the kernel is running a cell …")
    (notebook.lab.notebooks / "let go").touch()
    expect(waiting).to_have_text("")
    settle(notebook)
    assert errors(notebook) == []


def test_a_saved_notebook_shows_the_widget_without_its_kernel(
    notebook: Notebook, here: AttentionWidget
) -> None:
    page, before = notebook.page, picture(notebook)
    notebook.save()
    shut_down(notebook)
    expect(standing(notebook)).to_contain_text("The kernel is gone")
    notebook.reload()  # in a new kernel, which knows nothing of it

    expect(neurons(page)).to_be_visible()
    settle(notebook)
    expect(standing(notebook)).to_have_text(
        f"Shown from the saved notebook, without a kernel. {GO_ON}"
    )
    assert errors(notebook) == []
    expect_layer(page, 3)
    np.testing.assert_array_equal(picture(notebook), before)
    assert key_weights(page) == softmax(page) == shown(here.trace.attention(3)[7, 4])
    choose_layer(page, 1)
    settle(notebook)
    assert key_weights(page) == softmax(page) == shown(here.trace.attention(1)[7, 4])

    run_again(notebook, here)


@pytest.mark.parametrize("given", [WITH_MODEL, ""], ids=["with the model", "alone"])
def test_a_saved_notebook_shows_the_atlas_that_was_looked_at(
    lab: Lab, chromium: Browser, bundle: None, minilm_path: Path, atlas: HeadAtlas, given: str
) -> None:
    """Its heads, and the examples of the head whose card was open; of another head it says so."""
    atlas.save(lab.notebooks / "heads.atlas")
    lab.write("atlas.ipynb", ATLAS.format(given=given.format(folder=str(minilm_path))))
    context = chromium.new_context(viewport={"width": 1200, "height": 1300})
    notebook = Notebook(lab, "atlas.ipynb", context)
    page = notebook.page
    title = page.locator(".aw-view-atlas .aw-atlas-title")
    weights = page.locator(".aw-view-atlas [data-example] b")
    wanted = [as_weight(example.weight) for example in atlas.examples(2, 3)]
    notebook.run_cell(0)
    expect(weights).to_have_text(wanted)
    notebook.save()
    shut_down(notebook)
    expect(standing(notebook)).to_contain_text("The kernel is gone")
    notebook.reload()
    expect(weights).to_have_text(wanted)
    expect(title).to_contain_text("layer 2, head 3")
    expect(standing(notebook)).to_contain_text("Shown from the saved notebook")
    page.locator(".aw-view-atlas .aw-atlas-scatter").press("l")
    expect(title).to_contain_text("layer 3, head 3")
    expect(page.locator(".aw-view-atlas")).to_contain_text(GONE)
    expect(page.locator(".aw-view-atlas")).not_to_contain_text("model cannot be asked")
    page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    context.close()
