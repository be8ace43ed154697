"""What is compared chunk by chunk, from a resumed pass, is what whole passes give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.labs import TOKENIZER, lab_of, made
from support.models import TEXT
from transformers import AlbertModel

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, Edit, HeadOff, HeadScale
from attention_widget.experiments import tail as tails
from attention_widget.experiments.comparing import Comparison, before_edits

FAMILIES = ["gpt2", "llama", "mixtral", "albert", "albert_groups", "bert_masked_lm"]
STACKED = ["T5ForConditionalGeneration", "BartForConditionalGeneration"]


def lab_with_vocabulary(model: Any) -> Experiment:
    """A model without a head gets one over all of the tokenizer's vocabulary."""
    if not isinstance(model, AlbertModel):
        return lab_of(model)
    torch.manual_seed(3)
    head = torch.nn.Linear(model.config.hidden_size, len(TOKENIZER))
    return Experiment(model, TEXT, tokenizer=TOKENIZER, head=head)


@pytest.mark.parametrize("family", [*FAMILIES, *STACKED])
def test_it_is_what_whole_passes_give(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "_CHUNK", 4)
    lab = lab_with_vocabulary(made(family))
    kind = lab.trace.kinds[-1]
    last = lab.trace.layers_with_attention(kind)[-1]
    edits: list[Edit] = [
        HeadOff(last, 0, kind),
        HeadScale(last, 1, 2.0, kind),
        EdgeOff(key=1, kind=kind),
    ]
    for chosen in (edits[:1], edits):
        comparison = Comparison(lab, chosen)
        for positions in ([2], None):
            before = before_edits(lab, 3, positions)
            after, kept = comparison.after(before)
            logits = torch.from_numpy(lab.without(*chosen, positions=positions).after)
            chances = logits.softmax(-1).numpy()
            np.testing.assert_allclose(after.probabilities, -np.sort(-chances)[:, :3], rtol=1e-4)
            own = np.take_along_axis(chances, before.ids, -1)
            np.testing.assert_allclose(kept, own, rtol=1e-4, atol=1e-7)
            assert after.positions == before.positions


def test_a_model_that_wants_all_positions_is_compared_too() -> None:
    model = made("llama")

    def whole_alone(_: Any, args: Any, output: torch.Tensor) -> torch.Tensor:
        if output.shape[1] != 17:
            raise ValueError("all positions are needed")
        return output - output.mean(1, keepdim=True)

    model.lm_head.register_forward_hook(whole_alone)
    lab = lab_of(model)
    before = lab.predictions(2, 4)
    _, kept = Comparison(lab, [HeadOff(1, 0)]).after(before)
    logits = torch.from_numpy(lab.without(HeadOff(1, 0), positions=4).after)
    own = np.take_along_axis(logits.softmax(-1).numpy(), before.ids, -1)
    np.testing.assert_allclose(kept, own, rtol=1e-4)
