"""The widgets that stand in the pages of the site, as exports of the demo models."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from executed_notebooks import package_digest

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".cache" / "live"

NOVEL = "Attention is a novel idea"
PURPLE = (
    "The colour purple has been many things: the robe of emperors, the ink of bishops, the stain "
    "on a child's fingers after an afternoon of picking blackberries. Purple is not found in the "
    "rainbow, and yet nobody doubts it; the eye invents it where red and blue meet."
)
FRANCE = "The capital of France is"


def live_pages() -> Iterator[tuple[str, str]]:
    """Each page by its name; made anew when the package or this file has changed."""
    KEPT.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(package_digest() + Path(__file__).read_bytes()).hexdigest()[:16]
    for name, make in PAGES.items():
        kept = KEPT / f"{name}-{digest}.html"
        if not kept.is_file():
            page = make().to_html()
            for old in KEPT.glob(f"{name}-*.html"):
                old.unlink()
            kept.write_text(page, encoding="utf-8")
        yield name, kept.read_text("utf-8")


def _minilm(text: str, **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        from attention_widget import AttentionWidget
        from attention_widget.demo import demo_model

        return AttentionWidget(demo_model(), text, **options)

    return make


def _predicted() -> Any:
    """What the language model predicts, and what wrote it."""
    from attention_widget import AttentionWidget
    from attention_widget.demo import demo_language_model

    model, tokenizer = demo_language_model()
    options: Any = {"views": ["predictions", "lines"], "layer": 23, "heads": 4, "token": 4}
    return AttentionWidget(model, FRANCE, tokenizer=tokenizer, **options)


def _by_hand() -> Any:
    """Four words, of vectors that anybody can check."""
    import numpy as np

    from attention_widget import AttentionWidget

    rng = np.random.RandomState(42)
    x = rng.rand(4, 4)
    q, k, v = (x @ rng.rand(4, 4) for _ in range(3))
    tokens = ["Tôi", "thích", "học", "AI"]
    return AttentionWidget.from_arrays(q, k, v, tokens=tokens, views=["neuron", "matrix"], token=0)


PAGES: Final[Mapping[str, Callable[[], Any]]] = {
    "novel": _minilm(NOVEL),
    "grid": _minilm(NOVEL, views=["grid", "matrix"], layer=2, heads=4),
    "neuron": _minilm(NOVEL, views="neuron", layer=2, heads=4, token="novel"),
    "purple": _minilm(
        PURPLE, views="text", layer=5, measure="pinned_cosine", pinned="purple", words=True
    ),
    "heads": _minilm(PURPLE, views=["heads", "grid"], summary="entropy"),
    "predictions": _predicted,
    "by_hand": _by_hand,
}
