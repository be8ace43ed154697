"""The file of a scan is whole at any moment: after a kill, on a full disk, beside another scan."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from support.found import accumulated, block, scanned
from support.repository import ROOT

from attention_widget import HeadAtlas
from attention_widget.corpus.atlas_file import read_file, write_file
from attention_widget.corpus.scan_file import ScanFile
from attention_widget.errors import DiskFullError

OF = scanned()


def test_a_scan_goes_on_from_its_file(tmp_path: Path) -> None:
    path, one = tmp_path / "parts.atlas", tmp_path / "one.atlas"
    for numbers in ([0, 2], [1], [3]):
        with ScanFile(path, OF, 2) as file:
            assert not set(numbers) & set(file.done)
            for number in numbers:
                file.write(number, block(number, OF))
    write_file(one, accumulated([0, 1, 2, 3], OF))
    assert path.read_bytes() == one.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] in (
        [path.name, one.name],
        [one.name, path.name],
    )


def test_what_was_done_is_kept_when_a_scan_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    with pytest.raises(KeyboardInterrupt), ScanFile(path, OF, 2) as file:  # noqa: PT012
        file.write(0, block(0, OF))
        file._spent = 1e9  # writing takes so long that it is put off
        file.write(1, block(1, OF))
        assert list(HeadAtlas.load(path)._held.blocks) == [0]
        raise KeyboardInterrupt
    assert list(HeadAtlas.load(path)._held.blocks) == [0, 1]


WRITER = textwrap.dedent(
    """
    import sys
    from support.found import block, scanned
    from attention_widget.corpus.scan_file import ScanFile

    of = scanned()
    with ScanFile(sys.argv[1], of, 2) as file:
        print("ready", flush=True)
        for number in range(12):
            if number not in file.done:
                file.write(number, block(number, of))
    print("done", flush=True)
    """
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_ten_kills_at_random_lose_and_double_nothing(tmp_path: Path) -> None:
    path, one = tmp_path / "killed.atlas", tmp_path / "one.atlas"
    write_file(one, accumulated(list(range(12)), OF))
    random_ = random.Random(15)
    kills = 0
    while kills < 10:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, path],
            env={"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'src'}", "PATH": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(random_.random() * 0.03)  # somewhere within a block or a write
        writer.send_signal(signal.SIGKILL)
        kills += 1
        said = writer.communicate()[0]
        if path.exists():
            held = read_file(path)  # whole, whenever it was killed
            assert held.n_texts == 64 * len(held.blocks)
        if "done" in said:
            path.unlink()  # it was too fast: from the beginning again
    with ScanFile(path, OF, 2) as file:
        for number in range(12):
            if number not in file.done:
                file.write(number, block(number, OF))
    assert path.read_bytes() == one.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files")
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    with ScanFile(path, OF, 2) as file:
        file.write(0, block(0, OF))
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with (  # noqa: PT012
            pytest.raises(DiskFullError, match=r"must take \d+ kB for .*free some space"),
            ScanFile(path, OF, 2) as file,
        ):
            resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
            file.write(1, block(1, OF))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    with ScanFile(path, OF, 2) as file:  # some space was made
        assert list(file.done) == [0]
        file.write(1, block(1, OF))
    assert HeadAtlas.load(path).n_texts == 128


def test_two_scans_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    with (  # noqa: PT012
        pytest.raises(ValueError, match="by one scan at a time"),
        ScanFile(path, OF, 2) as file,
    ):
        with ScanFile(path, OF, 2) as other:
            other.write(0, block(0, OF))
        file.write(1, block(1, OF))
    assert list(HeadAtlas.load(path)._held.blocks) == [0]


def test_the_file_of_another_scan_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    write_file(path, accumulated([0], OF))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"is of another scan; name another file.*'small' and 'x'"):
        ScanFile(path, scanned(model_name="x"), 2)
    with pytest.raises(ValueError, match="keep 2 and 5 examples"):
        ScanFile(path, OF, 5)
    path.write_bytes(before[:-1])
    with pytest.raises(ValueError, match="is damaged or no atlas"):
        ScanFile(path, OF, 2)
    with pytest.raises(FileNotFoundError, match="make it"):
        ScanFile(tmp_path / "nowhere" / "heads.atlas", OF)


def test_any_changed_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    write_file(path, accumulated([0], OF))
    whole = path.read_bytes()
    for at in np.linspace(0, len(whole) - 1, 60).astype(int).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ValueError, match=r"damaged|no atlas|version"):
            HeadAtlas.load(path)


@pytest.mark.parametrize(
    ("layers", "heads"), [((0, 2**40), (0, 0)), ((0, -1), (0, 0)), ((0, 0), (1, 1))]
)
def test_heads_that_no_model_has_are_refused(
    tmp_path: Path, layers: tuple[int, ...], heads: tuple[int, ...]
) -> None:
    """A file may come from anywhere; what shows it makes a place for each layer and head."""
    path = tmp_path / "heads.atlas"
    of = scanned(kinds=("encoder", "encoder"), layers=layers, heads=heads)
    write_file(path, accumulated([0], of))
    with pytest.raises(ValueError, match=r"is damaged or no atlas: .*heads"):
        HeadAtlas.load(path)


def test_a_later_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "heads.atlas"
    write_file(path, accumulated([0], OF))
    text = path.read_bytes().replace(rb"\"version\": 1", rb"\"version\": 7")
    path.write_bytes(text)
    with pytest.raises(ValueError, match=r"in version 7 of the format; this .* reads version 1"):
        HeadAtlas.load(path)
