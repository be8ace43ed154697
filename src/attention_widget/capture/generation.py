"""Have a model write, and trace what it read and wrote in one pass."""

from __future__ import annotations

import copy
import inspect
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import (
    GenerationConfig,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
)

from attention_widget.capture.devices import input_device
from attention_widget.capture.preserve import undisturbed
from attention_widget.progress import Progress

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


def write(
    model: Any,
    modules: Mapping[str, nn.Module],
    inputs: Mapping[str, torch.Tensor],
    *,
    greedy: bool = False,
    progress: bool = True,
    **options: Any,
) -> list[int]:
    """The ids that ``model.generate`` returns for one input: prompt and continuation, or what
    the decoder read and wrote.

    The options of generation are the model's own, ``greedy`` its way of choosing aside, and
    those given. The model is left as it was; random number generators advance as they do in
    ``model.generate``, or stay where they are if ``greedy``.
    """
    config, options = _config(model, greedy, options)
    given = {name: one.to(input_device(model)) for name, one in inputs.items()}
    if "use_model_defaults" in inspect.signature(model.generate).parameters:
        # until transformers 5 what equals a global default is taken from the model's own
        options["use_model_defaults"] = False
    with (
        Progress("writing", "token", config.max_new_tokens, wanted=progress) as bar,
        undisturbed(list(modules.values()), generators=greedy),
        _quiet(),
    ):
        own = options.pop("stopping_criteria", None) or []
        options["stopping_criteria"] = StoppingCriteriaList([*own, _Counting(bar)])
        try:
            written = model.generate(**given, generation_config=config, **options)
        except IndexError:  # T5's cache has as many layers for the decoder as the encoder has
            if config.use_cache is False:
                raise
            config.use_cache = False
            written = model.generate(**given, generation_config=config, **options)
    ids: Sequence[int] = getattr(written, "sequences", written)[0].tolist()
    return list(ids)


class _Counting(StoppingCriteria):
    """Is asked after each step, and counts them; it stops nothing."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._done = 0

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        self._done += 1
        self._bar.reach(self._done)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


@contextmanager
def _quiet() -> Iterator[None]:
    """The model's own ``max_length`` gives way to ``max_new_tokens``, and nobody need be told."""
    logger = logging.getLogger("transformers.generation.utils")
    logger.addFilter(_asked_for)
    try:
        yield
    finally:
        logger.removeFilter(_asked_for)


def _asked_for(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Both `max_new_tokens`")


def _config(
    model: PreTrainedModel, greedy: bool, options: dict[str, Any]
) -> tuple[GenerationConfig, dict[str, Any]]:
    """The configuration of this generation, and the options that are no part of one."""
    plain = GenerationConfig()
    config = copy.deepcopy(options.pop("generation_config", None) or model.generation_config)
    if greedy:
        for name in _OTHER_WAYS:
            if hasattr(config, name):
                setattr(config, name, getattr(plain, name, None))
        config.update(**_GREEDY)
    others: dict[str, Any] = config.update(**options)
    if config.pad_token_id is None and config.eos_token_id is not None:  # it logs that, too
        ends = config.eos_token_id
        config.pad_token_id = ends[0] if isinstance(ends, list) else ends
    return config, others
