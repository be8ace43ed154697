"""What is known of each measure: its formula, where it comes from, what it costs, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

MeasureName = Literal[
    "attention",
    "value_weighted",
    "norm",
    "norm_residual",
    "rollout",
    "alti",
    "gradient_attention",
    "chefer",
    "integrated_gradients",
    "removal",
]


@dataclass(frozen=True)
class MeasureFacts:
    """What is known of a measure before it is computed.

    Attributes:
        name: what :meth:`Experiment.measure` calls it.
        formula: for query i, key j and head h; α is the attention.
        paper, link: where it comes from.
        per: "head" for values (head, query, key), "layer" for (query, key), "token" for (token,).
        is_exact: whether the values are exact parts of what the model computed, or an estimate.
        passes: what it costs beyond the pass that was recorded, in passes of the model, for all
            layers together.
        needs_gradient: whether a backward pass is run.
        meaning: one sentence.
        silent: when it is known to say nothing; empty where it is not known.

    >>> from attention_widget.experiments import MEASURES
    >>> MEASURES["norm"].per, MEASURES["norm"].is_exact
    ('head', True)
    """

    name: MeasureName
    formula: str
    paper: str
    link: str
    per: Literal["head", "layer", "token"]
    is_exact: bool
    passes: float
    needs_gradient: bool
    meaning: str
    silent: str = ""


_ALL: Final = (
    MeasureFacts(
        "attention",
        "α_hij",
        "Vaswani et al. 2017, equation 1",
        "https://arxiv.org/abs/1706.03762",
        "head",
        True,
        0.0,
        False,
        "How the head shares its attention among the keys.",
        "A key that gets attention may give nothing: its value may be near zero.",
    ),
    MeasureFacts(
        "value_weighted",
        "α_hij ‖v_hj‖",
        "Kobayashi et al. 2020, section 3",
        "https://arxiv.org/abs/2004.10102",
        "head",
        True,
        0.0,
        False,
        "Attention times how long the key's value vector is.",
        "What the output projection makes of the value does not count.",
    ),
    MeasureFacts(
        "norm",
        "α_hij ‖f_h(x_j)‖, f_h(x) = (x W_V + b_V) W_O",
        "Kobayashi et al. 2020, section 3",
        "https://arxiv.org/abs/2004.10102",
        "head",
        True,
        1.5,
        False,
        "How long the vector is that the head takes from the key and writes.",
        "Vectors of several heads or keys may cancel each other.",
    ),
    MeasureFacts(
        "norm_residual",
        "‖N_i(Σ_h α_hij f_h(x_j) + [i = j] x_i)‖, N_i the norm after the sum, frozen",
        "Kobayashi et al. 2021, section 3",
        "https://arxiv.org/abs/2109.07152",
        "layer",
        True,
        2.5,
        False,
        "How long the vector is that the key gives to the block's output, with the residual "
        "connection, which is the token itself.",
        "The residual is most of it in nearly all layers, so the diagonal is.",
    ),
    MeasureFacts(
        "rollout",
        "Π_l (½ Ā_l + ½ I), Ā_l the mean over heads, rows divided by their sum",
        "Abnar & Zuidema 2020, section 3",
        "https://arxiv.org/abs/2005.00928",
        "layer",
        False,
        0.3,
        False,
        "Attention followed back through all layers to the tokens of the text.",
        "In a causal model with an attention sink it says nothing: on eight prompts its rank "
        "correlation with the effect of removing a token is -0.08.",
    ),
    MeasureFacts(
        "alti",
        "Π_l C_l, c_ij ∝ max(0, ‖y_i‖₁ - ‖y_i - T_i(x_j)‖₁), T_i(x_j) as in norm_residual, "
        "y_i the block's output",
        "Ferrando et al. 2022, section 3",
        "https://arxiv.org/abs/2203.04212",
        "layer",
        False,
        3.2,
        False,
        "How near each key's vector brings the block's output, followed back through all layers to "
        "the tokens of the text.",
        "What the MLPs do is left out.",
    ),
    MeasureFacts(
        "gradient_attention",
        "α_hij ∂m/∂α_hij",
        "Barkan et al. 2021 (Grad-SAM), without the cut at zero",
        "https://arxiv.org/abs/2204.11073",
        "head",
        False,
        2.0,
        True,
        "Attention times how much a little more of it would raise the chosen logit.",
        "Of heads whose effect saturates even its sign may be wrong.",
    ),
    MeasureFacts(
        "chefer",
        "R + Ā R, Ā the mean over heads of max(0, α ∂m/∂α)",
        "Chefer et al. 2021, equations 5 and 6",
        "https://arxiv.org/abs/2103.15679",
        "layer",
        False,
        2.0,
        True,
        "Attention that raises the chosen logit, followed back to the tokens of the text.",
        "What lowers the logit is left out.",
    ),
    MeasureFacts(
        "integrated_gradients",
        "(x_j - x'_j) · ∫ ∂m/∂x_j (x' + a (x - x')) da, a from 0 to 1",
        "Sundararajan et al. 2017, equation 1",
        "https://arxiv.org/abs/1703.01365",
        "token",
        False,
        128.0,
        True,
        "How much each token adds to the chosen logit on the way from a text of mean embeddings.",
        "The first token is the same in the baseline, so its share is 0.",
    ),
    MeasureFacts(
        "removal",
        "m(text without j) − m(text)",
        "Li et al. 2016, equation 1, by attention knockout (Geva et al. 2023, section 4)",
        "https://arxiv.org/abs/1612.08220",
        "token",
        True,
        12.0,
        False,
        "How the chosen number changes when no token may look at this one any more.",
        "The first token of a causal model takes attention that has no better place, so its number "
        "says little of what it means.",
    ),
)

MEASURES: Final[Mapping[str, MeasureFacts]] = MappingProxyType({one.name: one for one in _ALL})
"""Every measure by its name."""
