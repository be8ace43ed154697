"""Widgets of more than a model and a text: arrays, chats, targets, pictures, windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support import models
from support.front_end import Browser
from support.in_step import nothing_changes
from support.traces import as_maps, chat, encoder_decoder, picture, trace, windowed
from traitlets import TraitError
from transformers import T5Config, T5ForConditionalGeneration

from attention_widget import AttentionWidget, capture


def test_attentions_of_something_else_are_shown() -> None:
    maps = trace().attention(0)
    labels = [token.label for token in trace().tokens]
    made = AttentionWidget.from_attentions([maps[None]], labels, heads=2, token=3)
    assert (made.heads, made.token, made.measure) == ((2,), 3, "attention_received")
    np.testing.assert_array_equal(Browser(made).tensor("attention/encoder/0"), maps)
    assert made.meta["has_hidden_states"] is False
    assert made.meta["attention"][0]["layers"][0]["dim"] is None
    chosen = AttentionWidget.from_attentions(
        maps[None, None].repeat(2, 1), labels, item=1, measure="norm"
    )
    assert chosen.measure == "norm"


def test_vectors_of_something_else_are_shown() -> None:
    block = trace(kv_heads=2).blocks[0]
    labels = [token.label for token in trace().tokens]
    made = AttentionWidget.from_arrays(
        block.query.numpy(), block.key.numpy(), tokens=labels, scale=8**-0.5, layer=0, token=2
    )
    expected = block.attention()
    np.testing.assert_allclose(Browser(made).tensor("attention/encoder/0"), expected, atol=1e-6)
    scores = Browser(made).tensor("scores/encoder/0/3/2")
    np.testing.assert_allclose(scores[0], block.scores([3], [2])[0, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("unknown", "advice"), [("toknes", "did you mean 'token'"), ("itme", "did you mean 'item'")]
)
def test_an_unknown_keyword_beside_arrays_is_refused(unknown: str, advice: str) -> None:
    keywords: dict[str, Any] = {unknown: 1}
    with pytest.raises(TypeError, match=f"unknown keyword '{unknown}'; {advice}"):
        AttentionWidget.from_attentions([], [], **keywords)


def test_a_trace_of_maps_alone_can_be_shown() -> None:
    made = AttentionWidget.from_trace(as_maps(encoder_decoder()), attention_kind="cross")
    assert made.meta["target"]["has_hidden_states"] is False
    assert "4 → 6 tokens, 2 layers, 2 to 4 heads" in repr(made)


def test_a_chat_is_shown_with_its_roles() -> None:
    made = AttentionWidget.from_trace(chat())
    assert made.text == "user: Say blue\nassistant: It is blue"
    assert made.meta["roles"] == ["user", "assistant"]
    assert [token["step"] for token in made.meta["tokens"]] == [None] * 4 + [0, 1, 2, 3]


MESSAGES = [{"role": "user", "content": "the cat"}, {"role": "assistant", "content": "a dog"}]

TEMPLATE = "{% for one in messages %}[CLS] {{ one.content }} [SEP]{% endfor %}"


def test_a_chat_goes_through_the_model() -> None:
    tokenizer = models.tokenizer()
    tokenizer.chat_template = TEMPLATE
    made = AttentionWidget(models.tiny("gpt2"), MESSAGES, tokenizer=tokenizer)
    assert made.text == "user: the cat\nassistant: a dog"
    assert made.meta["read_only"] == "chat"
    with nothing_changes(made), pytest.raises(TraitError, match="was given a chat"):
        made.text_pair = "beside a chat there is no second text"
    made.run(MESSAGES[:1])
    assert (made.text, made.meta["roles"]) == ("user: the cat", ["user"])
    made.text = "the cat"
    assert (made.text, made.meta["roles"], made.meta["read_only"]) == ("the cat", [], None)


def test_options_of_capture_hold_for_later_texts() -> None:
    text = "the cat sat on a mat " * 8
    made = AttentionWidget(
        models.tiny("gpt2"), text, tokenizer=models.tokenizer(), windows=16, stride=8
    )
    expected = capture(
        models.tiny("gpt2"), text, tokenizer=models.tokenizer(), windows=16, stride=8
    )
    assert len(made.meta["windows"]) == len(expected.windows) > 2
    before, made.token = made.meta["windows"], len(expected.tokens) - 1
    made.text = text + text
    assert len(made.meta["windows"]) > len(before)
    assert made.token == len(expected.tokens) - 1


def tiny_t5(size: int) -> Any:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"d_model": 16, "d_kv": 4, "d_ff": 16, "num_layers": 2, "num_heads": 4}
    ends: dict[str, Any] = {"decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
    config = T5Config(vocab_size=size, **sizes, **ends)
    return T5ForConditionalGeneration(config).eval()


def test_a_target_is_read_with_every_text() -> None:
    tokenizer = models.tokenizer()
    model = tiny_t5(len(tokenizer))
    made = AttentionWidget(
        model, "the cat", tokenizer=tokenizer, target="a dog sat", attention_kind="cross", token=1
    )
    count = len(made.meta["target"]["tokens"])
    assert made.meta["target"]["generated"] is False
    made.text = "a cat sat on the mat"
    assert (made.token, len(made.meta["target"]["tokens"])) == (1, count)
    written = AttentionWidget(model, "the cat", tokenizer=tokenizer)
    assert written.meta["target"]["generated"] is True


def test_an_image_has_no_text() -> None:
    made = AttentionWidget.from_trace(picture())
    assert (made.text, made.text_pair) == ("", None)
    assert made.meta["image"] == [16, 24]
    assert made.meta["tokens"][5]["box"] == [8, 8, 16, 16]


def test_a_text_in_windows_counts_its_tokens_as_a_whole() -> None:
    made = AttentionWidget.from_trace(windowed(), token=39)
    assert len(made.meta["tokens"]) == 40
    assert [window["own"] for window in made.meta["windows"]] == [[0, 12], [12, 24], [24, 40]]
    expected = made.trace.windows[2].trace.attention(0)
    tensor = Browser(made).tensor("window/2/attention/encoder/0")
    np.testing.assert_array_equal(tensor, expected)
