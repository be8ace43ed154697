"""Where a user wants a file: asked before the work, in the user's own words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import traces

from attention_widget import AttentionWidget, Trace
from attention_widget._util.files import place_for, user_path
from attention_widget.cli import command, page_file
from attention_widget.trace import storage
from attention_widget.widget import saved_widget as module

Write = Callable[[Any], object]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder, apart from the one that we work in."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(here)
    return home


def export(path: Any) -> None:
    AttentionWidget.from_trace(traces.trace()).export_html(path)


def export_beside(path: Any) -> None:
    AttentionWidget.from_trace(traces.trace()).export_html(path, assets="beside")


def save(path: Any) -> None:
    traces.trace().save(path)


WRITERS: tuple[Write, ...] = (export, export_beside, save)


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is made and no model runs."""

    def work(*_: object, **__: object) -> None:
        raise AssertionError("work was done before the path was looked at")

    monkeypatch.setattr(module, "export", work)
    monkeypatch.setattr(storage, "_describe", work)
    monkeypatch.setattr(page_file, "AttentionWidget", work)


WRONG: dict[str, tuple[type[Exception], str]] = {
    "": (ValueError, "path must be the name of a file, got ''"),
    "  ": (ValueError, "path must be the name of a file, got '  '"),
    "a\0b": (ValueError, r"path must be the name of a file, got 'a\x00b'"),
    "~": (IsADirectoryError, "'~' is a folder; give the name of a file in it"),
    ".": (IsADirectoryError, "'.' is a folder; give the name of a file in it"),
    "new/": (IsADirectoryError, "'new/' is a folder; give the name of a file in it"),
    "no/x.html": (FileNotFoundError, "cannot write 'no/x.html': there is no folder 'no'; make it"),
    "~/no/x": (FileNotFoundError, "cannot write '~/no/x': there is no folder '{home}/no'; make it"),
    "~nobody-of-this-name/x": (
        ValueError,
        "path must begin with a folder that is known, got '~nobody-of-this-name/x'; write the ",
    ),
    "file/x.html": (NotADirectoryError, "cannot write 'file/x.html': 'file' is no folder"),
}


@pytest.mark.parametrize("path", WRONG)
@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.usefixtures("no_work")
def test_a_path_that_cannot_be_is_refused_before_the_work(
    path: str, write: Write, home: Path
) -> None:
    Path("file").write_text("mine")
    kind, words = WRONG[path]
    for given in (path, Path(path)) if path.strip(" .") and path[-1] != "/" else (path,):
        with pytest.raises(kind) as caught:
            write(given)
        assert str(caught.value).startswith(words.replace("{home}", str(home)))
    assert [each.name for each in Path().iterdir()] == ["file"]


@pytest.mark.parametrize("path", WRONG)
@pytest.mark.usefixtures("no_work")
def test_the_command_line_says_the_same(
    path: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("mine")
    with pytest.raises(SystemExit) as ended:
        command.main(["a text", "-o", path])
    assert ended.value.code == 2
    words = WRONG[path][1].replace("{home}", str(home)).replace("  ", " ")
    assert f"argument -o: {words}" in capsys.readouterr().err


@pytest.mark.parametrize("given", [3, None, b"page.html", ["page.html"]])
@pytest.mark.parametrize("write", [*WRITERS, Trace.load], ids=lambda write: write.__name__)
def test_what_is_no_path_is_refused(given: object, write: Write) -> None:
    with pytest.raises(
        TypeError, match=f"path must be a string or a Path, got {type(given).__name__}"
    ):
        write(given)


def test_a_folder_that_takes_no_files_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(PermissionError, match=r"cannot write '~/x': you may not write to '.*home'"):
        place_for("~/x")


def test_a_tilde_is_the_home_folder(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export("~/page.html")
    assert "<title>" in (home / "page.html").read_text(encoding="utf-8")
    export_beside(Path("~/beside.html"))
    save("~/trace")
    assert len(Trace.load("~/trace").tokens) == len(traces.trace().tokens)
    assert list(Path().iterdir()) == []  # no folder of the name "~"
    assert len(list(home.iterdir())) == 5
    assert user_path("a~b") == Path("a~b")


def test_what_is_read_is_named_as_it_was_given(home: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file '~/no'"):
        Trace.load("~/no")
    with pytest.raises(IsADirectoryError, match="'~' is a folder; give the name of a file in it"):
        Trace.load("~")
    with pytest.raises(ValueError, match="path must be the name of a file, got ''"):
        Trace.load("")
    (home / "text").write_text("hello")
    with pytest.raises(ValueError, match="'~/text' is damaged or no trace"):
        Trace.load(Path("~/text"))
