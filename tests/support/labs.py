"""Experiments on tiny models, and other ways to make the same change in them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode

from attention_widget import Experiment
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import SEQ2SEQ, tiny_seq2seq

TOKENIZER = tokenizer()
TARGET = "a good novel about purple"
Array = NDArray[np.float32]


def made(family: str, attn_implementation: str = "sdpa", **settings: Any) -> Any:
    build: Callable[..., Any] = tiny_seq2seq if family in SEQ2SEQ else tiny
    return build(family, attn_implementation, **settings)


def lab_of(model: Any, text: str = TEXT, target: str = TARGET) -> Experiment:
    """An experiment; a model without a head gets one."""
    head = None if hasattr(model, "lm_head") or "LM" in type(model).__name__ else _head(model)
    wanted = target if model.config.is_encoder_decoder else None
    return Experiment(model, text, target=wanted, tokenizer=TOKENIZER, head=head)


def _head(model: Any) -> torch.nn.Module | None:
    if not type(model).__name__.endswith(("Model", "EncoderModel")):
        return None
    head: torch.nn.Module = torch.nn.utils.skip_init(torch.nn.Linear, 32, 11)
    given = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.normal_(generator=given)
    return head


def logits_of(lab: Experiment, model: Any, mode: Any = None) -> Array:
    """The logits (token, vocabulary) of a plain pass of a model on the input of an experiment."""
    with torch.no_grad(), mode or nullcontext():
        output = model(**lab.inputs())
        found = output.logits if lab.head is None else lab.head(output.last_hidden_state)
    array: Array = found[0].float().numpy()
    return array


class Blocking(TorchFunctionMode):
    """Hides edges before each softmax of attention over so many queries and keys, or before those
    with some numbers, in some heads or in all."""

    def __init__(
        self,
        sizes: tuple[int, int],
        query: int | slice,
        key: int,
        heads: Sequence[int] | slice = slice(None),
        only: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self._sizes, self._edge, self._heads = sizes, (query, key), heads
        self._only = only
        self.seen = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") == "softmax" and self._is_attention(args[0]):
            if self._only is None or self.seen in self._only:
                logits = args[0].clone()
                query, key = self._edge
                logits.view(-1, *logits.shape[-2:])[self._heads, query, key] = -1e30
                args = (logits, *args[1:])
            self.seen += 1
        return func(*args, **(kwargs or {}))

    def _is_attention(self, logits: torch.Tensor) -> bool:
        n_queries, n_keys = self._sizes
        if logits.ndim < 3 or logits.shape[-2] != n_queries:
            return False
        return logits.shape[-1] - n_keys in (0, 1)  # a sink is one more


def close(found: Any, expected: Any) -> None:
    """Within 1e-5 of the largest number."""
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * size)


def projection(lab: Experiment, layer: int, kind: Any = None) -> str:
    """Path of the module that takes what the heads of a layer give out, unchanged."""
    z = lab.heads_output(layer, kind)
    flat, found = z.flatten(1), []

    def note(path: str) -> Any:
        def hook(_: Any, args: Any) -> None:
            given = args[0][0] if args and isinstance(args[0], torch.Tensor) else flat[:0]
            if given.shape == flat.shape and torch.equal(given, flat):
                found.append(path)

        return hook

    model = copy.deepcopy(lab.model)
    for path, module in model.named_modules():
        if type(module).__name__ in ("Linear", "Conv1D", "FalconLinear"):
            module.register_forward_pre_hook(note(path))
    logits_of(lab, model)
    [path] = dict.fromkeys(found)
    return path


def without_columns(lab: Experiment, paths: Sequence[str], heads: Sequence[int], dim: int) -> Any:
    """A copy of the model, in which the output projections take nothing from some heads."""
    model = copy.deepcopy(lab.model)
    modules = dict(model.named_modules())
    for path in paths:
        weight = modules[path].weight.data
        for head in heads:
            of_head = slice(head * dim, (head + 1) * dim)
            if type(modules[path]).__name__ == "Conv1D":
                weight[of_head] = 0.0
            else:
                weight[:, of_head] = 0.0
    return model
