"""The head that makes a model's predictions: its own, a tied one, or one that is given."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

import torch
from torch import nn

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.inputs.text import has_decoder
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.tracer import Tracer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Predicted = Literal["next token", "token", "class of token", "class"]

_CLASSIFIERS: Final = (
    "ForSequenceClassification",
    "ForImageClassification",
    "ForAudioClassification",
    "ForVideoClassification",
)


def what_it_predicts(model: PreTrainedModel) -> Predicted:
    """The next token (causal models, decoders), the token itself (masked language models), or a
    class of each token or of the whole input."""
    name = type(model).__name__
    if name.endswith(_CLASSIFIERS):
        return "class"
    if name.endswith("ForTokenClassification"):
        return "class of token"
    return "token" if _is_masked(model) else "next token"


def own_head(model: PreTrainedModel) -> nn.Module | None:
    """The module that turns final states into logits of the vocabulary; None without one."""
    try:
        head = model.get_output_embeddings()
    except (NotImplementedError, AttributeError):
        return None
    return head if isinstance(head, nn.Module) else None


def with_head(
    model: PreTrainedModel, head: object = None
) -> tuple[PreTrainedModel, nn.Module | None]:
    """The model to run for predictions, and the head to put on its final states where the model
    itself has none.

    A bare model gets its own head where its weights are tied to the embeddings, which makes it
    exact. ``head`` is a module, or a model with a head, whose place the bare model then takes.
    The model that is given stays as it is.

    Raises:
        TypeError, ValueError: the head is none, or does not go with the model.
    """
    from transformers import PreTrainedModel

    bare = own_head(model) is None and what_it_predicts(model) not in ("class", "class of token")
    if head is None:
        return ((_tied(model) or model) if bare else model), None
    if not isinstance(head, nn.Module):
        raise InvalidTypeError(
            f"head must be a torch.nn.Module that makes logits (..., vocabulary) of final hidden "
            f"states (..., hidden), or the model with its head, got {type_name(head)}"
        )
    if not bare:
        raise InvalidValueError(
            f"head must be left out with {type(model).__name__}, which has its own, got "
            f"{type_name(head)}"
        )
    if not isinstance(head, PreTrainedModel):
        return model, head
    grafted = copy.copy(head)
    vars(grafted)["_modules"] = dict(vars(head)["_modules"])
    if own_head(head) is None or not _put_inside(grafted, model):
        raise InvalidValueError(
            f"head must be a model with an output head around a {type(model).__name__}, got "
            f"{type(head).__name__}"
        )
    return grafted, None


def check_entries(
    head: nn.Module | None, ids: Iterable[int | None], n_entries: int | None = None
) -> None:
    """ValueError for an output head whose vocabulary, of so many entries where that is known, lacks
    a token of the text."""
    weight = getattr(head, "weight", None)
    if n_entries is None and isinstance(weight, torch.Tensor) and weight.ndim == 2:
        n_entries = len(weight)
    last = max((id for id in ids if id is not None), default=-1)
    if n_entries is not None and last >= n_entries:
        raise InvalidValueError(
            f"head must have an entry for each token of the text, whose ids go up to {last}, got "
            f"{type(head).__name__} with {n_entries} entries; pass the output head that belongs to "
            f"this model and tokenizer"
        )


def running(tracer: Tracer, model: PreTrainedModel) -> Tracer:
    """The tracer with another model in the place of its own."""
    if model is tracer.model:
        return tracer
    other = copy.copy(tracer)
    other.model = model
    other.modules = dict(model.named_modules())
    other.two_stacks = has_decoder(model)
    return other


def _tied(model: PreTrainedModel) -> PreTrainedModel | None:
    """The model with the head that its embeddings make; None where a head has weights of its
    own."""
    kind = _headed_class(model)
    if kind is None:
        return None

    def made() -> PreTrainedModel | None:
        with torch.device("meta"):
            whole: PreTrainedModel = kind(copy.deepcopy(model.config))
        if not _put_inside(whole, model):
            return None
        whole.tie_weights()
        tensors = [*whole.parameters(), *whole.buffers()]
        return None if any(tensor.is_meta for tensor in tensors) else whole.eval()

    try:
        return undisturbed(list(model.modules()), made)
    except (RuntimeError, ValueError, TypeError, AttributeError, NotImplementedError):
        return None  # this class cannot be built from the configuration alone


def _headed_class(model: PreTrainedModel) -> Any:
    from transformers.models.auto import modeling_auto

    if has_decoder(model):
        mapping: Any = modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
    elif _is_masked(model):
        mapping = modeling_auto.MODEL_FOR_MASKED_LM_MAPPING
    else:
        mapping = modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING
    found = mapping.get(type(model.config), None)
    return found[0] if isinstance(found, tuple | list) else found


def _put_inside(whole: PreTrainedModel, model: PreTrainedModel) -> bool:
    """Put a bare model into one with a head, or its parts where they stand there themselves."""
    prefix = whole.base_model_prefix
    if isinstance(getattr(whole, prefix, None), type(model)):
        setattr(whole, prefix, model)
        return True
    parts = dict(model.named_children())
    theirs = dict(whole.named_children())
    if not parts or any(type(theirs.get(name)) is not type(part) for name, part in parts.items()):
        return False
    for name, part in parts.items():
        setattr(whole, name, part)
    return True


def _is_masked(model: PreTrainedModel) -> bool:
    """Whether it predicts words that are masked. A configuration of both kinds (BERT's) is a
    masked model's unless it says otherwise."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING

    if has_decoder(model):
        return False
    config = model.config
    if type(config) not in MODEL_FOR_MASKED_LM_MAPPING:
        return "MaskedLM" in type(model).__name__
    return not (getattr(config, "is_decoder", False) or getattr(config, "causal", False))
