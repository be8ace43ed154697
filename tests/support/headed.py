"""Tiny models of transformers' registry with a head, and what they are given to read."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import transformers
from tiny_config import tiny_config
from tiny_inputs import TARGET, TEXT, tokenizer
from tiny_models import random_model
from transformers import PreTrainedModel
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention_widget import Experiment

CAUSAL = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"
MASKED = "MODEL_FOR_MASKED_LM_MAPPING_NAMES"
SEQ2SEQ = "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES"


def headed(model_type: str, names: str = CAUSAL) -> PreTrainedModel:
    """A random model of a type with its language-model head, the same each time."""
    if model_type not in CONFIG_MAPPING:
        pytest.skip(f"transformers {transformers.__version__} has no {model_type}")
    found: Any = getattr(modeling_auto, names)[model_type]
    found = found[0] if isinstance(found, tuple | list) else found
    config = tiny_config(CONFIG_MAPPING[model_type], model_type)
    torch.manual_seed(0)
    return random_model(getattr(transformers, found), config)


@dataclass(frozen=True)
class Lab:
    """An experiment on a tiny model, and the logits that the model itself returns."""

    experiment: Experiment
    logits: torch.Tensor  # (token, vocabulary)


def lab(model: PreTrainedModel) -> Lab:
    two_stacks = "decoder_input_ids" in inspect.signature(model.forward).parameters
    target = TARGET if two_stacks else None
    experiment = Experiment(model, TEXT, target=target, tokenizer=tokenizer())
    with torch.no_grad():
        output = model(**experiment.inputs())
    return Lab(experiment, output.logits[0].float())
