"""The output projections of a pass, and the error for a place that has none."""

from __future__ import annotations

from typing import Any

from attention_widget.experiments.passes import Passes
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.output_projections import Found, OutputProjections


def each_projection(passes: Passes, found: Found) -> None:
    """Run the model once and give the projection of each place that has one."""
    watching = OutputProjections(passes.sites.places, found)
    runnable = passes.runnable
    runnable.edited(watching, hooks=watching.hooks(runnable.modules))


def refused(model: Any, place: Place) -> UnsupportedModelError:
    """The error for a place whose projection is not known."""
    kind, layer = place
    return UnsupportedModelError(
        model,
        f"has no module that takes what the heads of {kind} layer {layer} give out, such as an "
        f"output projection, or more stands between, such as a gate, so the vector that a key "
        f"gives is not known; 'value_weighted' needs no projection",
    )
