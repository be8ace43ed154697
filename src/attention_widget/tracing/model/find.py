"""Find the transformers model and tokenizer in what a user passes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidTypeError, InvalidValueError, LowMemoryWarning
from attention_widget.tracing.model.inner import advice_for
from attention_widget.tracing.model.naming import PASS_TOKENIZER, name_of, type_name
from attention_widget.tracing.model.weights_size import warn_if_large
from attention_widget.tracing.model.wrappers import is_pipeline, is_sentence_transformer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_MODELS = (
    "a transformers model (PreTrainedModel), a transformers pipeline, a SentenceTransformer, the "
    "name of a model on the hub or the path of a local folder"
)


def find_model(
    model: object, *, writing: bool = False, headed: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    """The transformers model within ``model``, and the tokenizer if one comes with it.

    A pipeline and a SentenceTransformer bring both; a hub name or folder is loaded with
    AutoModel and AutoTokenizer, ``writing`` ones and encoder-decoders with their language-model
    head, ``headed`` ones with the head that they were saved with; wrappers of
    ``torch.compile``, PEFT and data parallelism give the model within. TypeError for anything
    else, ValueError with the reason for what can't be loaded.
    """
    from transformers import PreTrainedModel

    if isinstance(model, PreTrainedModel):
        return model, None
    if isinstance(model, (str, os.PathLike)):
        return _load(os.fspath(model), writing, headed)
    if is_pipeline(model):
        found, _ = find_model(model.model)  # type: ignore[attr-defined]
        return found, model.tokenizer  # type: ignore[attr-defined]
    if isinstance(model, nn.Module):
        inner = getattr(model, "_orig_mod", None)  # torch.compile's OptimizedModule
        if isinstance(inner, nn.Module):
            return find_model(inner)
        if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            return find_model(model.module)
        if hasattr(model, "peft_config") and hasattr(model, "get_base_model"):
            return find_model(_without_peft(model))
        if is_sentence_transformer(model):
            return _of_sentence_transformer(model)
    raise InvalidTypeError(f"model must be {_MODELS}, got {type_name(model)}; {advice_for(model)}")


def find_tokenizer(model: PreTrainedModel, tokenizer: object = None) -> PreTrainedTokenizerBase:
    """The tokenizer given, else the one that the model's name or folder leads to.

    TypeError if what is given is no transformers tokenizer, ValueError if none can be found:
    the message says what to pass.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerBase

    if tokenizer is not None:
        if not isinstance(tokenizer, PreTrainedTokenizerBase):
            raise InvalidTypeError(
                f"tokenizer must be a transformers tokenizer "
                f"(PreTrainedTokenizerBase){_tokenizer_advice(tokenizer)}, got "
                f"{type_name(tokenizer)}"
            )
        if _is_empty(tokenizer):
            raise InvalidValueError(
                f"tokenizer must have a vocabulary, got {name_of(tokenizer)} with special tokens "
                f"alone ({len(tokenizer)}); load it from a place that holds one"
            )
        return tokenizer
    found: PreTrainedTokenizerBase = of_name(model, AutoTokenizer, "tokenizer", PASS_TOKENIZER)
    if _is_empty(found):
        raise InvalidValueError(
            f"no tokenizer for {type(model).__name__}: {model.name_or_path!r} holds no vocabulary; "
            f"{PASS_TOKENIZER}"
        )
    return found


def of_name(model: PreTrainedModel, auto: Any, noun: str, advice: str) -> Any:
    """What the model's name or folder leads to, such as its tokenizer; ValueError with the reason
    and the advice if it cannot be loaded."""
    cls, name = type(model).__name__, model.name_or_path
    if not name:
        raise InvalidValueError(
            f"no {noun}: this {cls} was built from a config, so nothing says which {noun} is its "
            f"own; {advice}"
        )
    try:
        return auto.from_pretrained(name, trust_remote_code=False)
    except Exception as error:
        raise InvalidValueError(
            f"no {noun} for {cls}: {auto.__name__}.from_pretrained({name!r}) failed with "
            f"{in_one_line(error, typed=True)}; {advice}"
        ) from error


def _load(
    name: str, writing: bool, headed: bool
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    from transformers import AutoConfig, AutoTokenizer

    folder = Path(name).is_dir()
    try:
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        auto = _auto_class(config, writing, headed)
        warn_if_large(name, config)
        model = auto.from_pretrained(name, trust_remote_code=False)
    except LowMemoryWarning:  # where warnings are errors
        raise
    except Exception as error:
        tried = (
            "as a local folder"
            if folder
            else "as the name of a model on the hub, for there is no such local folder"
        )
        raise InvalidValueError(
            f"cannot load a model from {name!r}: tried AutoModel.from_pretrained, {tried}; "
            f"{in_one_line(error, typed=True)}"
        ) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    except Exception:  # find_tokenizer says why, should one be needed
        return model, None
    return model, None if _is_empty(tokenizer) else tokenizer


def _auto_class(config: Any, writing: bool, headed: bool) -> Any:
    """The class of models to load: a decoder beside an encoder needs its head to write with."""
    import transformers

    for architecture in (getattr(config, "architectures", None) or ()) if headed else ():
        saved = getattr(transformers, architecture, None)
        if isinstance(saved, type) and issubclass(saved, transformers.PreTrainedModel):
            return saved
    if getattr(config, "is_encoder_decoder", False):
        writer: Any = transformers.AutoModelForSeq2SeqLM
        return writer if type(config) in writer._model_mapping else transformers.AutoModel
    return transformers.AutoModelForCausalLM if writing else transformers.AutoModel


def _of_sentence_transformer(
    model: nn.Module,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    from transformers import PreTrainedTokenizerBase

    for module in model.children():
        inner = getattr(module, "auto_model", None)
        if isinstance(inner, nn.Module):
            found, own = find_model(inner)
            tokenizer = getattr(module, "tokenizer", None)
            return found, tokenizer if isinstance(tokenizer, PreTrainedTokenizerBase) else own
    raise InvalidTypeError(
        f"model must be {_MODELS}, got a {type(model).__name__} whose first module is no "
        f"transformers model; {advice_for(model)}"
    )


def _is_empty(tokenizer: PreTrainedTokenizerBase) -> bool:
    """As is the tokenizer that transformers 5 makes if there is no vocabulary."""
    return len(tokenizer) <= len(tokenizer.all_special_ids)


def _without_peft(model: Any) -> nn.Module:
    if model.active_peft_config.is_prompt_learning:
        raise InvalidTypeError(
            f"a PEFT model must be of a method that changes weights, such as LoRA, got "
            f"{model.active_peft_config.peft_type.value}, whose virtual tokens stand for no text"
        )
    base: nn.Module = model.get_base_model()
    return base


def _tokenizer_advice(tokenizer: object) -> str:
    from transformers import PreTrainedTokenizerBase

    if isinstance(tokenizer, str):
        return f", such as AutoTokenizer.from_pretrained({tokenizer!r})"
    if type(tokenizer).__module__.partition(".")[0] == "tokenizers":
        return ", such as PreTrainedTokenizerFast(tokenizer_object=...)"
    if isinstance(getattr(tokenizer, "tokenizer", None), PreTrainedTokenizerBase):
        return f", such as the .tokenizer of this {type(tokenizer).__name__}"
    return ""
