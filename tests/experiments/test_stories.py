"""Four stories of what the heads of a trained language model do; its file is fixed by a hash, so
these numbers are too. ``examples/06_what_heads_do.ipynb`` and ``07_rag_debugging.ipynb`` tell
them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, Edit, HeadOff, HeadPatch, LogitDifference

pytestmark = pytest.mark.slow

ABOUT = 0.01  # of a probability, on other processors

# They look from the second copy of a word at what followed the first one: (layer, head).
INDUCTION = [(18, 6), (17, 3), (17, 4), (18, 7), (17, 5)]
OTHERS = [  # five of the same layers, three and two, drawn by chance
    [(17, 8), (17, 2), (17, 1), (18, 1), (18, 0)],
    [(17, 2), (17, 1), (17, 7), (18, 2), (18, 5)],
    [(17, 7), (17, 1), (17, 6), (18, 8), (18, 5)],
]
FORTY = (
    "apple river clock seven garden paper music stone window horse table green mother winter "
    "silver bread letter road moon fish doctor sugar yellow train forest king shirt lamp cloud "
    "market glass bird engine salt door hand queen wheat tower boat"
)
PREVIOUS = [(11, 1), (16, 0)]
FIRST, SECOND = "Passage 1: Anna lives in Rome.", "Passage 2: Tom lives in Berlin."
QUESTION = "Question: Where does Tom live? Answer: Tom lives in"
SENTENCES = [
    "When {} and {} went to the store, {} gave a drink to",
    "After {} and {} met at the park, {} handed the ball to",
    "When {} and {} had lunch at the office, {} passed the letter to",
]
NAMES = [
    *[("Mary", "John"), ("Anna", "Tom"), ("Sarah", "James")],
    *[("Emma", "Paul"), ("Alice", "Bob"), ("Laura", "Peter")],
]


def off(heads: Sequence[tuple[int, int]]) -> list[Edit]:
    return [HeadOff(layer, head) for layer, head in heads]


def labels(lab: Experiment) -> list[str]:
    return [token.label for token in lab.encoded.tokens]


def chance(lab: Experiment, word: str, *edits: Edit) -> float:
    """The probability of a word after the text."""
    logits = lab.without(*edits, positions=-1).after
    found = lab.predictions_from(logits, 1, -1, follow=[word])
    return float(found.followed_probabilities[0, 0])


@pytest.fixture(scope="module")
def read(smollm: tuple[Any, Any]) -> Any:
    model, tokenizer = smollm
    return lambda text: Experiment(model, text, tokenizer=tokenizer, progress=False)


@pytest.fixture(scope="module")
def france(read: Any) -> Experiment:
    lab: Experiment = read("The capital of France is")
    return lab


@pytest.fixture(scope="module")
def twice(read: Any) -> Experiment:
    words = "apple river clock seven garden paper music stone window horse"
    lab: Experiment = read(f" {words} {words}")
    assert len(lab.encoded.tokens) == 20
    return lab


@pytest.fixture(scope="module")
def passages(read: Any) -> Experiment:
    lab: Experiment = read(f"Context:\n{FIRST}\n{SECOND}\n{QUESTION}")
    return lab


@pytest.fixture(scope="module")
def prompts(read: Any) -> list[tuple[Experiment, str, str]]:
    """Texts with the right name and the one that is repeated."""
    found: list[tuple[Experiment, str, str]] = []
    for one, other in NAMES:
        for repeated, right in ((other, one), (one, other)):
            sentence = SENTENCES[len(found) % 3].format(one, other, repeated)
            found.append((read(sentence), right, repeated))
    return found


class TestOneHeadKnowsTheCapital:
    def test_it_looks_at_the_country_and_what_it_finds_there_matters(
        self, france: Experiment
    ) -> None:
        looks = france.trace.attention(23, heads=4)[0, 4]
        assert labels(france)[int(looks.argmax())] == "France"
        assert looks[3] == pytest.approx(0.903, abs=ABOUT)
        assert chance(france, " Paris") == pytest.approx(0.773, abs=ABOUT)
        assert chance(france, " Paris", HeadOff(23, 4)) == pytest.approx(0.141, abs=ABOUT)
        edge = EdgeOff(layer=23, heads=4, query=4, key=3)
        assert chance(france, " Paris", edge) == pytest.approx(0.147, abs=ABOUT)

    @pytest.mark.parametrize(
        ("country", "capital", "before", "after"),
        [
            ("Italy", " Rome", 0.380, 0.044),
            ("Germany", " Berlin", 0.796, 0.148),
            ("Russia", " Moscow", 0.377, 0.024),
            ("Japan", " Tokyo", 0.703, 0.306),
        ],
    )
    def test_other_capitals_fall_without_it(
        self, france: Experiment, country: str, capital: str, before: float, after: float
    ) -> None:
        lab = france.replace(3, country)
        assert chance(lab, capital) == pytest.approx(before, abs=ABOUT)
        assert chance(lab, capital, HeadOff(23, 4)) == pytest.approx(after, abs=ABOUT)

    @pytest.mark.parametrize(
        ("country", "capital", "expected"),
        [("Italy", " Rome", 0.472), ("Germany", " Berlin", 0.790), ("Japan", " Tokyo", 0.760)],
    )
    def test_64_numbers_from_another_text_bring_its_capital(
        self, france: Experiment, country: str, capital: str, expected: float
    ) -> None:
        other = france.replace(3, country)
        assert other.heads_output(23).shape == (5, 9, 64)
        patch = HeadPatch(23, 4, source=other, tokens=4)
        assert chance(france, capital) < 0.01
        assert chance(france, capital, patch) == pytest.approx(expected, abs=ABOUT)
        assert chance(france, " Paris", patch) < 0.03

    def test_elsewhere_it_changes_nothing(self, read: Any) -> None:
        lab = read("The opposite of hot is")
        assert chance(lab, " cold") == pytest.approx(0.684, abs=ABOUT)
        assert chance(lab, " cold", HeadOff(23, 4)) == pytest.approx(0.687, abs=ABOUT)


class TestHeadsThatCopy:
    def copied(self, lab: Experiment, *edits: Edit) -> float:
        """The mean probability of a word of the second copy, from its second word on."""
        half = len(lab.encoded.tokens) // 2
        found = lab.predictions_from(lab.without(*edits).after, 1)
        return float(np.exp(found.log_probability[half:-1]).mean())

    def test_they_look_at_what_followed_the_first_time(self, twice: Experiment) -> None:
        for layer, head in INDUCTION:
            weights = twice.trace.attention(layer, heads=head)[0]
            looks = np.mean([weights[query, query - 9] for query in range(10, 20)])
            assert looks > 0.25, (layer, head)
        for layer, head in PREVIOUS:
            weights = twice.trace.attention(layer, heads=head)[0]
            looks = np.mean([weights[query, query - 1] for query in range(1, 20)])
            assert looks > 0.8, (layer, head)

    def test_without_them_nothing_is_copied(self, twice: Experiment) -> None:
        assert self.copied(twice) == pytest.approx(0.167, abs=ABOUT)
        assert self.copied(twice, HeadOff(18, 6)) == pytest.approx(0.055, abs=ABOUT)
        assert self.copied(twice, *off(INDUCTION)) == pytest.approx(0.004, abs=0.002)
        for heads in OTHERS:  # of the same layers
            assert self.copied(twice, *off(heads)) > 0.08
        # what they match on is written by heads that look at the previous token
        assert self.copied(twice, *off(PREVIOUS)) < 0.03

    def test_neither_does_the_work_of_the_other(
        self, twice: Experiment, france: Experiment
    ) -> None:
        """A double dissociation."""
        assert self.copied(twice, HeadOff(23, 4)) == pytest.approx(0.167, abs=ABOUT)
        assert chance(france, " Paris", *off(INDUCTION)) == pytest.approx(0.725, abs=ABOUT)

    def test_forty_words(self, read: Any) -> None:
        mixed = " ".join(np.random.RandomState(0).permutation(FORTY.split()))
        lab = read(f" {mixed} {mixed}")
        assert len(lab.encoded.tokens) == 80

        def losses(*edits: Edit) -> tuple[float, float, float]:
            found = lab.predictions_from(lab.without(*edits).after, 1)
            first, second = found.log_probability[:39], found.log_probability[39:-1]
            return -first.mean(), -second.mean(), (found.rank[39:-1] == 1).mean()

        assert losses() == pytest.approx((8.37, 3.17, 0.45), abs=0.05)
        assert losses(HeadOff(18, 6)) == pytest.approx((8.35, 4.39, 0.225), abs=0.05)
        # the first copy is read as before, of the second one nothing is left but a word or none
        assert losses(*off(INDUCTION)) == pytest.approx((8.37, 6.59, 0.025), abs=0.05)
        for heads in OTHERS:
            assert losses(*off(heads))[1] < 4.9


class TestAttentionSaysTheOpposite:
    def of(self, lab: Experiment, passage: str) -> list[int]:
        start = lab.encoded.texts[0].index(passage)
        return [
            token.index
            for token in lab.encoded.tokens
            if token.start is not None and start <= token.start < start + len(passage)
        ]

    def test_the_answer_looks_more_at_the_passage_that_does_not_matter(
        self, passages: Experiment
    ) -> None:
        last = len(passages.encoded.tokens) - 1
        rows = [passages.trace.attention(layer, queries=last)[:, 0] for layer in range(30)]
        shares = np.mean(rows, axis=(0, 1))
        assert shares[self.of(passages, FIRST)].sum() == pytest.approx(0.209, abs=ABOUT)
        assert shares[self.of(passages, SECOND)].sum() == pytest.approx(0.114, abs=ABOUT)

    def test_what_matters_is_the_other(self, passages: Experiment, read: Any) -> None:
        assert chance(passages, " Berlin") == pytest.approx(0.799, abs=ABOUT)
        without_second = read(f"Context:\n{FIRST}\n{QUESTION}")
        without_first = read(f"Context:\n{SECOND}\n{QUESTION}")
        assert chance(without_second, " Berlin") == pytest.approx(0.001, abs=0.002)
        assert chance(without_first, " Berlin") == pytest.approx(0.722, abs=ABOUT)
        last = len(passages.encoded.tokens) - 1
        for passage, expected in ((SECOND, 0.001), (FIRST, 0.890)):
            blocked = EdgeOff(query=last, key=self.of(passages, passage))
            assert chance(passages, " Berlin", blocked) == pytest.approx(expected, abs=ABOUT)

    def test_it_crosses_in_three_layers(self, passages: Experiment) -> None:
        last, keys = len(passages.encoded.tokens) - 1, self.of(passages, SECOND)

        def without(layers: range) -> float:
            edits = [EdgeOff(layer=layer, query=last, key=keys) for layer in layers]
            return chance(passages, " Berlin", *edits)

        assert without(range(21, 24)) < 0.01
        assert without(range(21)) > 0.75
        assert without(range(24, 30)) > 0.75


class TestTheIndirectObject:
    def differences(self, prompts: Any, *edits: Edit) -> list[float]:
        """How far the logit of the right name lies above that of the repeated one."""
        found = []
        for lab, right, repeated in prompts:
            logits = lab.without(*edits, positions=-1).after
            names = lab.predictions_from(logits, 1, -1, follow=[f" {right}", f" {repeated}"])
            found.append(float(names.followed_logits[0, 0] - names.followed_logits[0, 1]))
        return found

    def looks(self, prompts: Any, layer: int, head: int, name: int) -> float:
        """How much of a head's attention goes from the last token to a name, on average."""
        shares = []
        for prompt in prompts:
            weights = prompt[0].trace.attention(layer, heads=head)[0, -1]
            at = [index for index, label in enumerate(labels(prompt[0])) if label == prompt[name]]
            shares.append(float(weights[at].sum()))
        return float(np.mean(shares))

    def test_one_head_carries_it(self, prompts: Any) -> None:
        assert len(prompts) == 12
        before = self.differences(prompts)
        assert min(before) > 0  # all are right
        assert np.mean(before) == pytest.approx(5.16, abs=0.05)
        assert self.looks(prompts, 23, 3, name=2) == pytest.approx(0.677, abs=ABOUT)  # repeated
        assert np.mean(self.differences(prompts, HeadOff(23, 3))) == pytest.approx(2.44, abs=0.05)

    def test_one_head_works_against_it(self, prompts: Any) -> None:
        assert self.looks(prompts, 24, 4, name=1) == pytest.approx(0.762, abs=ABOUT)  # right
        chances = [chance(lab, f" {right}") for lab, right, _ in prompts]
        without = [chance(lab, f" {right}", HeadOff(24, 4)) for lab, right, _ in prompts]
        assert np.mean(chances) == pytest.approx(0.717, abs=ABOUT)
        assert np.mean(without) == pytest.approx(0.874, abs=ABOUT)

    def test_others_stand_in_for_one_head(self, prompts: Any) -> None:
        """It writes much into the answer, and nothing is missed without it."""
        lab, right, repeated = prompts[0]
        direct = lab.direct_attribution(LogitDifference(f" {right}", f" {repeated}"))
        assert direct.heads[23, 0] == pytest.approx(0.82, abs=0.02)
        [before] = self.differences(prompts[:1])
        [after] = self.differences(prompts[:1], HeadOff(23, 0))
        assert after - before == pytest.approx(-0.01, abs=0.02)
