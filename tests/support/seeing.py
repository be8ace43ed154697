"""Tiny models that see, and their image processors."""

from __future__ import annotations

from typing import Any

import transformers
from transformers import PreTrainedModel

from support.media import VIT, tiny

# model class -> configuration class, settings, special tokens before and after the patches
FAMILIES: dict[str, tuple[str, dict[str, Any], list[str], list[str]]] = {
    "ViTModel": ("ViTConfig", VIT, ["[CLS]"], []),
    "ViTForImageClassification": ("ViTConfig", VIT, ["[CLS]"], []),
    "DeiTModel": ("DeiTConfig", VIT, ["[CLS]", "[DISTILLATION]"], []),
    "BeitModel": ("BeitConfig", {**VIT, "use_relative_position_bias": True}, ["[CLS]"], []),
    "Data2VecVisionModel": (
        "Data2VecVisionConfig",
        {**VIT, "use_shared_relative_position_bias": True},
        ["[CLS]"],
        [],
    ),
    "Dinov2Model": ("Dinov2Config", VIT, ["[CLS]"], []),
    "Dinov2WithRegistersModel": (
        "Dinov2WithRegistersConfig",
        {**VIT, "num_register_tokens": 2},
        ["[CLS]", "[REGISTER 0]", "[REGISTER 1]"],
        [],
    ),
    "DINOv3ViTModel": (
        "DINOv3ViTConfig",
        {**VIT, "num_register_tokens": 2},
        ["[CLS]", "[REGISTER 0]", "[REGISTER 1]"],
        [],
    ),
    "CLIPVisionModel": ("CLIPVisionConfig", VIT, ["[CLS]"], []),
    "CLIPVisionModelWithProjection": ("CLIPVisionConfig", VIT, ["[CLS]"], []),
    "SiglipVisionModel": ("SiglipVisionConfig", VIT, [], []),
    "IJepaModel": ("IJepaConfig", VIT, [], []),
    "BlipVisionModel": ("BlipVisionConfig", VIT, ["[CLS]"], []),
    "YolosModel": (
        "YolosConfig",
        {
            **VIT,
            "image_size": [32, 32],
            "num_detection_tokens": 3,
            "use_mid_position_embeddings": False,  # added between layers, by 4.48 outside of them
        },
        ["[CLS]"],
        ["[DETECTION 0]", "[DETECTION 1]", "[DETECTION 2]"],
    ),
}

PATCHES = [f"r{row}c{column}" for row in range(4) for column in range(4)]


def load(kind: str, attn_implementation: str = "eager", **changed: Any) -> PreTrainedModel:
    config, given_settings, _, _ = FAMILIES[kind]
    return tiny(kind, config, {**given_settings, **changed}, attn_implementation)


def processor(height: int = 32, width: int = 32, kind: str = "ViT", **options: Any) -> Any:
    name = f"{kind}ImageProcessor"  # needs torchvision since transformers 5
    found: Any = getattr(transformers, f"{name}Pil", None) or getattr(transformers, name)
    return found(size={"height": height, "width": width}, **options)
