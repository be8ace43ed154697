"""Advice for a model that is not from transformers: use the one inside it, or its arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from torch import nn

from attention_widget.tracing.model.wrappers import default_prompt

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_FINISHED: Final = (
    "attention that something else computed is drawn by AttentionWidget.from_attentions(maps, "
    "tokens), queries and keys by AttentionWidget.from_arrays(q, k, v, tokens=tokens)"
)

_NAMES: Final = ("model", "original_model", "transformers_model", "auto_model", "hf_model")


def advice_for(model: Any) -> str:
    """What to pass instead of this model."""
    from transformers import PreTrainedTokenizerBase

    found = next(_inside(model), None)
    if found is not None:
        path, inner = found
        tokenizer = isinstance(_attribute(model, "tokenizer"), PreTrainedTokenizerBase)
        more = ", tokenizer=model.tokenizer" if tokenizer else ""
        prompt = default_prompt(model)
        before = f"; it writes {prompt!r} before each text, which is then yours to do"
        return (
            f"there is a {type(inner).__name__} in it: AttentionWidget({path}, text{more})"
            f"{before if prompt else ''}"
        )
    if hasattr(model, "run_with_cache"):  # TransformerLens
        return (
            "its cache can be shown: _, cache = model.run_with_cache(text); "
            "AttentionWidget.from_attentions(cache, model.to_str_tokens(text))"
        )
    if type(model).__module__.partition(".")[0] == "timm":
        return (
            "timm's models can be captured as transformers loads them: "
            f"TimmWrapperModel.from_pretrained('timm/...'); {_FINISHED}"
        )
    if isinstance(model, nn.Module) and any(
        isinstance(part, nn.MultiheadAttention) for part in model.modules()
    ):
        return (
            "the maps of a torch.nn.MultiheadAttention are its second output, with "
            f"need_weights=True and average_attn_weights=False; {_FINISHED}"
        )
    return _FINISHED


def _inside(model: Any) -> Iterator[tuple[str, PreTrainedModel]]:
    """Transformers models inside an object, by the expression that gets each."""
    from transformers import PreTrainedModel

    for name in _NAMES:
        inner = _attribute(model, name)
        if isinstance(inner, PreTrainedModel):
            yield f"model.{name}", inner
    if isinstance(model, nn.Module):
        for path, module in model.named_modules():
            if isinstance(module, PreTrainedModel):
                yield _written(path), module
    for name, value in getattr(model, "__dict__", {}).items():
        if isinstance(value, PreTrainedModel):
            yield f"model.{name}", value


def _written(path: str) -> str:
    parts = (f"[{part}]" if part.isdigit() else f".{part}" for part in path.split("."))
    return f"model{''.join(parts)}"


def _attribute(model: Any, name: str) -> Any:
    try:
        return getattr(model, name, None)
    except Exception:  # a property may do anything
        return None
