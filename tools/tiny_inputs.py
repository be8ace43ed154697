"""What a tiny model reads, from the names in its forward's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedModel, PreTrainedTokenizerFast

TEXT = "attention is a novel idea and i read a good novel"
TARGET = "a good idea to read"

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def tokenizer(text: str = f"{TEXT} {TARGET}") -> PreTrainedTokenizerFast:
    """One token per word of a text, with [CLS] and [SEP]; ids below 20 for the text by default."""
    words = dict.fromkeys([*_SPECIAL, *text.split()])
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "attention_mask"],
    )


# read a text and a picture that are not in each other's tokens
_PICTURES = {
    "aimv2",
    "align",
    "altclip",
    "blip",
    "chinese_clip",
    "clip",
    "clipseg",
    "flava",
    "groupvit",
    "metaclip_2",
    "owlv2",
    "owlvit",
    "siglip",
    "vilt",
    "vision-text-dual-encoder",
}


def reads_text(model: PreTrainedModel) -> bool:
    """Whether text is all that the model needs."""
    accepted = inspect.signature(model.forward).parameters
    return "input_ids" in accepted and set(tiny_inputs(model)) <= {
        "input_ids",
        "attention_mask",
        "decoder_input_ids",
        "use_cache",
    }


def tiny_inputs(model: PreTrainedModel) -> dict[str, Any]:
    """Keyword arguments of a forward pass with a batch of one; the same each time."""
    accepted = inspect.signature(model.forward).parameters
    generator = torch.Generator().manual_seed(1)
    found: dict[str, Any] = {}
    main = getattr(model, "main_input_name", "input_ids")
    text = "input_ids" in accepted
    n_tokens = len(tokenizer()(TEXT)["input_ids"])
    if text:
        found["input_ids"] = torch.tensor([tokenizer()(TEXT)["input_ids"]])
        if "attention_mask" in accepted:
            found["attention_mask"] = torch.ones(1, n_tokens, dtype=torch.long)
    if "decoder_input_ids" in accepted:
        found["decoder_input_ids"] = torch.tensor([tokenizer()(TARGET)["input_ids"]])
    if "pixel_values" in accepted and (
        not text or _needs(accepted, main, "pixel_values") or model.config.model_type in _PICTURES
    ):
        frames = getattr(model.config, "num_frames", None)
        video = (frames,) if isinstance(frames, int) and not text else ()
        found["pixel_values"] = torch.rand(1, *video, *_image(model.config), generator=generator)
    if "bbox" in accepted:
        corner = torch.arange(n_tokens).reshape(1, -1, 1)
        box = torch.cat([corner, corner, corner + 2, corner + 1], -1)
        found["bbox"] = box / 20 if model.config.model_type == "udop" else box
    for name, shape in _SOUNDS.items():
        if name in accepted and not text and name == main:
            found[name] = torch.rand(1, *shape(model.config), generator=generator)
    if "use_cache" in accepted:
        found["use_cache"] = False
    return found


def _bins(config: Any) -> int:
    inner = (getattr(config, name, config) for name in ("encoder_config", "audio_config"))
    names = ("num_mel_bins", "n_mels", "mel_bins", "input_feat_per_channel", "input_size")
    for one in (config, *inner):
        for name in (*names, "input_dim", "feature_projection_input_dim"):
            if isinstance(getattr(one, name, None), int):
                return int(getattr(one, name))
    return 80


def _frames(config: Any) -> tuple[int, ...]:
    """(frame, bin), or (bin, frame) as Whisper has it."""
    positions = getattr(config, "max_source_positions", None)
    if hasattr(config, "encoder_layers") and positions and hasattr(config, "num_mel_bins"):
        return _bins(config), 2 * positions
    return 64, _bins(config)


def _samples(config: Any) -> tuple[int, ...]:
    if hasattr(config, "num_mel_bins") and hasattr(config, "max_length"):
        return config.max_length, config.num_mel_bins
    return (1, 4000) if hasattr(config, "audio_channels") else (4000,)


_SOUNDS: dict[str, Callable[[Any], tuple[int, ...]]] = {
    "input_values": _samples,
    "input_features": _frames,
}


def _needs(accepted: Any, main: str, name: str) -> bool:
    return main == name or accepted[name].default is inspect.Parameter.empty


def _image(config: Any) -> tuple[int, int, int]:
    inner = (getattr(config, name, None) for name in ("vision_config", "backbone_config"))
    for one in (config, *inner):
        size = getattr(one, "image_size", None)
        if size is not None:
            height, width = size if isinstance(size, tuple | list) else (size, size)
            return getattr(one, "num_channels", getattr(one, "in_channels", 3)), height, width
    return getattr(config, "num_channels", 3), 64, 64
