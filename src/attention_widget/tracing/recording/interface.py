"""Wrap the attention functions that transformers hands out, so that their calls are heard."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from attention_widget.tracing.model.leftovers import interface, namespaces, put_attribute_back
from attention_widget.tracing.recording.known_functions import SDPA
from attention_widget.tracing.recording.seam import active


@contextmanager
def listening(modules: Iterable[torch.nn.Module]) -> Iterator[None]:
    """Make every attention function that transformers hands out report to the active seam.

    In threads without one the functions do what they always did.
    """
    offered = interface()
    with ExitStack() as undo:
        if isinstance(offered, dict):  # until transformers 4.48
            for name, function in list(offered.items()):
                offered[name] = _reporting(function)
                undo.callback(offered.__setitem__, name, function)
        else:
            cls = type(offered)
            for name in ("__getitem__", "get_interface"):
                if hasattr(cls, name):
                    original = vars(cls).get(name)
                    undo.callback(put_attribute_back, cls, name, original)
                    setattr(cls, name, _handing_out(original or getattr(cls, name)))
        if not hasattr(type(offered), "get_interface"):
            # until transformers 5.1 the eager function is not asked for, it is a global
            for namespace in namespaces(modules):
                for name, value in list(namespace.items()):
                    if name.endswith("eager_attention_forward"):
                        namespace[name] = _reporting(value)
                        undo.callback(namespace.__setitem__, name, value)
        torchs: Any = torch.nn.functional
        sdpa = torchs.scaled_dot_product_attention
        if sdpa is not SDPA:  # somebody put another in its place
            torchs.scaled_dot_product_attention = _reporting_sdpa(sdpa)
            undo.callback(setattr, torchs, "scaled_dot_product_attention", sdpa)
        yield


@functools.lru_cache(maxsize=256)
def _reporting(function: Callable[..., Any]) -> Callable[..., Any]:
    if hasattr(function, "_attention_widget"):
        return function

    @functools.wraps(function)
    def attend(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        seam = active()
        if seam is None:
            return function(module, *args, **kwargs)
        return seam.interface(function, module, *args, **kwargs)

    attend._attention_widget = True  # type: ignore[attr-defined]
    return attend


def _reporting_sdpa(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def attend(*args: Any, **kwargs: Any) -> Any:
        seam = active()
        if seam is None or seam.deaf:
            return function(*args, **kwargs)
        return seam.patched_sdpa(function, *args, **kwargs)

    return attend


def _handing_out(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def hand_out(self: Any, *args: Any, **kwargs: Any) -> Any:
        function = original(self, *args, **kwargs)
        return function if active() is None else _reporting(function)

    return hand_out
