"""The names that options allow, as types."""

from __future__ import annotations

from typing import Final, Literal, get_args

from attention_widget.trace.calculation_steps import StepName
from attention_widget.trace.kind import Kind

AttentionKind = Kind
Combine = Literal["overlay", "columns", "mean", "maximum"]
ShownPass = Literal["before", "after", "difference"]
PinMode = Literal["each", "mean"]
ViewName = Literal[
    "lines",
    "grid",
    "neuron",
    "matrix",
    "tokens",
    "text",
    "heads",
    "predictions",
    "attribution",
    "passages",
    "positions",
    "calculation",
    "atlas",
]
Measure = Literal[
    "norm",
    "previous_cosine",
    "pinned_cosine",
    "attention_from",
    "attention_received",
    "removal",
    "integrated_gradients",
]
Space = Literal["word_embeddings", "embeddings", "hidden_states"]
ColourMap = Literal["auto", "purple", "red", "viridis", "cividis", "grey", "diverging"]
NumberFormat = Literal["short", "standard", "full"]
SpecialTokens = Literal["show", "hide", "renormalise"]
Segments = Literal["all", "a_a", "a_b", "b_a", "b_b"]
Direction = Literal["vertical", "horizontal"]
NeuronStep = Literal["scores", "values"]
CalculationStep = StepName
Weights = Literal[
    "attention",
    "value_weighted",
    "norm",
    "norm_residual",
    "rollout",
    "alti",
    "gradient_attention",
    "chefer",
]
Summary = Literal[
    "none",
    "entropy",
    "distance",
    "distance_variance",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
    "effect",
    "divergence",
]
HeadLabel = Literal[
    "all",
    "none",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
]
AtlasLabel = Literal[
    "all",
    "previous",
    "next",
    "self",
    "duplicate",
    "induction",
    "same_word",
    "first",
    "delimiter",
    "special",
    "sink",
]
ShareOf = Literal["answer", "token"]
EffectOf = Literal["logit", "difference", "loss"]
Theme = Literal["auto", "light", "dark"]
Locale = Literal["auto", "en", "vi", "ru"]

VIEWS: Final[tuple[ViewName, ...]] = get_args(ViewName)
