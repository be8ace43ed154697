"""What the heads of a trained language model do; its file is fixed by a hash, so these are too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attention_widget import Experiment
from attention_widget.experiments import (
    HeadEffects,
    HeadOff,
    Logit,
    LogitDifference,
)

pytestmark = pytest.mark.slow

PARIS = LogitDifference(" Paris", " London")


@pytest.fixture(scope="module")
def france(smollm: tuple[Any, Any]) -> Experiment:
    return Experiment(smollm[0], "The capital of France is", tokenizer=smollm[1], progress=False)


@pytest.fixture(scope="module")
def effects(france: Experiment) -> HeadEffects:
    return france.rank_heads(Logit(" Paris"), progress=False)


def test_one_head_of_270_knows_the_capital(france: Experiment, effects: HeadEffects) -> None:
    assert effects.n_done == effects.n_heads == 270
    best = effects.table()[0]
    assert (best["layer"], best["head"]) == (23, 4)
    assert best["effect"] == pytest.approx(-4.06, abs=0.01)
    outcome = france.without(HeadOff(23, 4, tokens=range(1, 5)), positions=-1)
    paris = france.tracer.tokenizer(" Paris")["input_ids"][0]
    assert best["after"] == pytest.approx(float(outcome.after[0, paris]), abs=1e-4)


def test_the_likeliest_heads_are_tried_first(france: Experiment, effects: HeadEffects) -> None:
    early = france.rank_heads(Logit(" Paris"), first=66, progress=False)
    rows = effects.table()[:5]
    assert all(not np.isnan(early.effects[row["layer"], row["head"]]) for row in rows)
    done = ~np.isnan(early.effects)
    np.testing.assert_allclose(early.effects[done], effects.effects[done], atol=1e-4)


def test_paris_beside_london_is_a_sum(france: Experiment) -> None:
    found = france.direct_attribution(PARIS)
    assert found.logit == pytest.approx(4.1263, abs=1e-3)
    assert found.values.sum() == pytest.approx(found.logit, abs=1e-4)
    assert found.heads[23, 4] == pytest.approx(2.66, abs=0.01)
    assert int(np.nanargmax(found.heads)) == 23 * 9 + 4


def test_why_the_head_looks_at_the_country(france: Experiment) -> None:
    found = france.explain_score(23, 4, query=4, key=3)
    others = [france.explain_score(23, 4, query=4, key=key).score for key in (1, 2, 4)]
    assert found.score > max(others)
    assert abs(found.gap) <= 1e-5 * max(1.0, float(abs(found.query_side).max()))
    writers = [found.terms[index].label for index in np.argsort(-abs(found.query_side))]
    assert writers[0] == "layer 22, MLP"


def test_a_head_that_others_stand_in_for(smollm: tuple[Any, Any]) -> None:
    """A large direct part and a small effect, as other heads take over when it is off (backup
    heads: Wang et al. 2022, https://arxiv.org/abs/2211.00593, section 3.4)."""
    text = "When Mary and John went to the store, John gave a drink to"
    lab = Experiment(smollm[0], text, tokenizer=smollm[1], progress=False)
    direct = lab.direct_attribution(LogitDifference(" Mary", " John")).heads
    mary, john = (smollm[1](name)["input_ids"][0] for name in (" Mary", " John"))
    later = range(1, len(lab.encoded.tokens))  # as the first token is left alone in a ranking
    heads = [(23, 3), (24, 4), (23, 0)]
    outcomes = lab.without_each([[HeadOff(*head, tokens=later)] for head in heads], positions=-1)
    effects = {
        head: float((outcome.after - outcome.before)[0, [mary, john]] @ [1, -1])
        for head, outcome in zip(heads, outcomes, strict=True)
    }
    assert direct[23, 3] == pytest.approx(2.86, abs=0.02)  # it looks at the repeated name
    assert effects[23, 3] == pytest.approx(-3.05, abs=0.02)
    assert direct[24, 4] < -1 < 0.5 < effects[24, 4]  # it works against the answer
    assert direct[23, 0] == pytest.approx(0.82, abs=0.02)
    assert abs(effects[23, 0]) < 0.05
