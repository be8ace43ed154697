"""A page of a comparison carries no means over its attention: the page makes them, as the kernel
does, of the queries that a side has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support.page_reader import PageReader

from attention_widget import AttentionWidget, capture, compare

OTHER = 'after/[{"edit":"other_side"}]/'


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageReader]:
    made = PageReader(tmp_path_factory.mktemp("reader"))
    yield made
    made.close()


@pytest.mark.parametrize("words", ["a great", "one very good"])
def test_what_keys_receive_is_made_of_what_is_carried(
    words: str, minilm: tuple[Any, Any], reader: PageReader
) -> None:
    model, tokenizer = minilm
    text = "Attention is a novel idea."
    contrast = compare(
        capture(model, text, tokenizer=tokenizer),
        capture(model, text.replace("a novel", words), tokenizer=tokenizer),
    )
    assert contrast.is_whole == (words == "a great")
    widget = AttentionWidget(contrast, views=["text"], measure="attention_received")
    sides = widget._session.for_page()  # type: ignore[attr-defined]
    reader.open(widget.to_html(progress=False))
    names = [f"{rows}attention_received/encoder/2" for rows in ("", "grouped/words/hide/")]
    for prefix, tensor in zip(("", OTHER), sides.tensors, strict=True):
        seen = reader.tensors([prefix + name for name in names])
        for name in names:
            np.testing.assert_allclose(seen[prefix + name], tensor(name), atol=1e-6)
