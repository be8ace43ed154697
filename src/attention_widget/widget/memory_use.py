"""What a widget takes in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch

from attention_widget._util.sizes import in_words


@dataclass(frozen=True)
class MemoryUse:
    """Bytes that a widget takes, and where: :meth:`AttentionWidget.memory`, and
    :meth:`AtlasWidget.memory`, which has no trace.

    Attributes:
        trace: what the trace keeps, in the memory of the kernel, exactly.
        parts: the same by what it holds: ``"queries"``, ``"keys"``, ``"values"``,
            ``"attention"`` (of layers of which only the probabilities are known),
            ``"hidden_states"``, ``"word_embeddings"`` and ``"other"`` (masks, biases of positions,
            sinks).
        browser: what was sent of it to the browser, which keeps at most 256 MiB.
        page: what :meth:`AttentionWidget.to_html` would give, with the views that are shown: an
            estimate, within a factor of 1.5.
        model: parameters and buffers of the model, on whatever device; None where the widget has
            no model.
        free: what is free in the memory of the kernel now, also within its container.
        atlas: what the atlas of the view ``atlas`` keeps; None where there is none.

    >>> widget.memory().parts["queries"]
    64512
    """

    trace: int
    parts: Mapping[str, int]
    browser: int
    page: int
    model: int | None
    free: int
    atlas: int | None = None

    def __repr__(self) -> str:
        parts = ", ".join(
            f"{name.replace('_', ' ')} {in_words(nbytes)}"
            for name, nbytes in self.parts.items()
            if nbytes
        )
        model = "none" if self.model is None else in_words(self.model)
        rows = {
            **({"trace": f"{in_words(self.trace)} ({parts})"} if self.trace else {}),
            **({} if self.atlas is None else {"atlas": in_words(self.atlas)}),
            "browser": in_words(self.browser),
            "page": f"about {in_words(self.page)}",
            "model": model,
            "free": in_words(self.free),
        }
        lines = [f"  {name:<9}{said}" for name, said in rows.items()]
        return "\n".join(["MemoryUse", *lines])

    def answer(self) -> dict[str, Any]:
        """As it is sent to the browser."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**found, "parts": dict(self.parts)}


def model_nbytes(models: Iterable[torch.nn.Module]) -> int:
    """Bytes of all parameters and buffers of some models, each storage counted once; those that
    are not loaded (on the device "meta") take none."""
    storages: dict[tuple[str, int], int] = {}
    for model in models:
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_meta:
                continue
            storage = tensor.untyped_storage()
            storages[str(tensor.device), storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())
