"""What a scan adds up is the same in any order and in any parts, bit for bit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.found import NAMES, accumulated, block, scanned, text

from attention_widget.corpus import atlas_bytes
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.atlas_file import digest_of
from attention_widget.corpus.findings import BLOCK
from attention_widget.corpus.packing import pack

OF = scanned()
N_BLOCKS = 6
BLOCKS = {
    number: block(number, OF, 11 if number == N_BLOCKS - 1 else 24) for number in range(N_BLOCKS)
}


def of_blocks(numbers: list[int], examples: int = 3) -> Accumulator:
    held = Accumulator(OF, examples)
    for number in numbers:
        held.add_block(number, BLOCKS[number])
    return held


@pytest.fixture(scope="module")
def whole() -> str:
    return digest_of(*pack(of_blocks(list(range(N_BLOCKS)))))


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_any_split_in_any_order_merges_to_the_whole(whole: str, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(N_BLOCKS)))
    cuts = sorted(data.draw(st.sets(st.integers(1, N_BLOCKS - 1))))
    ends = [0, *cuts, N_BLOCKS]
    parts = [of_blocks(list(order[a:b])) for a, b in pairwise(ends)]
    while len(parts) > 1:  # brought together as a tree of any shape
        at = data.draw(st.integers(0, len(parts) - 2))
        parts[at].merge(parts.pop(at + 1))
    assert digest_of(*pack(parts[0])) == whole  # of every byte of a file


def test_the_texts_of_a_block_come_in_any_order() -> None:
    one, other = Accumulator(OF, 3), Accumulator(OF, 3)
    one.add_block(0, BLOCKS[0])
    other.add_block(0, BLOCKS[0][::-1])
    assert (one.totals.low == other.totals.low).all()
    assert (one.strongest.numbers == other.strongest.numbers).all()
    assert (one.strongest.pieces == other.strongest.pieces).all()


def test_means_are_those_of_all_queries() -> None:
    held = of_blocks([0, 1])
    texts = BLOCKS[0] + BLOCKS[1]
    counts = np.sum([each.counts for each in texts], 0)
    expected = np.sum([each.sums for each in texts], 0) / counts
    assert np.abs(held.means() / expected - 1).max() < 1e-6
    assert (held.counts == counts).all()
    assert held.n_texts == 48
    assert held.n_pieces == len(texts) > 48
    assert held.n_tokens == sum(len(each.token_ids) for each in texts)


def test_the_examples_are_those_that_sorting_all_texts_gives() -> None:
    held = of_blocks(list(range(N_BLOCKS)), 5)
    texts = [each for number in range(N_BLOCKS) for each in BLOCKS[number]]
    for head in range(OF.n_heads):
        edges = [
            (-each.weights[head], each.number, each.piece, each)
            for each in texts
            if each.queries[head] >= 0
        ]
        best = sorted(edges, key=lambda edge: edge[:3])[:5]
        assert held.strongest.numbers[head].tolist() == [edge[1] for edge in best]
        assert held.strongest.pieces[head].tolist() == [edge[2] for edge in best]
        assert held.strongest.queries[head].tolist() == [edge[3].queries[head] for edge in best]
        for _, number, piece, each in best:
            assert (held.strongest.rows[head, (number, piece)] == each.rows[head]).all()
            kept = held.texts[number, piece]
            assert kept.read_text() == each.text
            assert kept.read_labels() == each.labels
            assert (kept.read_ids() == each.token_ids).all()


def test_only_texts_of_examples_are_kept() -> None:
    held = of_blocks(list(range(N_BLOCKS)), 1)
    held.sweep()
    assert set(held.texts) == held.strongest.places() | set(held.sample.texts)
    assert len(held.texts) <= OF.n_heads + 8


def test_texts_that_are_not_wanted_change_no_example() -> None:
    """What a scan may leave out: the rows of heads that are not asked for."""
    held, spared = Accumulator(OF, 2), Accumulator(OF, 2)
    unwanted = 0
    for each in (each for number in range(N_BLOCKS) for each in BLOCKS[number]):
        wanted = spared.wants(each.number, each.piece, each.weights)
        unwanted += int((~wanted).sum())
        rows = np.where(wanted[:, None], each.rows, 0)
        for one, own in ((held, each.rows), (spared, rows)):
            one._add(  # one text at a time
                type(each)(**{**vars(each), "rows": own}),
                one._checked(each, each.block),
            )
    assert unwanted > 100
    assert held.strongest.rows.keys() == spared.strongest.rows.keys()
    for key, row in held.strongest.rows.items():
        assert (row == spared.strongest.rows[key]).all()
    for place, sampled in held.sample.texts.items():
        assert (sampled.rows == spared.sample.texts[place].rows).all()


def test_every_text_is_in_the_distribution_once() -> None:
    held = of_blocks(list(range(N_BLOCKS)))
    texts = [each for number in range(N_BLOCKS) for each in BLOCKS[number]]
    for summary, name in enumerate(NAMES):
        edges, counts = held.distribution.histogram(summary)
        least = 3 if name == "duplicate" else 1
        known = np.array([each.counts[summary] >= least for each in texts])
        assert (counts.sum(-1) == known.sum(0)).all()
        for head in range(OF.n_heads):
            values = [
                each.sums[summary, head] / each.counts[summary, head]
                for each, is_known in zip(texts, known, strict=True)
                if is_known[head]
            ]
            expected, _ = np.histogram(values, edges)
            # a value on an edge may be rounded to its other side
            assert np.abs(counts[head] - expected).sum() <= 2


def test_deciles_are_of_the_whole_corpus() -> None:
    of = scanned()
    held = Accumulator(of, 8)
    for number in range(20):
        held.add_block(number, [text(at, of) for at in range(number * BLOCK, (number + 1) * BLOCK)])
    for head in range(of.n_heads):
        deciles = held.sample.deciles(head)
        assert deciles.keys() <= set(range(1, 11))
        strengths = {
            decile: [float(held.sample.texts[place].weights[head]) for place in places]
            for decile, places in deciles.items()
        }
        for decile in sorted(strengths)[1:]:
            lower = max(max(strengths[one]) for one in strengths if one < decile)
            assert min(strengths[decile]) >= lower


def test_nothing_is_added_of_a_block_that_is_refused() -> None:
    held = of_blocks([0])
    before = held.totals.low.copy()
    broken = text(BLOCK + 1, OF)
    broken.sums[3, 1] = np.inf
    with pytest.raises(ValueError, match="'previous' over a text must be finite"):
        held.add_block(1, [text(BLOCK, OF), broken])
    broken.sums[3, 1] = 1e300
    with pytest.raises(ValueError, match="divide what the function gives"):
        held.add_block(1, [text(BLOCK, OF), broken])
    with pytest.raises(ValueError, match="must be in it, got text 64"):
        held.add_block(2, [text(BLOCK, OF)])
    with pytest.raises(ValueError, match="got 0 again"):
        held.add_block(0, [])
    assert (held.totals.low == before).all()
    assert held.n_texts == 24
    assert 1 not in held.blocks


def test_sums_beyond_64_bits_stay_exact() -> None:
    held = Accumulator(OF, 1)
    large = text(0, OF)
    large.sums[0] = 2.0**29 + 0.25  # of units of 2**-32: 61 bits
    for number in range(64):
        held.add_block(number, [type(large)(**{**vars(large), "number": number * BLOCK})])
    exact = 64 * (2**61 + 2**30)
    high, low = int(held.totals.high[0, 0]), int(held.totals.low[0, 0])
    assert (high << 32) + low == exact
    assert held.totals.as_floats(OF.quanta)[0, 0] == 64 * (2.0**29 + 0.25)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model_name": "large"}, "models called 'small' and 'large'"),
        ({"model": "2" * 64}, "other weights or another configuration"),
        ({"tokenizer": "2" * 64}, "tokenizers that differ"),
        ({"quanta": (-32, -20, -12, -32, -32, -20)}, "sums in other units"),
        ({"reading": (("max_tokens", "64"),)}, r"\('max_tokens', '32'\).*\('max_tokens', '64'\)"),
        ({"heads": (0, 1, 2, 0, 1, 3)}, "of other heads"),
    ],
)
def test_scans_that_differ_do_not_merge(changed: dict[str, Any], message: str) -> None:
    held = accumulated([0], OF)
    before = held.n_texts
    with pytest.raises(ValueError, match=message):
        held.merge(accumulated([1], scanned(**changed)))
    with pytest.raises(ValueError, match="keep 2 and 3 examples"):
        held.merge(accumulated([1], OF, 3))
    with pytest.raises(ValueError, match="text 0 on twice, and 0 other blocks"):
        held.merge(accumulated([0], OF))
    assert held.n_texts == before


def test_memory_does_not_grow_with_the_corpus_and_is_said_before() -> None:
    """All that is held, counted byte by byte, at 2 and at 12 blocks of texts."""
    of = scanned(4, 6)

    def held_bytes(count: int) -> int:
        held, total = Accumulator(of, 2), 0
        for number in range(count):
            held.add_block(number, block(number, of, 32))
        arrays: list[NDArray[Any]] = [
            held.totals.high,
            held.totals.low,
            held.counts,
            held.distribution.counts,
        ]
        arrays += [held.sample.scores, held.strongest.weights, held.strongest.numbers]
        arrays += [held.strongest.pieces, held.strongest.queries, held.strongest.keys]
        arrays += held.strongest.rows.values()
        for sampled in held.sample.texts.values():
            arrays += [sampled.weights, sampled.queries, sampled.keys, sampled.rows]
        for place in held.texts:
            kept = held.texts[place]
            total += len(kept.text) + len(kept.token_ids) + len(kept.labels)
        return total + sum(array.nbytes for array in arrays)

    most = atlas_bytes(of.n_heads, 12, 2, len(of.names))
    few, many = held_bytes(2), held_bytes(12)
    assert few < most
    assert many < most
    assert many < 1.3 * few
