"""A trace file that somebody made: whatever it says, reading it costs what its size does.

Work is counted, in lines of Python and in elements of tensors, never timed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.trace_files import EVERY, edit, rewrite
from support.traces import as_maps, trace, windowed
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attention_widget import AttentionWidget, Trace

MOST_LINES, MOST_ELEMENTS = 400_000, 4_000_000


class Elements(TorchDispatchMode):
    """Counts what torch makes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.made = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.made += sum(one.numel() for one in tree_leaves(result) if torch.is_tensor(one))
        assert self.made <= MOST_ELEMENTS, "tensors that the file does not have"
        return result


@contextmanager
def bounded() -> Iterator[None]:
    """Fails where more is done than a file of some kilobytes gives reason for."""
    lines = 0

    def count(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal lines
        if "attention_widget" not in frame.f_code.co_filename:
            return None
        lines += event == "line"
        assert lines <= MOST_LINES, f"too much work in {frame.f_code.co_name}"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        with Elements():
            yield
    finally:
        sys.settrace(before)


def look(path: Path) -> str:
    """Load and show it; what was said where that is refused."""
    with bounded():
        try:
            loaded = Trace.load(path)
        except ValueError as error:
            return str(error)
        if not loaded.operations and not loaded.windows:
            return "nothing to show"
        widget = AttentionWidget.from_trace(loaded)
        json.dumps(widget.get_state(), allow_nan=False)
        widget.close()
    return ""


Change = Callable[[Any], None]


def block(change: Change) -> Change:
    """A change of the fields of the first block."""
    return lambda content: change(content["fields"]["blocks"][0]["fields"])


def nested(of: dict[str, Any], depth: int, groups: list[list[int]]) -> dict[str, Any]:
    for _ in range(depth):
        fields = {"of": of, "query_groups": groups, "key_groups": groups, "renormalise": False}
        of = {"class": "Grouped", "fields": fields}
    return of


def in_groups(depth: int, groups: list[list[int]]) -> Change:
    def change(content: Any) -> None:
        fields = content["fields"]
        (one, *_) = fields["blocks"]
        fields["blocks"], fields["maps"] = [], [nested(one, depth, groups)]

    return change


def window(**changed: Any) -> Change:
    return lambda content: content["fields"]["windows"][0]["fields"].update(changed)


BIG = 2 * 10**7
CRAFTED: dict[str, tuple[Callable[[], Trace], Change, str]] = {
    "a layer": (trace, block(lambda b: b.update(layer=BIG)), "layer 20000000 .*, of 3 layers"),
    "a layer of maps": (
        lambda: as_maps(trace()),
        lambda c: c["fields"]["maps"][0]["fields"].update(layer=BIG),
        "layer 20000000 .*, of 10000 layers",
    ),
    "a layer below": (trace, block(lambda b: b.update(layer=-1)), "layer -1 .*, of 3 layers"),
    "a long number": (trace, block(lambda b: b.update(layer=10**4000)), "layer 1000.*, of 3"),
    "keys of a mask": (
        trace,
        block(lambda b: b["mask"]["fields"].update(n_keys=10**12)),
        "its mask does not fit 6 queries and 6 keys",
    ),
    "groups that double": (
        trace,
        in_groups(6, [[0, 0], [1, 1], [], [], [], []]),
        "each in one at most",
    ),
    "groups of nothing": (trace, in_groups(1, [[BIG]] * 6), "not of 6 tokens"),
    "deep groups": (trace, in_groups(12, [[i] for i in range(6)]), "more than 8 deep"),
    "deeper groups": (trace, in_groups(200, [[i] for i in range(6)]), "is damaged"),
    "an own stretch": (windowed, window(own=[0, 10**18]), "own range"),
    "positions": (windowed, window(positions=[BIG] * 18), "tokens that are not among 40"),
    "one tensor in two places": (
        trace,
        block(lambda b: b.update(key=b["query"])),
        "is no Tensor",
    ),
    "a block a thousand times": (
        trace,
        lambda c: c["fields"].update(blocks=c["fields"]["blocks"][:1] * 1000),
        "is no Tensor",
    ),
    "more roles than texts": (trace, lambda c: c["fields"].update(roles=["a"] * 9), "9 roles"),
    "a scale beyond floats": (trace, block(lambda b: b.update(scale=10**400)), "is no float"),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_is_refused_before_any_work(name: str, tmp_path: Path) -> None:
    make, change, message = CRAFTED[name]
    make().save(tmp_path / "t")
    edit(tmp_path / "t", change)
    said = look(tmp_path / "t")
    assert "is damaged: " in said
    assert re.search(message, said), said


@pytest.mark.parametrize("shape", [(10**9, 6, 0), (10**9, 0, 6), (0, 6, 8), (4, 6), (0,)])
@pytest.mark.parametrize("made", [trace, lambda: as_maps(trace())], ids=["parts", "maps"])
def test_a_tensor_of_no_bytes_makes_no_work(
    made: Callable[[], Trace], shape: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / "t"
    made().save(path)
    names: list[str] = []
    edit(path, lambda content: names.extend(first_tensors(content)))
    rewrite(path, lambda _: None, **{names[0]: torch.zeros(shape)})
    said = look(path)
    assert "is damaged: " in said
    assert str(shape) in said


def first_tensors(content: Any) -> list[str]:
    fields = content["fields"]
    if fields["blocks"]:
        return [fields["blocks"][0]["fields"]["query"]["tensor"]]
    return [fields["maps"][0]["fields"]["probabilities"]["tensor"]]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_list_that_is_too_deep_is_refused(opening: str, tmp_path: Path) -> None:
    trace().save(tmp_path / "t")
    rewrite(tmp_path / "t", lambda metadata: metadata.update(content=opening * 10**6))
    assert "is damaged" in look(tmp_path / "t")


def test_a_number_of_too_many_digits_is_refused(tmp_path: Path) -> None:
    trace().save(tmp_path / "t")
    rewrite(tmp_path / "t", lambda metadata: metadata.update(content="9" * 10**5))
    assert "is damaged" in look(tmp_path / "t")


HOSTILE = st.sampled_from(
    [-1, 0, 1, 2**31, 2**63, 10**30, -(10**30), 1e308, 1e999, -1e999, float("nan"), True, None]
) | st.sampled_from(
    [[], {}, "", "x", "\x00", [[]] * 9, [10**9] * 9, {"tensor": "0"}, {"float": "x"}]
)


def places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value of a description stands."""
    if at:
        yield at
    if isinstance(content, dict | list):
        inner = content.items() if isinstance(content, dict) else enumerate(content)
        for name, value in inner:
            yield from places(value, (*at, name))


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_a_header_says_it_is_refused_or_shown(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "t"
    EVERY[data.draw(st.sampled_from(sorted(EVERY)))]().save(path)

    def change(content: Any) -> None:
        for _ in range(data.draw(st.integers(1, 3))):
            found = list(places(content))
            if not found:
                return  # all of it was dropped
            at = data.draw(st.sampled_from(found))
            holder = content
            for name in at[:-1]:
                holder = holder[name]
            how = data.draw(st.sampled_from(["set", "set", "drop", "repeat"]))
            if how == "set":
                holder[at[-1]] = deepcopy(data.draw(HOSTILE))
            elif how == "drop":
                del holder[at[-1]]
            elif isinstance(holder, list):
                again = [holder[at[-1]]] * data.draw(st.integers(1, 30))
                holder += deepcopy(again)

    edit(path, change)
    look(path)
