"""A base model against itself after a minute of fine-tuning: examples/finetune_for_a_minute.py."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest
import torch
from support.repository import ROOT

from attention_widget import Contrast, Experiment, compare

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "examples" / "finetune_for_a_minute.py"
    spec = importlib.util.spec_from_file_location("finetune_for_a_minute", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["finetune_for_a_minute"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def contrast(script: Any, smollm: tuple[Any, Any]) -> Contrast:
    model, tokenizer = smollm
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    tuned = script.fine_tuned(model, tokenizer)
    assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())
    before, after = (
        Experiment(each, script.PROMPT, tokenizer=tokenizer) for each in (model, tuned)
    )
    return compare(before, after)


@pytest.fixture(scope="module")
def carriers(script: Any, contrast: Contrast) -> list[tuple[int, int]]:
    both = contrast.predictions(1, [4])
    found = script.carried(contrast, int(both.one.ids[0, 0]), int(both.other.ids[0, 0]))
    return [*found]


@pytest.fixture(scope="module")
def changed(contrast: Contrast) -> list[tuple[int, int]]:
    return [(each.layer, each.head) for each in contrast.heads_by_change()]


def test_the_answer_changes(contrast: Contrast) -> None:
    both = contrast.predictions(1, [4])
    assert (both.one.tokens[0][0], both.other.tokens[0][0]) == (" Paris", " Lyon")
    assert both.one.probabilities[0, 0] == pytest.approx(0.773, abs=2e-3)
    assert both.other.probabilities[0, 0] > 0.95
    assert both.kept is not None
    assert both.kept[0, 0] < 0.01


def test_who_looks_elsewhere_does_not_carry_the_answer(
    script: Any,
    contrast: Contrast,
    carriers: list[tuple[int, int]],
    changed: list[tuple[int, int]],
) -> None:
    before, after = contrast.experiments
    assert {(29, 2), (29, 1), (23, 4)} == {*carriers[:3]}
    assert len({*carriers[:5]} & {*changed[:5]}) < 3
    paris, lyon = script.with_values(before, after, carriers[:5])
    assert lyon > 0.4 > 0.2 > paris
    paris, lyon = script.with_values(before, after, changed[:5])
    assert paris > 0.4 > 0.2 > lyon


def test_taking_it_from_who_carries_it_undoes_the_answer(
    script: Any,
    contrast: Contrast,
    carriers: list[tuple[int, int]],
    changed: list[tuple[int, int]],
) -> None:
    before, after = contrast.experiments
    _, lyon = script.with_values(after, before, carriers[:15])
    assert lyon < 0.25
    _, lyon = script.with_values(after, before, changed[:15])
    assert lyon > 0.9
