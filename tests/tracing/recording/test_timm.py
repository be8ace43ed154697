"""Layers that stand in a Sequential, as those of timm's vision transformers do.

timm itself needs torchvision, with which other image processors are chosen, so a model of its kind
stands for it: the same modules by the same names, under a configuration that says nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.media import picture
from torch import nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.feature_extraction_utils import BatchFeature
from transformers.image_processing_utils import BaseImageProcessor
from transformers.modeling_outputs import BaseModelOutput

from attention_widget import capture
from attention_widget.tracing.recording.layer_modules import stacks_of

DIM, HEADS, DEPTH, PATCH = 32, 4, 3, 8


class Attention(nn.Module):
    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.fused_attn = fused
        self.qkv = nn.Linear(DIM, 3 * DIM)
        self.q_norm, self.k_norm = nn.LayerNorm(DIM // HEADS), nn.Identity()
        self.attn_drop = nn.Dropout(0.1)
        self.proj = nn.Linear(DIM, DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, n, _ = x.shape
        qkv = self.qkv(x).reshape(batch, n, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        q, k = self.q_norm(q), self.k_norm(k)
        scale = (DIM // HEADS) ** -0.5
        if self.fused_attn:
            x = functional.scaled_dot_product_attention(q, k, v)
        else:
            x = self.attn_drop(((q * scale) @ k.transpose(-2, -1)).softmax(dim=-1)) @ v
        mixed: torch.Tensor = self.proj(x.transpose(1, 2).reshape(batch, n, DIM))
        return mixed


class Block(nn.Module):
    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attn = Attention(fused)
        self.mlp = nn.Sequential(nn.Linear(DIM, 48), nn.GELU(), nn.Linear(48, DIM))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        out: torch.Tensor = x + self.mlp(self.norm2(x))
        return out


class VisionTransformer(nn.Module):
    def __init__(self, fused: bool, block: type[nn.Module] = Block) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Identity(), nn.Conv2d(3, 3, 1))
        self.patch_embed = nn.Conv2d(3, DIM, PATCH, PATCH)
        self.cls_token = nn.Parameter(torch.randn(1, 1, DIM))
        self.reg_token = nn.Parameter(torch.randn(1, 2, DIM))
        self.pos_embed = nn.Parameter(torch.randn(1, 19, DIM))
        self.blocks = nn.Sequential(*(block(fused) for _ in range(DEPTH)))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        x = self.patch_embed(self.stem(pixels)).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token, self.reg_token, x], 1) + self.pos_embed
        out: torch.Tensor = self.blocks(x)
        return out


class Config(PreTrainedConfig):
    model_type = "wrapped"


class Wrapper(PreTrainedModel):
    config_class = Config
    main_input_name = "pixel_values"

    def __init__(self, config: Config, inner: nn.Module) -> None:
        super().__init__(config)
        self.timm_model = inner

    def get_input_embeddings(self) -> Any:
        return None  # as TimmWrapperModel has it

    def forward(self, pixel_values: torch.Tensor) -> BaseModelOutput:
        return BaseModelOutput(last_hidden_state=self.timm_model(pixel_values))


class Processor(BaseImageProcessor):
    """Resizes and crops whatever it is given, and takes no options, as TimmWrapperImageProcessor
    does."""

    def __init__(self, wrong: bool = False) -> None:
        super().__init__()
        self.data_config = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
        self.wrong = wrong

    def preprocess(self, images: Any, return_tensors: str = "pt") -> BatchFeature:
        levels = torch.from_numpy(self.seen(images)).permute(2, 0, 1) / 255
        if self.wrong:
            levels = levels**0.9
        mean, std = (
            torch.tensor(self.data_config[name])[:, None, None] for name in ("mean", "std")
        )
        return BatchFeature({"pixel_values": ((levels - mean) / std)[None].float()})

    def seen(self, images: Any) -> Any:
        resized = Image.fromarray(np.asarray(images)).resize((36, 36), Image.Resampling.BICUBIC)
        return np.array(resized.crop((2, 2, 34, 34)))


def wrapper(fused: bool = True) -> Any:
    torch.manual_seed(0)
    model: Any = Wrapper(Config(), VisionTransformer(fused))
    for parameter in model.parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=0.3)
    return model.eval()


def by_hand(model: Any, pixels: torch.Tensor) -> tuple[list[Any], list[Any]]:
    """Attention (head, query, key) and hidden states of every block, in double precision."""
    inner: Any = model.double().timm_model
    with torch.no_grad():
        x = inner.patch_embed(inner.stem(pixels.double())).flatten(2).transpose(1, 2)
        x = torch.cat([inner.cls_token, inner.reg_token, x], 1) + inner.pos_embed
        maps, states = [], [x[0].numpy()]
        for block in inner.blocks:
            parts = block.attn.qkv(block.norm1(x))[0].reshape(19, 3, HEADS, -1)
            q, k = block.attn.q_norm(parts[:, 0]), parts[:, 1]
            scores = torch.einsum("qhd,khd->hqk", q, k) * (DIM // HEADS) ** -0.5
            maps.append(scores.softmax(-1).numpy())
            x = block(x)
            states.append(x[0].numpy())
    model.float()
    return maps, states


@pytest.mark.parametrize("fused", [True, False])
def test_layers_in_a_sequential_are_captured(fused: bool) -> None:
    model, processor = wrapper(fused), Processor()
    trace = capture(model, picture(), processor=processor)
    maps, states = by_hand(model, processor(picture())["pixel_values"])
    assert trace.n_layers == DEPTH
    for layer, expected in enumerate(maps):
        assert expected.max() > 0.3  # far from uniform
        np.testing.assert_allclose(trace.attention(layer), expected, atol=1e-5)
    for layer, expected in enumerate(states):
        np.testing.assert_allclose(trace.hidden_states(layer), expected, atol=1e-4)
    labels = [token.label for token in trace.tokens]
    patches = [f"r{row}c{column}" for row in range(4) for column in range(4)]
    assert labels == ["[CLS]", "[REG 0]", "[REG 1]", *patches]
    assert not any(module._forward_hooks for module in model.modules())


def test_the_picture_is_what_timms_transforms_make() -> None:
    processor = Processor()
    trace = capture(wrapper(), picture(), processor=processor)
    np.testing.assert_array_equal(trace.image, processor.seen(picture()))
    with pytest.raises(ValueError, match=r"must only resize, .*, got Processor"):
        capture(wrapper(), picture(), processor=Processor(wrong=True))


def test_what_has_no_attention_is_still_refused() -> None:
    class Plain(nn.Module):
        def __init__(self, fused: bool) -> None:
            super().__init__()
            self.mix = nn.Linear(DIM, DIM)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mixed: torch.Tensor = self.mix(x)
            return x + mixed

    model: Any = Wrapper(Config(), VisionTransformer(True, Plain))
    model.eval()
    with pytest.raises(ValueError, match="none of its layers has an attention module"):
        capture(model, picture(), processor=Processor())


def test_which_modules_may_hold_layers() -> None:
    both = nn.Sequential(Block(True), nn.Identity())
    within = nn.ModuleList([nn.Sequential(Block(True), Block(True))])
    model = nn.ModuleDict({"both": both, "within": within, "own": nn.Sequential(Block(True))})
    assert list(stacks_of(dict(model.named_modules()))) == ["within", "own"]
