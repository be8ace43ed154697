"""The ways in which models tell positions apart: where each enters, and who described it."""

from __future__ import annotations

from typing import Final, Literal, get_args

Encoding = Literal[
    "learned",
    "sinusoidal",
    "rotary",
    "relative",
    "relative_table",
    "relative_sinusoidal",
    "alibi",
    "none",
    "other",
]
ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)

FORMULAS: Final[dict[Encoding, str]] = {
    "learned": "x = word + table[position]",
    "sinusoidal": "x = word + (sin(position · ω), cos(position · ω))",
    "rotary": "score = (R(query · ω) q) · (R(key · ω) k) = q · R((key − query) · ω) k",
    "relative": "score = scale · q · k + bias[head, query − key]",
    "relative_table": "score = scale · q · k + f(q, k, table[query − key])",
    "relative_sinusoidal": "score = scale · q · k + f(q, sin(distance · ω), cos(distance · ω))",
    "alibi": "score = scale · q · k − slope[head] · |query − key|",
    "none": "score = scale · q · k",
    "other": "",
}
PAPERS: Final[dict[Encoding, str]] = {
    "learned": "Gehring et al. 2017, https://arxiv.org/abs/1705.03122",
    "sinusoidal": "Vaswani et al. 2017, https://arxiv.org/abs/1706.03762",
    "rotary": "Su et al. 2021, https://arxiv.org/abs/2104.09864",
    "relative": "Raffel et al. 2020, https://arxiv.org/abs/1910.10683",
    "relative_table": "He et al. 2021, https://arxiv.org/abs/2006.03654",
    "relative_sinusoidal": "Dai et al. 2019, https://arxiv.org/abs/1901.02860",
    "alibi": "Press et al. 2022, https://arxiv.org/abs/2108.12409",
    "none": "Kazemnejad et al. 2023, https://arxiv.org/abs/2305.19466",
    "other": "",
}
