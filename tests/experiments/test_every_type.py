"""Predictions and lens of a sample of all types are those of the model's own logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.headed import CAUSAL, MASKED, SEQ2SEQ, headed, lab

from attention_widget import UnsupportedModelError

pytestmark = pytest.mark.filterwarnings("ignore:Initializing zero-element")  # of MobileBERT

TOLERANCE = 1e-5  # relative to the largest logit

# model type -> whether its layers have a lens
TYPES = {
    CAUSAL: {
        "bloom": True,
        "cohere2": True,  # scales its logits
        "cpmant": False,  # reads more positions than tokens
        "ctrl": True,
        "deepseek_v3": True,
        "falcon": True,
        "gemma2": True,  # caps its logits
        "gpt2": True,  # counts the positions again after its layers
        "gpt_neox": True,
        "gpt_oss": True,
        "granite": True,
        "jamba": True,
        "llama": True,
        "longcat_flash": False,
        "mamba": False,  # has no attention to trace
        "mixtral": True,
        "mpt": True,
        "opt": True,  # projects its final states
        "xglm": True,
        "xlnet": True,  # has its tokens before the batch
    },
    MASKED: {
        "albert": True,  # calls one layer several times
        "bert": True,
        "convbert": True,
        "deberta-v2": True,
        "distilbert": True,
        "electra": True,
        "mobilebert": False,  # computes its logits without its head
        "modernbert": True,
        "roformer": True,
        "squeezebert": False,
        "xlm": True,
    },
    SEQ2SEQ: {
        "bart": True,
        "fsmt": False,  # so does it
        "led": True,
        "m2m_100": True,
        "marian": True,
        "prophetnet": False,  # reads several streams
        "t5": True,
        "umt5": True,
    },
}
ALL = [(kind, one) for kind, types in TYPES.items() for one in types]


@pytest.mark.parametrize(("kind", "model_type"), ALL, ids=[one for _, one in ALL])
def test_predictions_are_those_of_the_models_own_logits(kind: str, model_type: str) -> None:
    found = lab(headed(model_type, kind))
    again = torch.cat(list(found.experiment.tail.logits(range(len(found.logits)))))
    size = float(found.logits.abs().max())
    assert float((again - found.logits).abs().max()) <= TOLERANCE * size
    expected = found.logits.softmax(-1)
    predictions = found.experiment.predictions(top_k=3)
    assert predictions.positions == tuple(range(len(found.experiment.read_tokens)))
    np.testing.assert_allclose(predictions.probabilities, expected.topk(3).values, rtol=1e-4)
    backwards = found.experiment.predictions(top_k=3, positions=[-1, 0])
    np.testing.assert_array_equal(backwards.ids, predictions.ids[[-1, 0]])


@pytest.mark.parametrize(("kind", "model_type"), ALL, ids=[one for _, one in ALL])
def test_the_last_layer_of_the_lens_is_the_prediction(kind: str, model_type: str) -> None:
    found = lab(headed(model_type, kind))
    if not TYPES[kind][model_type]:
        with pytest.raises(UnsupportedModelError, match=type(found.experiment.model).__name__):
            found.experiment.lens(None)
        return
    lens = found.experiment.lens(None, top_k=3, follow=[5])
    predictions = found.experiment.predictions(top_k=3, follow=[5])
    assert lens.n_layers == found.experiment.trace.n_layers or found.experiment.decoder
    np.testing.assert_allclose(lens.probabilities[-1], predictions.probabilities, rtol=1e-4)
    size = float(found.logits.abs().max())
    expected = found.logits[:, 5].numpy()
    np.testing.assert_allclose(lens.followed_logits[-1, :, 1], expected, atol=TOLERANCE * size)
    assert (lens.followed_ranks[-1, :, 0] == 1).all()
