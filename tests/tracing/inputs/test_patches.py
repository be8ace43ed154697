"""Models without patches are refused, and measuring leaves the others alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.media import SIZES, VIT, picture, tiny, traced
from support.seeing import PATCHES, load, processor

from attention_widget.tracing.inputs.image import encode_image
from attention_widget.tracing.inputs.patches import find_patches
from attention_widget.tracing.model.errors import UnsupportedModelError

SWIN = {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]}

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("SwinModel", "SwinConfig", SWIN, r"merges them from stage to stage \(widths 16, 32\)"),
    ("ViTMAEModel", "ViTMAEConfig", VIT, "draws them at random"),
    ("VitDetModel", "VitDetConfig", VIT, r"gives its first layer a tensor \(1, 32, 4, 4\)"),
    ("ResNetModel", "ResNetConfig", {"depths": [1], "hidden_sizes": [8]}, "has no attention"),
    (
        "CLIPModel",
        "CLIPConfig",
        {"vision_config": VIT, "text_config": {**SIZES, "vocab_size": 9}},
        "reads text beside pictures.*its vision model alone can be captured",
    ),
]


@pytest.mark.parametrize(("kind", "config", "given_settings", "message"), REFUSED)
def test_models_without_patches_are_refused_with_the_reason(
    kind: str, config: str, given_settings: dict[str, Any], message: str
) -> None:
    model = tiny(kind, config, given_settings)
    with pytest.raises(UnsupportedModelError, match=f"{kind} .*{message}"):
        encode_image(model, picture(), processor())


def test_a_model_for_text_is_refused() -> None:
    model = tiny("BertModel", "BertConfig", {**SIZES, "vocab_size": 9})
    with pytest.raises(
        ValueError, match="must take pictures, got BertModel, which takes input_ids"
    ):
        encode_image(model, picture(), processor())


def test_a_config_that_lies_about_the_patches_is_found_out() -> None:
    model = load("ViTModel")
    pixels = {"pixel_values": torch.zeros(1, 3, 32, 32)}
    for patch_size, reason in [
        (16, "16 of its 17 tokens depend on the picture, which has 2 × 2 patches"),
        (4, "depend on more than one patch"),
        (7, "depend on"),
        (64, "hold no patch of 64 × 64"),
    ]:
        model.config.patch_size = patch_size
        with pytest.raises(UnsupportedModelError, match=reason):
            find_patches(model, pixels)


def test_measuring_leaves_the_model_alone() -> None:
    model = load("DeiTModel").train()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.get_rng_state()
    encode_image(model, picture(), processor())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), generator)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype) -> None:
    model: Any = load("DeiTModel")
    model.to(dtype)
    encoded = encode_image(model, picture(), processor())
    assert encoded.inputs["pixel_values"].dtype == dtype
    assert [token.label for token in encoded.tokens][2:] == PATCHES
    assert len(traced(model, encoded).blocks) == 2
