"""What the prose of the first notebooks says of the numbers that their cells print."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Claim: TypeAlias = tuple[str, Callable[..., bool]]

NOVEL: list[Claim] = [
    (r"novel is token (\d)\n.*novel is token (\d)\n", lambda book, new: (book, new) == (5, 4)),
    (r"(\d+) numbers, equal: True", lambda n: n == 384),
    (
        r"layers +(\S+) +█+\n" + 6 * r" +after layer \d +(\S+) +█+\n",
        lambda start, *after: (
            0.98 < start < 1
            and list(after[:4]) == sorted(after[:4], reverse=True)
            and after[0] < start
            and after[3] == min(after) > 0.8  # "falls, but not to 0"
            and after[4] > after[3] + 0.03  # "after layer 4 it rises again"
        ),
    ),
    (
        r"sum (\S+)\)\n +(\S+)  \[CLS\]\n[\s\S]*sum (\S+)\)\n +(\S+)  idea\n",
        lambda one, rest, too, noun: one == too == 1 and rest > 0.5 and noun > 0.5,
    ),
    (r"from novel at read: (\S+)", lambda weight: weight > 0.6),
    (
        r"layers +\S+ +\S+ +(\S+)\n" + 6 * r" +after layer \d +\S+ +\S+ +(\S+)\n",
        lambda start, *gaps: (
            abs(start) < 0.005 and min(gaps) > 0.01 and max(gaps) == gaps[3] > 0.07
        ),
    ),
]

_ROW = r"\[(\S+) +(\S+) +(\S+) +(\S+) *\]"
NUMPY: list[Claim] = [
    (r"sum of each row: " + _ROW, lambda *sums: set(sums) == {1}),
    (
        f"weights of Tôi: {_ROW}\noutput of Tôi:  {_ROW}",
        lambda *row: (
            row == (0.3738, 0.1137, 0.3371, 0.1754, 1.1797, 0.9218, 1.4582, 1.3377)
            and row[0] == max(row[:4])
        ),
    ),
    (
        r"scaled: the same to (\d) decimals: True\nweights: .* True\n output: .* True\n",
        lambda decimals: decimals == 6,
    ),
    (
        r"output: .* True\n\[" + _ROW + r"\n[\s\S]*the same in the widget: True",
        lambda *row: row == (1, 0, 0, 0),
    ),
    (r"largest difference: (\S+)", lambda difference: difference < 1e-5),
]

POSITIONS: list[Claim] = [
    (
        r"swapped: True\n[\s\S]* 0 apart: from +(\S+) to +(\S+)\n"
        + 4 * r" *\d+ apart: from +(\S+) to +(\S+)\n"
        + "same outputs, swapped: False",
        lambda *ends: (
            ends[::2] == ends[1::2] and list(ends[::2]) == sorted(set(ends), reverse=True)
        ),
    ),
    (
        4 * r"\d apart: mean cosine (\S+)\n",
        lambda *cosines: list(cosines) == sorted(set(cosines), reverse=True) and cosines[0] > 0.8,
    ),
    (r"turn in (\S+) tokens\n.*turn in (\S+) tokens", lambda fast, slow: fast < 7 < 1e5 < slow),
    (r"token before: from (\S+) to (\S+)\n", lambda least, most: 0.5 < least < most <= 1),
    (
        r"\n\[(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+)\]\n",
        lambda *weights: list(weights) == sorted(weights) and abs(sum(weights) - 1) < 0.001,
    ),
]

HEATMAPS: list[Claim] = [
    (
        r"shortest:  is (\S+) +in (\S+) +a (\S+) +the (\S+) +and (\S+)\n"
        r".*America (\S+) .*capital (\S+) +official (\S+)\n",
        lambda *norms: list(norms) == sorted(norms) and norms[5] > 1.3 * norms[4],
    ),
    (
        r"(?m)^Atlantic Ocean (\S+) .*\nfossil fuels (\S+) .*\npurple dye (\S+) ",
        lambda *scores: min(scores) > 0.15,
    ),
    (
        r"fossil fuels: place (\d+) of (\d+)\n.*significance: place (\d+) .*\n"
        r" +algae fuel: place (\d+) ",
        lambda fossil, n, significance, algae: fossil == 1 < significance < n / 3 < algae,
    ),
    (
        r"embeddings: mean (\S+), from \S+ to (\S+)\n.*mean (\S+), .*\n"
        r".*2: mean (\S+), from (\S+) to \S+\n.*mean (\S+),",
        lambda table, most, *after: (
            min(after[0], after[1], after[3]) > 3 * table and after[2] > most
        ),
    ),
    (
        r"(\S+)  Purple\n(\S+)  purple\n(\S+)  purple\n(\S+)  blue\n(\S+)  red\n(\S+)  colour\n"
        r"(\S+)  dye\n(\S+)  gold\n",
        lambda *scores: scores[:3] == (1, 1, 1) and scores[3] < 1 and scores[-1] > 0.2,
    ),
    (r"\n(\S+)  Purple\n\S+  \[CLS\]", lambda weight: weight > 0.4),
]

BASICS: dict[str, list[Claim]] = {
    "01_novel_in_two_contexts": NOVEL,
    "02_attention_in_numpy": NUMPY,
    "03_positions": POSITIONS,
    "04_text_heatmaps": HEATMAPS,
}
