"""What is made once and kept: whole or not at all, whoever else makes it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attention_widget.demo.cache import VARIABLE, cache_folder, cached
from attention_widget.errors import AttentionWidgetError

made: list[Path] = []


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    made.clear()
    return tmp_path / "demo"


def make(folder: Path) -> None:
    made.append(folder)
    (folder / "words").write_text("a novel idea")


def ask(made_of: str = "this", n_bytes: int = 1) -> Path:
    return cached("thing", made_of, n_bytes, make)


def test_it_is_made_once(home: Path) -> None:
    assert ask() == ask() == home / "thing"
    assert len(made) == 1
    assert [path.name for path in home.iterdir()] == ["thing"]


def test_it_is_made_again_of_something_else() -> None:
    ask()
    ask("that")
    assert len(made) == 2


def rewrite(words: Path) -> None:
    words.write_text("a navel idea")  # as long as before


def shorten(words: Path) -> None:
    words.write_text("a novel")


def take_away(words: Path) -> None:
    words.unlink()


def spoil_list(words: Path) -> None:
    (words.parent / "made.json").write_text("{")


def empty_list(words: Path) -> None:
    (words.parent / "made.json").write_text("[]")


def empty_folder(words: Path) -> None:
    shutil.rmtree(words.parent)
    words.parent.mkdir()


@pytest.mark.parametrize(
    "damage", [rewrite, shorten, take_away, spoil_list, empty_list, empty_folder]
)
def test_it_is_made_again_where_it_is_damaged(home: Path, damage: Callable[[Path], None]) -> None:
    words = ask() / "words"
    os.utime(words, ns=(1, 1))
    damage(words)
    assert (ask() / "words").read_text() == "a novel idea"
    assert len(made) == 2
    assert [path.name for path in home.iterdir()] == ["thing"]


def test_a_copy_of_it_is_as_good(home: Path) -> None:
    os.utime(ask() / "words", ns=(1, 1))
    ask()
    assert len(made) == 1


def test_what_is_interrupted_leaves_nothing(home: Path) -> None:
    def interrupted(folder: Path) -> None:
        make(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached("thing", "this", 1, interrupted)
    assert not list(home.iterdir())


def test_a_full_disk_leaves_nothing_and_says_what_to_do(home: Path) -> None:
    def full(folder: Path) -> None:
        make(folder)
        raise OSError(errno.ENOSPC, "No space left on device")

    said = f"demo' must take 1 bytes for thing, got: No space .*{VARIABLE}"
    with pytest.raises(OSError, match=said) as raised:
        cached("thing", "this", 1, full)
    assert isinstance(raised.value, AttentionWidgetError)
    assert not list(home.iterdir())


def test_too_little_space_is_seen_before_the_work() -> None:
    with pytest.raises(OSError, match="are free"):
        ask(n_bytes=2**60)
    assert not made


def test_a_file_in_the_way_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="name another folder"):
        ask()


def test_what_others_left_half_made_is_taken_away(home: Path) -> None:
    old, new = home / ".thing-old", home / ".thing-new"
    for each in (old, new):
        each.mkdir(parents=True)
    os.utime(old, (1, 1))
    ask()
    assert sorted(path.name for path in home.iterdir()) == [".thing-new", "thing"]


def test_another_process_may_be_faster(home: Path) -> None:
    def slower(folder: Path) -> None:
        make(folder)
        ask()

    cached("thing", "this", 1, slower)
    assert len(made) == 2
    assert [path.name for path in home.iterdir()] == ["thing"]
    ask()
    assert len(made) == 2


def test_several_processes_at_once(home: Path) -> None:
    program = (
        "import sys, time\n"
        "from attention_widget.demo.cache import cached\n"
        "def make(folder):\n"
        "    for i in range(20):\n"
        "        (folder / str(i)).write_text('novel' * i)\n"
        "        time.sleep(0.01)\n"
        "for i in range(3):\n"
        "    folder = cached('thing', f'this {i}', 1, make)\n"
        "    assert (folder / '19').exists()\n"
    )
    asked = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait() for process in asked] == [0, 0, 0]
    assert [path.name for path in home.iterdir()] == ["thing"]


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "attention-widget"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "attention-widget"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "attention-widget"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert cache_folder() == tmp_path / "Local" / "attention-widget"
