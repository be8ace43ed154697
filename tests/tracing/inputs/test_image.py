"""Pictures: each token is a patch with its place, and the picture is what the model sees."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.media import own, picture, traced
from support.seeing import FAMILIES, PATCHES, load, processor

from attention_widget.tracing.inputs.image import encode_image


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", FAMILIES)
def test_attention_and_hidden_states_are_the_models_own(
    kind: str, attn_implementation: str
) -> None:
    model = load(kind, attn_implementation)
    encoded = encode_image(model, picture(), processor())
    expected = own(load(kind, "eager"), encoded)
    trace = traced(model, encoded)
    assert len(trace.blocks) == len(expected.attentions) == 2
    for block, weights in zip(trace.blocks, expected.attentions, strict=True):
        np.testing.assert_allclose(block.attention(), weights[0], atol=1e-5)
    for layer in range(trace.n_layers):
        found = expected.hidden_states[layer][0]
        np.testing.assert_allclose(trace.hidden_states(layer), found, atol=1e-4)
    assert trace.image is not None
    assert encoded.image is not None
    assert np.shares_memory(trace.image, encoded.image)
    assert trace.texts == ()


@pytest.mark.parametrize("kind", FAMILIES)
def test_tokens_are_patches_and_named_specials(kind: str) -> None:
    _, _, before, after = FAMILIES[kind]
    tokens = encode_image(load(kind), picture(), processor()).tokens
    assert [token.label for token in tokens] == [*before, *PATCHES, *after]
    assert [token.index for token in tokens] == list(range(len(tokens)))
    for token in tokens:
        assert token.special == (token.label not in PATCHES) == (token.box is None)
        assert (token.id, token.text, token.word, token.time) == (None, "", None, None)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    size=st.sampled_from([4, 7, 8]),
    beyond=st.integers(0, 3),
)
def test_boxes_tile_the_picture(rows: int, columns: int, size: int, beyond: int) -> None:
    height, width = rows * size + beyond, columns * size
    model = load("Dinov2Model", patch_size=size, image_size=size * 3)
    encoded = encode_image(model, picture(), processor(height, width))
    assert encoded.image is not None
    assert encoded.image.shape == (rows * size, columns * size, 3)
    covered = np.zeros(encoded.image.shape[:2], dtype=int)
    for token in encoded.tokens:
        if token.box is not None:
            left, top, right, bottom = token.box
            assert (right - left, bottom - top) == (size, size)
            assert token.label == f"r{top // size}c{left // size}"
            covered[top:bottom, left:right] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("kind", ["ViTModel", "CLIPVisionModel", "SiglipVisionModel"])
def test_a_token_moves_with_the_pixels_in_its_box_alone(kind: str) -> None:
    model = load(kind)
    encoded = encode_image(model, picture(), processor())
    before = traced(model, encoded).hidden_states(0)
    for token in encoded.tokens:
        if token.box is None:
            continue
        left, top, right, bottom = token.box
        pixels = encoded.inputs["pixel_values"].clone()
        pixels[..., top:bottom, left:right] *= -1
        with torch.no_grad():
            after = model(pixel_values=pixels, output_hidden_states=True).hidden_states[0][0]
        moved = np.abs(after.numpy() - before).max(-1) > 1e-3
        assert moved.nonzero()[0].tolist() == [token.index]
