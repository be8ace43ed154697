"""What a mask is called: to the last pair of tokens, whatever the mask."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import models

from attention_widget import capture
from attention_widget.trace.mask import Mask
from attention_widget.trace.mask_pattern import Pattern, Stretches, patterns


def drawn(pattern: Pattern, n_queries: int, n_keys: int) -> torch.Tensor:
    """The mask (query, key) that a pattern stands for, by the words of its docstring."""
    place = (torch.arange(n_queries) + n_keys - n_queries)[:, None]
    key = torch.arange(n_keys)[None]
    unlimited = n_queries + n_keys
    before = unlimited if pattern.before is None else pattern.before
    after = unlimited if pattern.after is None else pattern.after
    seen = (key >= place - before) & (key <= place + after)
    if pattern.name == "none":
        seen = torch.zeros(n_queries, n_keys, dtype=torch.bool)
    if pattern.name == "prefix":
        assert pattern.size is not None
        seen = seen | (key < pattern.size)
    if pattern.name == "chunk":
        assert pattern.size is not None
        same = (place / pattern.size).floor() == (key / pattern.size).floor()
        seen = seen & same
    seen = seen.clone()
    for start, stop in pattern.hidden:
        seen[:, start:stop] = False
    for start, stop in pattern.blind:
        seen[start:stop] = False
    return seen


def only(mask: Mask) -> Pattern:
    (pattern,) = patterns(mask)
    return pattern


def named(visible: torch.Tensor) -> Pattern:
    return only(Mask.from_visible(visible[None]))


sizes = st.integers(1, 9)


@st.composite
def masks(draw: st.DrawFn) -> torch.Tensor:
    """Any mask, and often one of the patterns with some keys and queries hidden."""
    n_queries, n_keys = draw(sizes), draw(sizes)
    name = draw(st.sampled_from(["full", "causal", "window", "prefix", "chunk", "other"]))
    if name == "other":
        rows = st.lists(st.booleans(), min_size=n_keys, max_size=n_keys)
        flags = draw(st.lists(rows, min_size=n_queries, max_size=n_queries))
        return torch.tensor(flags, dtype=torch.bool)
    limit = st.none() | st.integers(0, 9)
    seen = drawn(
        Pattern(
            name,  # type: ignore[arg-type]
            before=draw(limit) if name == "window" else None,
            after=draw(limit) if name == "window" else None if name == "full" else 0,
            size=draw(sizes) if name in ("prefix", "chunk") else None,
        ),
        n_queries,
        n_keys,
    )
    hidden = draw(st.sets(st.integers(0, n_keys - 1)))
    blind = draw(st.sets(st.integers(0, n_queries - 1)))
    seen[:, list(hidden)] = False
    seen[list(blind)] = False
    return seen


@given(masks())
def test_a_name_tells_every_pair(visible: torch.Tensor) -> None:
    pattern = named(visible)
    if pattern.name != "other":
        assert torch.equal(drawn(pattern, *visible.shape), visible)
    assert pattern.share == pytest.approx(visible.float().mean().item())


@given(masks())
def test_hidden_keys_and_blind_queries_are_counted(visible: torch.Tensor) -> None:
    pattern = named(visible)

    def members(stretches: Stretches) -> list[int]:
        return [index for start, stop in stretches for index in range(start, stop)]

    assert members(pattern.hidden) == [key for key, seen in enumerate(visible.any(0)) if not seen]
    assert members(pattern.blind) == [
        query for query, seen in enumerate(visible.any(1)) if not seen
    ]
    for stretches in (pattern.hidden, pattern.blind):
        assert all(start < stop for start, stop in stretches)
        assert all(a[1] < b[0] for a, b in pairwise(stretches))
    queries, keys = visible.shape
    later = visible.triu(keys - queries + 1)
    assert pattern.causal == (not bool(later.any()))


@given(st.integers(3, 12), st.data())
def test_every_pattern_has_its_name(n: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, n - 1))
    place, key = torch.arange(n)[:, None], torch.arange(n)[None]
    causal = key <= place
    cases = {
        Pattern("full"): causal | ~causal,
        Pattern("causal", after=0): causal,
        Pattern("window", before=size - 1, after=0): causal & (key > place - size),
        Pattern("window", before=1, after=1): (key - place).abs() <= 1,
        Pattern("prefix", after=0, size=size): causal | (key < size),
        Pattern("chunk", after=0, size=size): causal & (place // size == key // size),
        Pattern("chunk", size=size): place // size == key // size,
        Pattern("none"): causal & ~causal,
    }
    for expected, visible in cases.items():
        if n == 3 and expected.size == 2 and expected.name == "chunk":
            continue  # the last stretch has one token, as a window's
        found = named(visible)
        shown = (found.name, found.before, found.after, found.size)
        if expected.name == "window" and expected.after == 1 and n == 3:
            assert shown[0] in ("window", "prefix")
        else:
            assert shown == (expected.name, expected.before, expected.after, expected.size)
    assert only(Mask.causal(n, n, window=size)).before == size - 1
    assert only(Mask.full(n, 2 * n)).name == "full"


@pytest.mark.parametrize(
    ("base", "name"), [(Mask.full(8, 8), "full"), (Mask.causal(8, 8), "causal")]
)
@pytest.mark.parametrize("padding", [(0, 3), (6, 8), (3, 5)])
def test_padding_is_told_apart_from_the_pattern(
    base: Mask, name: str, padding: tuple[int, int]
) -> None:
    visible = base.visible(torch.arange(8))[0].clone()
    visible[:, slice(*padding)] = False
    pattern = named(visible)
    assert (pattern.name, pattern.hidden) == (name, (padding,))
    assert pattern.blind == (((0, 3),) if name == "causal" and padding == (0, 3) else ())


def test_a_window_inside_a_cache_stands_at_the_end_of_the_keys() -> None:
    pattern = only(Mask.causal(3, 9, window=4))
    assert (pattern.name, pattern.before, pattern.after) == ("window", 3, 0)
    assert pattern.hidden == ((0, 3),)


def test_heads_that_see_different_keys_are_named_each() -> None:
    visible = torch.ones(3, 6, 6, dtype=torch.bool).tril()
    visible[1] = True
    visible[2, 4, 1] = False
    found = patterns(Mask.from_visible(visible))
    assert [pattern.name for pattern in found] == ["causal", "full", "other"]
    assert [pattern.causal for pattern in found] == [True, False, True]


@given(
    st.integers(1, 3), st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32), st.booleans()
)
def test_runs_tell_every_pair(heads: int, queries: int, keys: int, seed: int, shared: bool) -> None:
    random = torch.Generator().manual_seed(seed)
    visible = torch.rand(heads, queries, keys, generator=random) < 0.6
    if shared:
        visible = visible[:1]
    mask = Mask.from_visible(visible)
    rebuilt = torch.zeros(len(visible), queries, keys, dtype=torch.int32)
    runs = mask.runs()
    assert runs.dtype == torch.int32
    for head, query, start, stop in runs.tolist():
        assert start < stop
        rebuilt[slice(None) if head < 0 else head, query, start:stop] += 1
    assert torch.equal(rebuilt, visible.int())
    kept = len(torch.unique(visible, dim=0))
    assert (runs[:, 0] < 0).all() if kept == 1 else (runs[:, 0] >= 0).all()
    assert runs.tolist() == sorted(runs.tolist())


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("bert", ["full"] * 3),
        ("gpt2", ["causal"] * 3),
        ("mistral", [(4, 0)] * 3),  # a sliding window of 5
        ("modernbert", ["full", (2, 2), "full"]),
    ],
)
def test_the_masks_of_models_have_their_names(
    family: str, expected: list[str | tuple[int, int]]
) -> None:
    if not models.has(family):
        pytest.skip(f"this transformers has no {family}")
    text = "a small novel idea is a purple ink and a novel is a small idea"
    trace = capture(models.tiny(family), text, tokenizer=models.tokenizer())
    found = [only(block.mask) for block in trace.blocks]
    said = [(one.before, one.after) if one.name == "window" else one.name for one in found]
    if family == "modernbert":  # releases differ in which layers are local
        assert set(map(str, said)) == set(map(str, expected))
    else:
        assert said == expected
