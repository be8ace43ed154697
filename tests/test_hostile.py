"""What a model or a person wrote is text wherever it goes: pages, files, states, errors."""

from __future__ import annotations

import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.archives import manifest
from support.compared import same
from support.hostile import ALL, LONG, NAME, harmless, hostile_trace, invisible
from support.traces import chat, encoder_decoder, trace
from traitlets import TraitError

from attention_widget import AttentionWidget, Trace
from attention_widget._util.unicode import sendable
from attention_widget.cli.command import main
from attention_widget.protocol.option_values import VIEWS


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attributes)))


@pytest.mark.parametrize("assets", ["inline", "beside"])
def test_a_page_has_the_elements_of_any_other(assets: Any, tmp_path: Path) -> None:
    made = hostile_trace()
    pages = []
    for one in (made, harmless(made)):
        path = tmp_path / "page.html"
        AttentionWidget.from_trace(one, views=VIEWS).export_html(path, assets=assets)
        pages.append(path.read_text(encoding="utf-8"))
    blocks = [page.count('id="aw-block-') for page in pages]
    found = [
        [one for one in Elements(page).found if one != ("script", ("type", "id"))] for page in pages
    ]
    assert found[0] == found[1]
    assert blocks[0] == blocks[1]
    (title,) = re.findall(r"<title>(.*?)</title>", pages[0], re.DOTALL)
    assert "<" not in title
    assert invisible(pages[0]) == invisible(pages[1])


def test_what_a_page_carries_is_what_was_given() -> None:
    tokens = manifest(AttentionWidget.from_trace(hostile_trace()).to_html())["state"]["meta"][
        "tokens"
    ]
    assert [token["text"] for token in tokens] == [sendable(text) for text in ALL]


@pytest.mark.parametrize("text", [*ALL, LONG], ids=lambda text: ascii(text[:20]))
def test_a_trace_file_and_a_state_hold_it(text: str, tmp_path: Path) -> None:
    made = trace(heads=(2,), dim=2)
    made = replace(
        made,
        tokens=(replace(made.tokens[0], label=text, text=text), *made.tokens[1:]),
        texts=(text,),
        model_name=text,
    )
    made.save(tmp_path / "trace")
    loaded = Trace.load(tmp_path / "trace")
    assert same(loaded, made) or text == "\ud83d\udc9c"  # JSON joins it
    state = json.loads(json.dumps(AttentionWidget.from_trace(made).state))
    assert AttentionWidget.from_state(state, trace=loaded).state == state
    assert state["model_name"] == loaded.model_name


@pytest.mark.parametrize("made", [hostile_trace(), chat(), encoder_decoder()])
def test_all_that_goes_to_the_browser_is_utf8(made: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that is not never arrives: the cell would stay empty."""
    bad = "a\ud83d"
    target = made.target and replace(
        made.target, tokens=tuple(replace(token, text=bad) for token in made.target.tokens)
    )
    made = replace(
        made, texts=(bad,) * len(made.texts), roles=(bad,) * len(made.roles), target=target
    )
    said: list[Any] = []
    monkeypatch.setattr(
        AttentionWidget, "send", lambda _, content, buffers=None: said.append(content)
    )
    widget = AttentionWidget.from_trace(made)
    json.dumps(widget.get_state(), ensure_ascii=False).encode("utf-8")
    wishes = [{"id": 1, "key": bad}]
    widget._handle_custom_msg({"kind": "tensors", "run": 1, "wishes": wishes}, [])
    json.dumps(said, ensure_ascii=False).encode("utf-8")
    assert "error" in said[0]


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_a_model_reads_it_or_says_why_not(text: str, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, "a novel", tokenizer=tokenizer)
    before = widget.get_state()
    refused = re.search("[\ud800-\udfff]", text) or not text.strip()
    if refused or not tokenizer(text, add_special_tokens=False)["input_ids"]:
        why = r"text must (not be empty|be text that|hold a character|be one of which)"
        with pytest.raises(TraitError, match=why):
            widget.text = text
        assert widget.get_state() == before
    else:
        widget.text = text
        assert widget.text == text
        labels = "".join(token.label for token in widget.trace.tokens)
        assert not invisible(labels) - {"\u200c", "\u200d"}


def test_the_repr_is_one_line_that_steers_nothing() -> None:
    said = repr(AttentionWidget.from_trace(hostile_trace()))
    assert "\n" not in said
    assert not invisible(said)


@pytest.mark.parametrize("option", ["--model", "--target", "-o"])
def test_the_command_says_what_is_wrong_in_one_plain_line(
    option: str,
    minilm_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    steering = "\x1b[31m\u202eno\nsuch\x00/\ud83d\x9b"
    try:
        code = main(["a", option, steering])
    except SystemExit as left:
        code = int(str(left.code))
    assert code in (1, 2)
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("attention-widget: ")
    assert not invisible(said)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_model_is_no_path(tmp_path: Path) -> None:
    """Where the name goes into the name of a file, it is the browser that saves it."""
    AttentionWidget.from_trace(replace(trace(), model_name=NAME)).export_html(tmp_path / "a.html")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
