"""A trace goes to a file and comes back as it was; a file that was changed is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from support.compared import same
from support.trace_files import EVERY, edit, rewrite
from support.traces import trace

from attention_widget import capture
from attention_widget.trace.block import Block
from attention_widget.trace.mask import Mask
from attention_widget.trace.trace import Trace


@pytest.mark.parametrize("name", EVERY)
def test_a_trace_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    made = EVERY[name]()
    made.save(tmp_path / "trace.safetensors")
    loaded = Trace.load(tmp_path / "trace.safetensors")
    assert same(loaded, made)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_all_parts_of_a_block_and_their_dtypes_are_kept(dtype: torch.dtype, tmp_path: Path) -> None:
    visible = torch.rand(1, 6, 6) > 0.3
    block = Block(
        layer=0,
        kind="encoder",
        query=torch.randn(4, 6, 8).to(dtype),
        key=torch.randn(2, 6, 8).to(dtype),
        value=torch.randn(2, 6, 8).to(dtype),
        scale=0.3,
        mask=Mask.from_visible(visible),
        softcap=30.0,
        bias=torch.randn(4, 6, 6).to(dtype),
        sinks=torch.randn(4, 6).to(dtype),
    )
    made = replace(trace(heads=(4,)), blocks=(block,))
    made.save(tmp_path / "t")
    loaded = Trace.load(tmp_path / "t")
    assert same(loaded, made)
    np.testing.assert_array_equal(loaded.attention(0), made.attention(0))


def test_a_captured_trace_comes_back(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = minilm
    made = capture(model, "Attention is a novel idea 🟣", tokenizer=tokenizer)
    made.save(tmp_path / "t")
    loaded = Trace.load(str(tmp_path / "t"))
    assert same(loaded, made)
    np.testing.assert_array_equal(loaded.attention(5), made.attention(5))


def test_views_of_one_memory_are_saved_whole(tmp_path: Path) -> None:
    made = trace()
    rows = torch.randn(3, 16)
    shared = replace(made, hidden=(rows.repeat(2, 1).t().contiguous().t(), rows[:1].expand(6, 16)))
    shared = replace(shared, blocks=())
    shared.save(tmp_path / "t")
    assert same(Trace.load(tmp_path / "t"), shared)


def test_a_failure_keeps_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace"
    trace().save(path)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("attention_widget.trace.storage.save_file", fail)
    with pytest.raises(OSError, match="disk is full"):
        trace(seed=1).save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["trace"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere"):
        Trace.load(tmp_path / "nowhere")


def test_another_file_is_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.ones(2)}, path)
    with pytest.raises(ValueError, match=r"holds no trace; give what Trace\.save\(\) wrote"):
        Trace.load(path)
    path.write_bytes(b"hello")
    with pytest.raises(ValueError, match="damaged or no trace"):
        Trace.load(path)


def test_a_file_of_another_version_says_so(tmp_path: Path) -> None:
    trace().save(tmp_path / "t")
    rewrite(tmp_path / "t", lambda metadata: metadata.update(version="9"))
    with pytest.raises(ValueError, match=r"version '9' of the format; .* reads versions 1, 2"):
        Trace.load(tmp_path / "t")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_file_is_refused_or_the_same(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "t"
    made = trace(heads=(2,), dim=2)
    made.save(path)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "write", "insert"]))
    before, after = whole[:place], whole[place:]
    if how == "cut":
        changed = before
    elif how == "flip":
        flipped = after[0] ^ (1 << data.draw(st.integers(0, 7)))
        changed = before + bytes([flipped]) + after[1:]
    elif how == "write":
        changed = before + data.draw(st.binary(max_size=8)) + after[8:]
    else:
        changed = before + data.draw(st.binary(min_size=1, max_size=8)) + after
    path.write_bytes(changed)
    try:
        loaded = Trace.load(path)
    except ValueError as error:
        said = str(error)
        assert re.search("is damaged|holds no trace|in version", said), said
    else:
        assert same(loaded, made)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["fields"].pop("tokens"), "a Trace with the fields"),
        (lambda c: c["fields"].update(model_name=3), "3 is no str"),
        (lambda c: c["fields"].update(more=1), "a Trace with the fields"),
        (lambda c: c.update({"class": "Popen"}), "is no Trace"),
        (lambda c: c["fields"]["blocks"][0].update({"class": "Trace"}), "is no Block"),
        (lambda c: c["fields"]["blocks"][0]["fields"].update(kind="other"), "is no "),
        (lambda c: c["fields"]["blocks"][0]["fields"].update(query={"tensor": "99"}), "is no "),
        (lambda c: c["fields"]["blocks"][0]["fields"].update(layer=True), "True is no int"),
        (lambda c: c["fields"]["tokens"].pop(), r"hidden_states\(0\) of shape \(6, 16\)"),
    ],
)
def test_content_that_cannot_be_is_refused(
    change: Callable[[Any], None], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "t"
    trace().save(path)
    edit(path, change)
    with pytest.raises(ValueError, match=message):
        Trace.load(path)


def test_tensors_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t"
    trace().save(path)
    rewrite(path, lambda _: None, **{"0": torch.ones(4, 6, 3)})
    with pytest.raises(ValueError, match=r"layer 0 .* cannot be computed"):
        Trace.load(path)
    trace().save(path)
    rewrite(path, lambda _: None, **{"1": torch.ones(0, 6, 8)})
    with pytest.raises(ValueError, match=r"layer 0 .* cannot be computed"):
        Trace.load(path)
