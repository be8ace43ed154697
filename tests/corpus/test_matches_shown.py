"""What a search shows is text, whatever a corpus holds."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from attention_widget import capture
from attention_widget.corpus import Index

HOSTILE = "I read a novel <script>alert(1)</script> & <img src=x onerror=alert(2)> in\na day"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_text_becomes_markup(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = minilm
    corpus = '"><svg onload=alert(3)>'
    index = Index(tmp_path / "index", of=("edges", 2, 3), corpus=corpus)
    index.add(model, [HOSTILE, "x </td> half"], tokenizer)
    trace = capture(model, HOSTILE, tokenizer=tokenizer)
    for found in (index.like(trace, 6, n=50, min_weight=0), index.word("script"), index.word("x")):
        page = Tags()
        page.feed(found._repr_html_())
        page.close()
        allowed = {"table", "caption", "thead", "tbody", "tr", "th", "td", "mark", "u"}
        assert page.tags <= allowed
        assert page.attributes <= {"style"}
        assert corpus in page.text
        assert all(part in page.text for match in found for part, _ in match._parts)
        assert all(line.isprintable() for line in repr(found).splitlines())
        assert len(repr(found).splitlines()) == len(found) + 1


def test_a_match_marks_what_was_found(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = minilm
    index = Index(tmp_path / "index", of=("hidden", 3))
    index.add(
        model, ["She read a  good novel, unbelievably, in a day and a night at sea."], tokenizer
    )
    [match] = index.word("novel")
    assert match.context == "She read a  good [novel], unbelievably, in…"
    [match] = index.word("unbelievably")
    assert match.context.count("[unbelievably]") == 1
    assert repr(match).startswith("Match(text 0, token ")
    assert match.end - match.token > 1
    [match] = index.word("day and a night")
    assert "[day and a night] at sea." in match.context
    assert not index.word("elephant")
    assert repr(index.word("elephant")) == "No match for 'elephant', all there are"
