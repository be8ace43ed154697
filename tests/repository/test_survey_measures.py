"""A sample of tools/survey_measures.py, and the page that it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from examine_measures import MEASURES, MeasureFinding, examine_measures
from support.repository import ROOT
from survey import survey
from survey_measures import page

# model type -> the measures that it has in all layers
SAMPLE = {
    "albert": set(MEASURES),
    "bloom": set(MEASURES),
    "gemma3_text": set(MEASURES),  # a norm between heads and sum
    "gpt2": set(MEASURES),
    "gpt_oss": set(MEASURES),  # sinks
    "nystromformer": {"value_weighted", "rollout"},  # a convolution beside its heads
    "t5": {"value_weighted", "norm", "norm_residual", "rollout"},  # two stacks
    "zamba2": {"value_weighted", "norm"},
}


@pytest.mark.parametrize("model_type", SAMPLE)
def test_what_a_type_has(model_type: str) -> None:
    found = examine_measures(model_type)
    assert not found.wrong
    assert set(found.off) - set(found.refused) == SAMPLE[model_type]
    for name in MEASURES:
        assert name in found.off or name in found.refused


def test_types_are_examined_in_a_process_of_their_own(tmp_path: Path) -> None:
    program = ROOT / "tools" / "survey_measures.py"
    [found] = survey(["fnet"], 1, 300, tmp_path / "findings.jsonl", program)
    assert found["refused"]["norm"].startswith("has no attention")


def test_the_page() -> None:
    good = MeasureFinding("good", kinds=["decoder"], off=dict.fromkeys(MEASURES, 1e-7))
    bad = MeasureFinding("bad", kinds=["encoder"], off={"norm": 0.5, "rollout": float("inf")})
    some = MeasureFinding("some", kinds=["decoder"], off={"norm": 2e-7})
    some.refused = {"norm": "has a gate in layer 3", "alti": "has a | in layer 12"}
    other = MeasureFinding("other", reads="pixel_values")
    broken = MeasureFinding("broken", failure="ImportError: it needs timm")
    none = MeasureFinding("none", refused=dict.fromkeys(MEASURES, "has no attention"))
    written = page([good, bad, some, none, other, broken])
    assert "6 model types, of which 4 read text and ran here" in written
    assert "- norm: 2 have it in all layers, 1 in some, 1 are refused." in written
    assert "1 are off by more than 1e-05: bad (norm, rollout)" in written
    assert "| good | decoder | yes | 1e-07 | 1e-07 | 1e-07 | 1e-07 |" in written
    assert "| some | decoder |  | 2e-07, some refused |  |  | refused |" in written
    assert "- norm: has a gate in layer N… (1: some)" in written
    assert r"- alti: has a \| in layer NN… (1: some)" in written
    assert written.count("has no attention") == written.count("- all: has no attention… (1: none)")
    assert "- broken: ImportError: it needs timm" in written
