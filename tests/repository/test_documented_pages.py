"""What the pages of docs/ that show how to begin print as code runs, and is as they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import media, models, seq2seq
from support.repository import ROOT
from support.snippets import run
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    PreTrainedModel,
    ViTImageProcessor,
    Wav2Vec2FeatureExtractor,
)

from attention_widget import AttentionWidget, Trace

pytestmark = pytest.mark.slow

CHAT = "{% for each in messages %}{{ each['content'] }} {% endfor %}"


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def kept(folder: Path, model: PreTrainedModel, *beside: Any, loader: Any = AutoModel) -> Any:
    """A model as a user has it: loaded from a folder in which its tokenizer lies too."""
    for each in (model, *beside):
        each.save_pretrained(folder)
    return loader.from_pretrained(folder).eval()


def test_the_start(minilm: tuple[Any, Any]) -> None:
    assert "demo_model" in run(page("start"))


def test_work_with_the_widget(
    minilm: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model, tokenizer = minilm
    text = "Attention is a novel idea"
    words, chatty = models.tokenizer(), models.tokenizer()
    chatty.chat_template = CHAT
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    q, k, v = np.random.default_rng(0).normal(size=(3, len(tokens), 8))
    with torch.no_grad():
        output = AutoModel.from_pretrained(model.name_or_path, attn_implementation="eager")(
            **tokenizer(text, return_tensors="pt"), output_attentions=True
        )
    vit = media.tiny("ViTModel", "ViTConfig", media.VIT)
    settings = {**media.SIZES, "conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16}
    hearing = {**settings, "num_conv_pos_embedding_groups": 4}
    wav2vec2 = media.tiny("Wav2Vec2Model", "Wav2Vec2Config", hearing)
    made = run(
        page("use"),
        AttentionWidget=AttentionWidget,
        model=model,
        text=text,
        other="I read a good novel.",
        book="I read a good novel about the colour purple. " * 120,
        large=kept(tmp_path / "large", models.tiny("bert", num_hidden_layers=12), words),
        t5=kept(
            tmp_path / "t5",
            seq2seq.tiny_seq2seq("T5ForConditionalGeneration"),
            words,
            loader=AutoModelForSeq2SeqLM,
        ),
        gpt2=kept(tmp_path / "gpt2", models.tiny("gpt2"), chatty, loader=AutoModelForCausalLM),
        vit=kept(tmp_path / "vit", vit, ViTImageProcessor(size={"height": 32, "width": 32})),
        image=media.picture(),
        wav2vec2=kept(tmp_path / "wav2vec2", wav2vec2, Wav2Vec2FeatureExtractor()),
        samples=media.sound(8_000),
        attentions=output.attentions,
        tokens=tokens,
        q=q,
        k=k,
        v=v,
    )
    widget, trace = made["widget"], made["trace"]
    assert (widget.layer, widget.head_pairs) == (2, ((2, 5), (4, 1)))
    assert widget.selected_attention().shape == (2, len(made["queries"]), len(made["keys"]))
    assert (tmp_path / "novel.safetensors").is_file()
    assert trace.kinds == ("encoder",)
    np.testing.assert_array_equal(Trace.load("novel.safetensors").attention(3), trace.attention(3))


def test_predictions(smollm: tuple[Any, Any]) -> None:
    made = run(page("predictions"))
    found, lens = made["found"], made["lens"]
    assert found.tokens[-1] == (" Paris", " the", " London")
    assert found.probabilities[-1].tolist() == pytest.approx([0.773, 0.065, 0.012], abs=0.0006)
    rome = made["lab"].replace(3, "Italy").predictions(top_k=1, positions=-1).tokens
    assert rome == ((" Rome",),)
    assert lens.followed_ranks[:, 0].shape[1] == 2
    assert lens.followed_ranks[-1, 0, 0] <= lens.followed_ranks[-1, 0, 1]
