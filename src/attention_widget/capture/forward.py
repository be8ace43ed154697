"""One ordinary forward pass, recorded."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from attention_widget.capture.errors import UnsupportedModelError
from attention_widget.capture.inputs import Encoded, encode, find_model, find_tokenizer
from attention_widget.capture.interface import SdpaMode, calls_sdpa, listening
from attention_widget.capture.preserve import preserved
from attention_widget.capture.recorder import Recorder
from attention_widget.capture.written_out import WrittenOutMode
from attention_widget.trace import Trace

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# A capture changes the mode of the model and the functions that transformers hands out; two
# at once would undo each other's changes, and fast tokenizers refuse to be used by two threads.
# Re-entrant, for a capture in a hook of a capture.
_one_at_a_time = threading.RLock()


def capture(
    model: Any,
    text: str,
    *,
    text_pair: str | None = None,
    tokenizer: Any = None,
    truncation: bool = False,
) -> Trace:
    """Run a model once on a text and keep the attention and hidden states of every layer.

    The model runs as it was loaded (any attention implementation; no need for
    ``attn_implementation="eager"`` or ``output_attentions=True``), in evaluation mode, without
    gradients, and is left exactly as it was, whatever happens.

    Parameters
    ----------
    model
        A ``PreTrainedModel``, a transformers pipeline, a hub id or a local folder.
    text, text_pair
        What the model reads; ``text_pair`` is the second segment.
    tokenizer
        Found from the model where it is not given.
    truncation
        Cut a text that is longer than the model takes, instead of refusing it.

    Raises
    ------
    UnsupportedModelError
        The architecture has no attention, or computes it where it cannot be recorded yet.
    TypeError, ValueError
        The model, tokenizer or text is not one of the above, the text is empty or too long,
        the token ids lie beyond the model's embeddings, or the model has no weights (meta
        device). The message says what was given and what is allowed.
    """
    found, own_tokenizer = find_model(model)
    accepted = inspect.signature(found.forward).parameters
    if "decoder_input_ids" in accepted:
        raise UnsupportedModelError(
            found,
            "is an encoder-decoder model, which capture does not support yet; its encoder alone "
            "can be captured: capture(model.get_encoder(), text, tokenizer=tokenizer)",
        )
    tokenizer = find_tokenizer(found, own_tokenizer if tokenizer is None else tokenizer)
    with _one_at_a_time:
        encoded = encode(found, text, text_pair, tokenizer, truncation)
        modules = dict(found.named_modules())
        options = {"use_cache": False} if "use_cache" in accepted else {}
        recorder = _run(found, modules, encoded, options)
    return _trace(found, modules, encoded, recorder)


def _run(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    options: Mapping[str, Any],
) -> Recorder:
    device = _input_device(model)
    inputs = {**{name: given.to(device) for name, given in encoded.inputs.items()}, **options}
    everything = list(modules.values())
    with preserved(everything), _uncompiled(everything), torch.no_grad():
        for module in everything:
            if module.training:
                module.training = False
        recorder = Recorder(modules, len(encoded.tokens))
        modes: list[TorchFunctionMode] = [SdpaMode(recorder)] if calls_sdpa(everything) else []
        _forward(model, inputs, modules, recorder, modes)
        if not recorder.n_records:  # following every operation costs time, so only where needed
            recorder = Recorder(modules, len(encoded.tokens))
            modes = [SdpaMode(recorder), WrittenOutMode(recorder)]
            _forward(model, inputs, modules, recorder, modes)
    return recorder


def _forward(
    model: PreTrainedModel,
    inputs: Mapping[str, Any],
    modules: Mapping[str, torch.nn.Module],
    recorder: Recorder,
    modes: list[TorchFunctionMode],
) -> None:
    with ExitStack() as stack:
        stack.enter_context(recorder.layers.watching(modules))
        stack.enter_context(listening(modules.values()))
        stack.enter_context(recorder.recording())
        for mode in modes:
            stack.enter_context(mode)
        model(**inputs)


def _trace(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    encoded: Encoded,
    recorder: Recorder,
) -> Trace:
    layers = recorder.layers.found()
    if recorder.wrong:
        raise UnsupportedModelError(
            model,
            f"does more in its attention than capture can follow yet (first in module "
            f"{recorder.wrong[0]!r}: what was recorded does not give the output it computed); "
            f'loading it with attn_implementation="sdpa" may help',
        )
    if not layers:
        raise _without_attention(model, modules, recorder)
    blocks = tuple(
        record.block(index) for index, layer in enumerate(layers) for record in layer.records
    )
    states = [layers[0].input, *(layer.output for layer in layers)]
    hidden = tuple(state for state in states if state is not None)
    if len(hidden) != len(states) or len({state.shape for state in hidden}) > 1:
        raise UnsupportedModelError(
            model,
            "does not pass one hidden state per token from layer to layer, which capture does "
            "not support yet",
        )
    n_tokens = len(encoded.tokens)
    if any(block.n_queries != n_tokens or block.n_keys != n_tokens for block in blocks):
        raise UnsupportedModelError(
            model,
            f"attends over other positions than the {n_tokens} tokens it was given, which "
            f"capture does not support yet",
        )
    return Trace(
        tokens=encoded.tokens,
        blocks=blocks,
        hidden=hidden,
        texts=encoded.texts,
        model_name=_name(model),
    )


def _without_attention(
    model: PreTrainedModel, modules: Mapping[str, torch.nn.Module], recorder: Recorder
) -> UnsupportedModelError:
    kinds = {type(module).__name__ for module in modules.values()}
    attention = sorted(kind for kind in kinds if "attention" in kind.lower())
    if not attention:
        return UnsupportedModelError(
            model, "has no attention to capture: none of its modules is an attention module"
        )
    if recorder.n_records:
        return UnsupportedModelError(
            model,
            f"calls its attention ({', '.join(attention)}) outside of a list of layers, which "
            f"capture does not support yet",
        )
    return UnsupportedModelError(
        model,
        f"computes its attention in code of its own ({', '.join(attention)}), which capture "
        f'cannot record yet; try loading it with attn_implementation="sdpa", or a newer '
        f"transformers, where most architectures share one attention interface",
    )


def _input_device(model: PreTrainedModel) -> torch.device:
    try:
        embedding: Any = model.get_input_embeddings()
    except NotImplementedError:
        return model.device
    device = getattr(getattr(embedding, "_hf_hook", None), "execution_device", None)
    if device is not None:  # the weights may be offloaded, to come when they are needed
        return torch.device(device)
    return getattr(getattr(embedding, "weight", None), "device", model.device)


@contextmanager
def _uncompiled(modules: list[torch.nn.Module]) -> Iterator[None]:
    """Have modules under torch.compile run as written: compiled code calls no hooks.

    Only where there are any: flex attention compiles a function of its own, and shall.
    """
    if any(
        "_compiled_call_impl" in vars(module) or "forward" in vars(module) for module in modules
    ):
        with torch.compiler.set_stance("force_eager"):
            yield
    else:
        yield


def _name(model: PreTrainedModel) -> str:
    name = str(getattr(model, "name_or_path", "") or "")
    kind = type(model).__name__
    if not name:
        return kind
    path = Path(name)
    return f"{kind} ({'/'.join(path.parts[-2:])})" if path.is_dir() else name
