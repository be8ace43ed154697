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
    "04_text_heatmaps": HEATMAPS,
}
