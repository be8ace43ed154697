"""An atlas alone in one HTML file: no model, no trace, and no kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attention_widget.export.archive import MAX_BYTES, PRECISIONS, Archive, Precision, too_large
from attention_widget.export.atlas import keep_atlas
from attention_widget.export.atlas_heads import AtlasHeads
from attention_widget.export.page import ASSETS, Assets, Page, held_of, page_of, shown_of
from attention_widget.protocol.checks import check_choice

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

MOST_EXAMPLES: Final = 64_000_000
"""Bytes of examples, before they are compressed to a fifth or less: nothing else is in the page."""


def atlas_page(
    atlas: HeadAtlas,
    state: Mapping[str, Any],
    *,
    layers: int | Iterable[int] | None = None,
    heads: int | Iterable[int] | None = None,
    precision: Precision = "standard",
    assets: Assets = "inline",
    max_bytes: int = MAX_BYTES,
) -> Page:
    """The page of an atlas; ``state`` are the traits as the browser gets them, ``meta`` among
    them. It raises what :meth:`AtlasWidget.to_html` says."""
    check_choice("precision", precision, PRECISIONS)
    check_choice("assets", assets, ASSETS)
    there = AtlasHeads.of(atlas)
    everything = held_of(there)
    shown = shown_of(state, everything, "atlas")
    archive = Archive(max_bytes)
    place = (shown["attention_kind"], shown["layer"])
    most = min(MOST_EXAMPLES, 2 * max_bytes)
    held = held_of(there, layers, heads)
    archive.atlas = keep_atlas(archive, atlas, held, place, precision == "high", most)
    page = page_of(archive, shown, everything, [], assets)
    if (size := len(page.html.encode())) > max_bytes:
        raise too_large(size, max_bytes)
    return page
