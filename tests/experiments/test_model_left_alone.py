"""Whatever ends a pass with edits, the model is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.interrupts import Calls, from_another_thread
from support.labs import lab_of, made
from support.surroundings import assert_equal, deep, surroundings

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff, HeadPatch, Logit

Work = Callable[[Experiment], Any]


def anew(lab: Experiment) -> Experiment:
    """It without what measures kept of it, so that passes run again."""
    vars(lab).pop("_kept_measures", None)
    return lab


EDITS: dict[str, Work] = {
    "head": lambda lab: lab.without(HeadOff(2, 1, value="mean")).after,
    "edge": lambda lab: lab.without(EdgeOff(layer=1, query=3, key=2)).after,
    "patch": lambda lab: lab.without(HeadPatch(1, 2, lab_of(lab.model, "a good idea"), 0)).after,
    "trace": lambda lab: lab.trace_of(HeadOff(1, 1)).attention(2),
    "batch": lambda lab: lab.without_each([[HeadOff(2, head)] for head in range(4)])[3].after,
    "gradient": lambda lab: anew(lab).measure("gradient_attention", 1, metric=Logit(5)).values,
    "chefer": lambda lab: anew(lab).measure("chefer", 2, metric=Logit(5)).values,
    "removal": lambda lab: lab.removal(Logit(5), progress=False).values,
    "integrated": lambda lab: lab.integrated_gradients(Logit(5), progress=False).values,
}


# what no capture calls, of which tests/test_interrupted.py has the rest
OWN = (
    "experiments.",
    ".editor:",
    ".seam:",
    ".edited_pass:",
    ".kept_layers:",
    ".layer_output:",
    ".heard_pass:",
)


@pytest.mark.parametrize("family", ["llama", "bloom", "bert_masked_lm"])
@pytest.mark.parametrize("name", EDITS)
def test_after_a_success(name: str, family: str) -> None:
    model = made(family, "eager").train()
    before, around = deep(model), surroundings()
    lab = lab_of(model)
    first = EDITS[name](lab)
    assert_equal(deep(model), before)
    assert surroundings() == around
    np.testing.assert_array_equal(EDITS[name](lab), first)


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", EDITS)
def test_after_an_error_in_the_middle(name: str, error: BaseException) -> None:
    model = made("llama").train()
    lab = lab_of(model)
    expected = EDITS[name](lab)
    raising = False

    def hook(*_: Any) -> None:
        if raising:
            raise error

    model.model.layers[2].mlp.register_forward_pre_hook(hook)
    before, around = deep(model), surroundings()
    raising = True
    fresh = lab_of(model)
    for each in (lab, fresh):
        with pytest.raises(type(error)):
            EDITS[name](each)
        assert_equal(deep(model), before)
        assert surroundings() == around
    raising = False
    np.testing.assert_array_equal(from_another_thread(lambda: EDITS[name](lab)), expected)
    np.testing.assert_array_equal(EDITS[name](fresh), expected)


@pytest.mark.parametrize("name", ["head", "trace", "chefer", "removal", "integrated"])
def test_interrupted_everywhere(name: str) -> None:
    model = made("llama").train()
    labs: list[Experiment] = []

    def work() -> Any:
        labs.append(lab_of(model, "a good novel idea"))
        return EDITS[name](labs[-1])

    expected = work()
    with Calls() as calls:
        work()
    before, around = deep(model), surroundings()
    mine = {code: name for code, name in calls.seen.items() if any(part in name for part in OWN)}
    if name != "head":  # what any edit calls is called for the first time as it is there
        with Calls() as of_a_head:
            EDITS["head"](lab_of(model, "a good novel idea"))
        mine = {code: name for code, name in mine.items() if code not in of_a_head.seen}
    assert len(mine) > (40 if name == "head" else 0)
    for code, where in mine.items():
        interrupted = Calls(code)
        with pytest.raises(KeyboardInterrupt), interrupted:
            work()
        assert interrupted.raised, where
        assert_equal(deep(model), before, where)
        assert surroundings() == around, where
        np.testing.assert_array_equal(EDITS[name](labs[-1]), expected, err_msg=where)


def test_a_users_hook_runs_the_model_in_between() -> None:
    model = made("llama")
    plain = lab_of(model).without(HeadOff(1, 1), HeadOff(2, 0)).after
    inputs = lab_of(model).inputs()
    expected = model(**inputs).logits
    seen: list[Any] = []

    def hook(*_: Any) -> None:
        if not seen or seen[-1] is not None:
            seen.append(None)
            seen[-1] = model(**inputs).logits

    model.model.layers[1].register_forward_hook(hook)
    found = lab_of(model).without(HeadOff(1, 1), HeadOff(2, 0)).after
    np.testing.assert_array_equal(found, plain)
    assert len(seen) > 1
    assert all((each == expected).all() for each in seen)
