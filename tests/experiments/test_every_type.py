"""Predictions and lens of a sample of all types are those of the model's own logits."""

from __future__ import annotations

import pytest
from examine_predictions import CAUSAL, MASKED, SEQ2SEQ, examine_predictions, language_models
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

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
def test_predictions_and_lens_are_those_of_the_models_own_logits(
    kind: str, model_type: str
) -> None:
    if model_type not in CONFIG_MAPPING:
        pytest.skip(f"transformers does not know {model_type}")
    finding = examine_predictions(model_type, kind)
    assert finding.predictions is not None
    assert finding.predictions <= TOLERANCE
    if TYPES[kind][model_type]:
        assert finding.refusal == ""
        assert finding.lens is not None
        assert finding.lens <= TOLERANCE
    else:
        assert (
            "no logit lens" in finding.refusal
            or "predictions()" in finding.refusal
            or ("no attention" in finding.refusal)
        )


def test_a_sort_of_model_is_found_in_the_registry() -> None:
    assert language_models("bert") == [MASKED, CAUSAL]
    assert language_models("t5") == [SEQ2SEQ]
    assert language_models("vit") == []
