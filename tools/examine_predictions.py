"""Hold the predictions and the lens of one tiny model against the model's own logits."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from examine_sums import SumFinding, examine_sums
from tiny_config import tiny_config
from tiny_inputs import TARGET, TEXT, tokenizer
from tiny_models import random_model
from transformers import PreTrainedModel
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention_widget.experiments import Experiment
from attention_widget.tracing import UnsupportedModelError

CAUSAL = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"
MASKED = "MODEL_FOR_MASKED_LM_MAPPING_NAMES"
SEQ2SEQ = "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES"
_SORTS = {SEQ2SEQ: "encoder-decoder", MASKED: "masked", CAUSAL: "causal"}


@dataclass
class PredictionFinding:
    """What predictions and lens made of one model type; differences are the largest of any logit,
    relative to the largest logit."""

    model_type: str
    sort: str = ""  # of language model
    model: str = ""
    predictions: float | None = None
    lens: float | None = None  # of its last layer
    refusal: str = ""  # of the lens
    sums: SumFinding = field(default_factory=SumFinding)


def language_models(model_type: str) -> list[str]:
    """The registries of language models that have the type."""
    return [names for names in _SORTS if model_type in getattr(modeling_auto, names)]


def headed(model_type: str, names: str) -> PreTrainedModel:
    """A random model of a type with its language-model head, the same each time."""
    found: Any = getattr(modeling_auto, names)[model_type]
    found = found[0] if isinstance(found, tuple | list) else found
    config = tiny_config(CONFIG_MAPPING[model_type], model_type)
    torch.manual_seed(0)
    return random_model(getattr(transformers, found), config)


def lab_of(model: PreTrainedModel) -> Experiment:
    """An experiment on the text that every tiny model reads."""
    two_stacks = "decoder_input_ids" in inspect.signature(model.forward).parameters
    target = TARGET if two_stacks else None
    return Experiment(model, TEXT, target=target, tokenizer=tokenizer())


def own_logits(lab: Experiment) -> torch.Tensor:
    """The logits (token, vocabulary) that the model itself returns."""
    with torch.no_grad():
        logits: torch.Tensor = lab.model(**lab.inputs()).logits[0].float()
    return logits


def examine_predictions(model_type: str, names: str) -> PredictionFinding:
    """Compare the logits behind predictions and lens at every position."""
    finding = PredictionFinding(model_type, _SORTS[names])
    model = headed(model_type, names)
    finding.model = type(model).__name__
    lab = lab_of(model)
    own = own_logits(lab)
    finding.predictions = _apart(torch.cat(list(lab.tail.logits(range(len(own))))), own)
    try:
        entries = list(range(own.shape[1]))
        lens = lab.lens(None, follow=entries)
        finding.lens = _apart(torch.from_numpy(lens.followed_logits[-1, :, 1:]), own)
    except UnsupportedModelError as error:
        finding.refusal = str(error).partition(") ")[2]
    finding.sums = examine_sums(lab, own.numpy())
    return finding


def _apart(logits: torch.Tensor, own: torch.Tensor) -> float:
    same = (logits == own) | (logits.isnan() & own.isnan())  # some entries are -inf
    apart = torch.where(same, 0.0, (logits - own).abs())
    finite = own[own.isfinite()].abs()
    return float(apart.max() / finite.max().clamp(min=1e-30))
