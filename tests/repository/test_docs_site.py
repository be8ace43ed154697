"""The site of the documentation: built without a warning, and no link in it is dead."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import docs_links
import docs_site
import pytest
from docs_live import PAGES
from support.repository import ROOT

from attention_widget import AttentionWidget

PAGE = '<h1 id="here">A page</h1><a href="other.html#there">on</a><img src="a.png">'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of two pages without a flaw."""
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    (tmp_path / "other.html").write_text('<p id="there">…<a href="index.html">back</a>', "utf-8")
    (tmp_path / "a.png").touch()
    return tmp_path


def test_a_good_site_has_no_flaw(small: Path) -> None:
    assert docs_links.flaws(small) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('<a href="none.html">', "no such file"),
        ('<a href="other.html#nowhere">', "no such place"),
        ('<a href="#nowhere">', "no such place"),
        ('<img src="none.png">', "no such file"),
        ('<a href="https://nowhere">', "is no address"),
        ('<script src="https://cdn.test/x.js"></script>', "from another machine"),
        ('<link rel="stylesheet" href="//cdn.test/x.css">', "from another machine"),
    ],
)
def test_each_flaw_is_found(small: Path, more: str, said: str) -> None:
    (small / "index.html").write_text(PAGE + more, "utf-8")
    assert any(said in flaw for flaw in docs_links.flaws(small))


def test_a_page_that_sphinx_would_overwrite_is_a_flaw() -> None:
    assert len(docs_site.taken(["start", "search", "genindex"])) == 2
    assert not docs_site.taken(path.stem for path in (ROOT / "docs").glob("*.md"))


def test_constructors_take_the_options_as_one_keyword() -> None:
    """They have a page of their own; ``heads`` of a saved page are no option."""
    docstrings = runpy.run_path(str(ROOT / "docs" / "_ext" / "docstrings.py"))

    def shown(what: str, value: object) -> str | None:
        given = (None, what, "", value, None, "(**kwargs)", None)
        found: tuple[str, str | None] | None = docstrings["signed"](*given)
        return None if found is None else found[0]

    for what, value in [("class", AttentionWidget), ("method", AttentionWidget.from_trace)]:
        text = shown(what, value)
        assert text is not None
        assert text.endswith("**options)")
        assert "shown_pass" not in text
        assert "atlas: " in text
    assert shown("method", AttentionWidget.to_html) is None
    lines = ["A widget.", "", "More."]
    docstrings["with_options"](None, "method", "", AttentionWidget.from_trace, None, lines)
    assert lines == ["A widget.", "", docstrings["OPTIONS"], "", "More."]


def test_each_live_page_stands_in_a_page_and_no_other_does() -> None:
    pages = [path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r'data-live="live/(\w+)\.html"', page)}
    assert named == set(PAGES)


@pytest.mark.slow
def test_the_site_is_built_without_a_flaw(tmp_path: Path) -> None:
    assert docs_site.build(tmp_path / "html") == []
    page = (tmp_path / "html" / "reference" / "widget.html").read_text("utf-8")
    signature = re.sub(r"<[^>]+>", "", page[page.index('<dt class="sig ') :].partition("</dt>")[0])
    assert "text_pair" in signature
    assert "**options" in signature
    assert "combine" not in signature  # the options stand once, on a page of their own
    assert "args" not in signature
    assert "Does my model work?" in page  # in the sidebar
