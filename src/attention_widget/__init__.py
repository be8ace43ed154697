"""Transformer attention in a notebook cell: linked head, neuron and text views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attention_widget import errors
from attention_widget._util.lazy import lazily
from attention_widget._util.provided import provide
from attention_widget._util.version import own_version
from attention_widget.errors import AttentionWidgetError

if TYPE_CHECKING:
    from attention_widget import measures
    from attention_widget.arrays import from_arrays, from_attentions
    from attention_widget.contrast import Contrast, compare
    from attention_widget.corpus.atlas import HeadAtlas
    from attention_widget.corpus.scanning import scan
    from attention_widget.experiments import Experiment
    from attention_widget.export.matrix import show_matrix
    from attention_widget.measures.sinusoids import sinusoidal
    from attention_widget.trace import Block, Maps, Passage, Positions, Target, Token, Trace, Window
    from attention_widget.tracing import (
        Batch,
        TraceTooLargeError,
        UnsupportedModelError,
        capture,
        generate,
        positions,
    )
    from attention_widget.widget import AttentionWidget, link, side_by_side

__version__ = own_version()

__all__ = [
    "AttentionWidget",
    "AttentionWidgetError",
    "Batch",
    "Block",
    "Contrast",
    "Experiment",
    "HeadAtlas",
    "Maps",
    "Passage",
    "Positions",
    "Target",
    "Token",
    "Trace",
    "TraceTooLargeError",
    "UnsupportedModelError",
    "Window",
    "__version__",
    "capture",
    "compare",
    "errors",
    "from_arrays",
    "from_attentions",
    "generate",
    "link",
    "measures",
    "positions",
    "scan",
    "show_matrix",
    "side_by_side",
    "sinusoidal",
]

_ROOMS: Final = {
    "arrays": ("from_arrays", "from_attentions"),
    "contrast": ("Contrast", "compare"),
    "corpus.atlas": ("HeadAtlas",),
    "corpus.scanning": ("scan",),
    "experiments": ("Experiment",),
    "export.matrix": ("show_matrix",),
    "measures": ("measures",),
    "measures.sinusoids": ("sinusoidal",),
    "trace": ("Block", "Maps", "Passage", "Positions", "Target", "Token", "Trace", "Window"),
    "tracing": ("Batch", "TraceTooLargeError", "UnsupportedModelError"),
    "tracing.continuation": ("generate",),
    "tracing.forward": ("capture",),
    "tracing.position_pass": ("positions",),
    "widget": ("AttentionWidget", "link", "side_by_side"),
}
__getattr__ = lazily(
    __name__, {name: f"{__name__}.{room}" for room, names in _ROOMS.items() for name in names}
)
provide(  # Trace.heads, Trace.describe and HeadAtlas.show ask for them
    {
        "head_table": f"{__name__}.measures.table",
        "tell": f"{__name__}.measures.telling",
        "show_atlas": f"{__name__}.widget.atlas_widget",
    }
)


def __dir__() -> list[str]:
    return sorted(__all__)
