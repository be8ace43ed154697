"""Call a model's own ``generate``, for so many new tokens, and leave the model as it was."""

from __future__ import annotations

import copy
import functools
import inspect
import itertools
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.model.devices import on_device
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.model.preserve import undisturbed

if TYPE_CHECKING:
    from transformers import GenerationConfig

_DEFAULT = 64  # new tokens, where nobody says when to stop
_LOGGER = logging.getLogger("transformers.generation.utils")

# What None leaves to the model's own configuration has to be named.
_GREEDY = {
    "do_sample": False,
    "num_beams": 1,
    "num_return_sequences": 1,
    "temperature": 1.0,
    "top_k": 50,
    "top_p": 1.0,
}
_OTHER_WAYS = (
    *("min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff", "penalty_alpha"),
    *("dola_layers", "num_beam_groups", "diversity_penalty", "length_penalty", "early_stopping"),
    *("prompt_lookup_num_tokens", "constraints", "force_words_ids"),
)


def asked(model: Any, options: Mapping[str, Any], name: str) -> Any:
    """What is asked for by an option of generation: in the call, in the configuration passed
    with it, or in the model's own, in this order; None where nowhere."""
    from transformers import GenerationConfig

    if options.get(name) is not None:
        return options[name]
    unsaid = getattr(GenerationConfig(), name, None)  # a max_length of 20 before transformers 5
    for config in (options.get("generation_config"), getattr(model, "generation_config", None)):
        value = getattr(config, name, None)
        if value is not None and value != unsaid:
            return value
    return None


def new_tokens(model: Any, options: Mapping[str, Any], n_read: int) -> tuple[int, bool]:
    """The most tokens that are to be written after ``n_read`` ones, and whether anybody said so.

    As in ``model.generate``, ``max_new_tokens`` goes before ``max_length``, which counts those
    read. ValueError where there is nothing to write.
    """
    most = _number("max_new_tokens", asked(model, options, "max_new_tokens"))
    if most is not None:
        if most < 1:
            raise InvalidValueError(f"max_new_tokens must be 1 or more, got {most}")
        return most, True
    whole = _number("max_length", asked(model, options, "max_length"))
    if whole is not None:
        if whole <= n_read:
            raise InvalidValueError(
                f"max_length must be {n_read + 1} or more, for the prompt has {n_read} tokens, got "
                f"{whole}; or pass max_new_tokens=..."
            )
        return whole - n_read, True
    least = asked(model, options, "min_new_tokens") or 0
    shortest = asked(model, options, "min_length") or 0
    return max(_DEFAULT, least, shortest - n_read), False


def _number(name: str, value: Any) -> int | None:
    number = as_integer(value)
    if number is None and value is not None:
        raise InvalidTypeError(f"{name} must be a whole number, got {type_name(value)}")
    return number


def write(
    model: Any,
    modules: Mapping[str, nn.Module],
    inputs: Mapping[str, torch.Tensor],
    most: int,
    *,
    said: bool = False,
    greedy: bool = False,
    progress: bool = True,
    **options: Any,
) -> list[int]:
    """The ids that ``model.generate`` returns for one input: prompt and continuation, or what
    the decoder read and wrote.

    At most ``most`` tokens are written, which the options or a configuration have ``said``, or not.
    The options of generation are the model's own and those given, as in ``model.generate``,
    ``greedy`` its way of choosing aside. The model is left as it was; random number generators
    advance as they do in ``model.generate``, or stay where they are if ``greedy``.
    """
    from transformers import StoppingCriteriaList

    given = on_device(model, inputs)
    quiet = options.get("max_length") is None and options.get("generation_config") is None
    options = _prepared(model, greedy, None if said else most, options)

    def generated() -> Any:
        try:
            return model.generate(**given, **options)
        except IndexError:  # T5's cache has as many layers for the decoder as the encoder has
            if options.get("use_cache") is False:
                raise
            return model.generate(**given, **{**options, "use_cache": False})

    def work(undo: Undo) -> Any:
        bar = Progress("writing", "token", most, wanted=progress)
        undo.then(bar.close)
        steps = itertools.count(1)

        def count(input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
            """Asked after each step whether to stop there."""
            bar.reach(next(steps))
            return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)

        own = options.pop("stopping_criteria", None) or []
        options["stopping_criteria"] = StoppingCriteriaList([*own, count])
        if quiet:
            _hush(undo)
        return undisturbed(list(modules.values()), generated, generators=greedy, user_code=True)

    written = guarded(work)
    ids: Sequence[int] = getattr(written, "sequences", written)[0].tolist()
    return list(ids)


def _hush(undo: Undo) -> None:
    """Hide the warning that ``max_new_tokens`` of the call takes precedence over ``max_length`` of
    the model's configuration."""
    thread = threading.get_ident()

    def needed(record: logging.LogRecord) -> bool:
        return record.thread != thread or not str(record.msg).startswith("Both `max_new_tokens`")

    undo.then(functools.partial(_LOGGER.removeFilter, needed))
    _LOGGER.addFilter(needed)


def _prepared(
    model: Any, greedy: bool, most: int | None, options: dict[str, Any]
) -> dict[str, Any]:
    """The options for ``model.generate``, with defaults for what nobody set."""
    options = dict(options)
    config = copy.deepcopy(options.pop("generation_config", None))
    if greedy:
        config = _greedy(config or copy.deepcopy(model.generation_config))
        if "use_model_defaults" in inspect.signature(model.generate).parameters:
            # until transformers 5 what equals a global default is taken from the model's own
            options["use_model_defaults"] = False
    holders = (options, *(vars(one) for one in (config, model.generation_config) if one))
    pad, end = (
        next((each[name] for each in holders if each.get(name) is not None), None)
        for name in ("pad_token_id", "eos_token_id")
    )
    told = options
    if config is not None:  # generate would warn of options beside it
        told = vars(config)
        options["generation_config"] = config
    if most is not None:
        told["max_new_tokens"] = most
    if pad is None and end is not None:  # it logs that, too
        told["pad_token_id"] = end[0] if isinstance(end, list) else end
    return options


def _greedy(config: GenerationConfig) -> GenerationConfig:
    from transformers import GenerationConfig

    plain = GenerationConfig()
    for name in _OTHER_WAYS:
        if hasattr(config, name):
            setattr(config, name, getattr(plain, name, None))
    config.update(**_GREEDY)
    return config
