"""The widgets that a newcomer makes, at their defaults: text models, a chat, an image, two texts.

What has no trained model here has random weights in the shape of one, with queries and keys that
are scaled so that heads are from flat to sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from _common import text_of
from numpy.typing import NDArray
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

SENTENCE = "Attention is a novel idea"
LONG = (
    "I read a good novel about the colour purple, and its author wrote that attention is a novel "
    "idea which readers of many languages have loved since it was first printed."
)
TEXTS = {
    8: f"{SENTENCE}.",
    36: LONG.replace("good", "very good"),
    60: f"{LONG} Berries, algae and paragraphs about a country are the next things that my teacher "
    "wants to see in the heatmap.",
}
"""By the number of tokens that MiniLM reads."""

CHAT = [
    {
        "role": "user",
        "content": "Which novel by Alice Walker\nis about the colour purple?",
    },
    {"role": "assistant", "content": "It is The Color Purple."},
]

QUERIES_AND_KEYS = (".query.", ".key.", ".q_proj.", ".k_proj.", ".q.", ".k.", ".c_attn.")


@dataclass(frozen=True)
class Case:
    """One widget to look at."""

    name: str
    title: str
    make: Callable[[], AttentionWidget]


def cases(language_model: str | None = None) -> Iterator[Case]:
    """All of them; the chat only where a folder with a chat model is given."""
    for count in TEXTS:
        yield Case(f"minilm-{count}", f"MiniLM, {count} tokens", lambda n=count: minilm(n))  # type: ignore[misc]
    if language_model is not None:
        yield Case("chat", "SmolLM2, a chat", lambda: chat(language_model))
    yield Case("gpt2", "GPT-2's shape", lambda: of_random("GPT2LMHeadModel", "GPT2Config"))
    yield Case("bert", "BERT-base's shape", lambda: of_random("BertModel", "BertConfig"))
    yield Case("vit", "ViT, an image", vit)
    yield Case("t5", "T5, with a target", t5)


def minilm(count: int) -> AttentionWidget:
    widget = of_minilm(TEXTS[count])
    if (found := len(widget.trace.tokens)) != count:
        raise RuntimeError(f"the text meant to have {count} tokens has {found}")
    return widget


def of_minilm(text: str) -> AttentionWidget:
    folder = demo_model()
    model = AutoModel.from_pretrained(folder)
    return AttentionWidget(model, text, tokenizer=AutoTokenizer.from_pretrained(folder))


def chat(folder: str) -> AttentionWidget:
    model = AutoModelForCausalLM.from_pretrained(folder)
    return AttentionWidget(model, CHAT, tokenizer=AutoTokenizer.from_pretrained(folder))


def of_random(kind: str, config: str, count: int = 36) -> AttentionWidget:
    """A model of a class at its default size."""
    tokenizer = AutoTokenizer.from_pretrained(demo_model())
    ends = {"bos_token_id": None, "eos_token_id": None}
    settings = getattr(transformers, config)(vocab_size=len(tokenizer), **ends)
    model = sharpened(getattr(transformers, kind), settings)
    return AttentionWidget(model, text_of(tokenizer, count), tokenizer=tokenizer)


def vit(image: NDArray[np.uint8] | None = None) -> AttentionWidget:
    """ViT's patches, in a smaller model: 14 × 14 of 16 pixels."""
    config = transformers.ViTConfig(
        hidden_size=96, num_hidden_layers=6, num_attention_heads=6, intermediate_size=96
    )
    model = sharpened(transformers.ViTModel, config)
    processor = transformers.ViTImageProcessor()
    return AttentionWidget(model, drawn_image() if image is None else image, processor=processor)


def t5() -> AttentionWidget:
    tokenizer = AutoTokenizer.from_pretrained(demo_model())
    sizes = dict.fromkeys(("d_model", "d_ff"), 64) | dict.fromkeys(("num_layers", "num_heads"), 4)
    settings: dict[str, Any] = {**sizes, "d_kv": 16, "decoder_start_token_id": 0}
    config = transformers.T5Config(vocab_size=len(tokenizer), **settings)
    model = sharpened(transformers.T5ForConditionalGeneration, config)
    return AttentionWidget(
        model,
        "I read a good novel about purple berries.",
        tokenizer=tokenizer,
        target="Ich las einen guten Roman.",
    )


def sharpened(kind: Any, config: Any) -> Any:
    """A model with random weights; the attention of weights as they are drawn would be uniform."""
    torch.manual_seed(0)
    model = kind(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim != 2 or not any(part in name for part in QUERIES_AND_KEYS):
                continue
            layer = next(int(part) for part in name.split(".") if part.isdigit())
            if "c_attn" in name:  # GPT-2's queries, keys and values in one
                weight = weight[:, : 2 * config.n_embd]
            scale = 16**-0.25 if "T5" in kind.__name__ else 1.0  # T5 does not divide by sqrt(dim)
            weight *= scale * (1 + 0.1 * (layer % 12)) / (weight.std() * weight.shape[1] ** 0.5)
    return model


def drawn_image(height: int = 320, width: int = 480) -> NDArray[np.uint8]:
    """A house under the sun, with a fence."""
    y, x = np.mgrid[0:height, 0:width] / height
    image = np.empty((height, width, 3), np.float64)
    image[...] = np.stack([120 + 90 * y, 170 + 50 * y, 235 - 20 * y], -1)  # sky
    image[y > 0.72] = (96, 148, 74)
    middle = width / height / 2
    wall = (abs(x - middle) < 0.27) & (y > 0.45) & (y < 0.85)
    roof = (y > 0.2) & (y <= 0.45) & (abs(x - middle) < 0.36 * (y - 0.2) / 0.25)
    door = (abs(x - middle) < 0.055) & (y > 0.62) & (y < 0.85)
    panes = (abs(abs(x - middle) - 0.16) < 0.05) & (abs(y - 0.58) < 0.06)
    sun = (x - 0.22) ** 2 + (y - 0.2) ** 2 < 0.1**2
    fence = (y > 0.78) & (y < 0.94) & ((x * 12) % 1 < 0.35) & (abs(x - middle) > 0.3)
    for shape, colour in (
        (wall, (214, 190, 160)),
        (roof, (150, 62, 52)),
        (door, (92, 60, 40)),
        (panes, (190, 220, 240)),
        (sun, (250, 212, 90)),
        (fence, (236, 236, 230)),
    ):
        image[shape] = colour
    return image.astype(np.uint8)
