"""A padded batch: each row has the numbers of its text alone, and its padding is marked."""

from __future__ import annotations

import copy
import gc
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.loaded import TOKENIZER, load
from support.models import FAMILIES

from attention_widget import AttentionWidget, Batch, Trace, capture
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.errors import InvalidTypeError, InvalidValueError, OutOfRangeError

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

TEXTS = ["a good novel", "i read a good novel about the colour purple", "attention is a novel idea"]


def padding(side: str) -> Any:
    tokenizer = copy.deepcopy(TOKENIZER)
    tokenizer.padding_side = side
    return tokenizer


def own(trace: Trace) -> list[int]:
    return [token.index for token in trace.tokens if not token.padding]


def assert_as_alone(row: Trace, alone: Trace, atol: float) -> None:
    """Attention, queries and keys, and hidden states of a row's own tokens are those of its text
    alone, and padding gets nothing."""
    at = own(row)
    assert [row.tokens[i].label for i in at] == [token.label for token in alone.tokens]
    rest = sorted(set(range(len(row.tokens))) - set(at))
    for kind in alone.kinds:
        for layer in alone.layers_with_attention(kind):
            found = row.attention(layer, kind)[:, at]
            assert not rest or found[:, :, rest].max() == 0
            np.testing.assert_allclose(found[:, :, at], alone.attention(layer, kind), atol=atol)
    for index in range(len(alone.hidden)):
        np.testing.assert_allclose(
            row.hidden_states(index)[at], alone.hidden_states(index), atol=10 * atol
        )


# Mamba layers let padding in; the others are those whose left-padded positions are their own.
_FROM_THE_LEFT = [each for each in FAMILIES if each not in ("jamba", "deberta_v2")]


@pytest.mark.parametrize("family", [each for each in FAMILIES if each != "jamba"])
def test_a_row_padded_at_the_right_is_its_text_alone(family: str) -> None:
    model, tokenizer = load(family, "eager"), padding("right")
    batch = capture(model, TEXTS, tokenizer=tokenizer)
    for row, text in zip(batch, TEXTS, strict=True):
        assert_as_alone(row, capture(model, text, tokenizer=tokenizer), 2e-5)


@pytest.mark.parametrize("family", _FROM_THE_LEFT)
def test_a_row_padded_at_the_left_is_its_text_alone(family: str) -> None:
    model, tokenizer = load(family, "eager"), padding("left")
    row = capture(model, TEXTS, tokenizer=tokenizer)[0]
    assert row.tokens[0].padding
    assert not row.tokens[-1].padding
    assert_as_alone(row, capture(model, TEXTS[0], tokenizer=tokenizer), 2e-5)


def test_rows_of_trained_models_are_what_the_model_computes_for_the_batch() -> None:
    sentences = ["A novel", "Attention is a novel idea about algae fuel"]
    model: Any = transformers.AutoModel.from_pretrained(demo_model(), attn_implementation="eager")
    tokenizer = transformers.AutoTokenizer.from_pretrained(demo_model())
    given = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.no_grad():
        reported = model(**given, output_attentions=True).attentions
    batches: list[Any] = [
        capture(model, sentences, tokenizer=tokenizer),
        capture(model, given, tokenizer=tokenizer),
        capture(model, dict(given), tokenizer=tokenizer),
    ]
    for batch in batches:
        assert batch.mask.tolist() == given["attention_mask"].bool().tolist()
        for index, row in enumerate(batch):
            for layer, weights in enumerate(reported):
                np.testing.assert_allclose(row.attention(layer), weights[index], atol=1e-5)


def test_a_causal_model_padded_at_the_left_reads_as_generate_does() -> None:
    model, tokenizer = demo_language_model()
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.padding_side = "left"
    texts = ["A novel", "I read a good novel about algae fuel"]
    row = capture(model, texts, tokenizer=tokenizer)[0]
    alone = capture(model, texts[0], tokenizer=tokenizer)
    at = own(row)
    for layer in (0, 15, 29):
        found = row.attention(layer)[:, at][:, :, at]
        np.testing.assert_allclose(found, alone.attention(layer), atol=1e-4)


class TestInputs:
    def test_pairs(self) -> None:
        model = load("bert", "eager")
        pairs = [("a good novel", "i read"), ("i read", "a good novel about the colour purple")]
        one = capture(model, pairs, tokenizer=TOKENIZER)
        other = capture(
            model,
            ["a good novel", "i read"],
            tokenizer=TOKENIZER,
            text_pair=["i read", "a good novel about the colour purple"],
        )
        for batch in (one, other):
            row = batch[0]
            assert row.texts == pairs[0]
            alone = capture(model, pairs[0][0], text_pair=pairs[0][1], tokenizer=TOKENIZER)
            assert_as_alone(row, alone, 2e-5)

    def test_token_ids(self) -> None:
        model = load("bert", "eager")
        ids = [TOKENIZER(text)["input_ids"] for text in TEXTS]
        batch = capture(model, ids, tokenizer=TOKENIZER)
        assert isinstance(batch, Batch)
        assert batch.mask.sum(1).tolist() == [len(row) for row in ids]
        assert_as_alone(batch[0], capture(model, TEXTS[0], tokenizer=TOKENIZER), 2e-5)
        whole = capture(model, torch.tensor(ids[:1]), tokenizer=TOKENIZER)
        assert repr(whole) == f"Batch(1 row × {len(ids[0])} tokens, {len(ids[0])} of its own)"

    def test_targets_of_an_encoder_decoder(self) -> None:
        config = transformers.T5Config(  # type: ignore[call-arg]
            vocab_size=32,
            d_model=32,
            d_kv=8,
            d_ff=48,
            num_layers=2,
            num_heads=4,
            decoder_start_token_id=0,
            eos_token_id=3,
        )
        torch.manual_seed(0)
        model = transformers.T5ForConditionalGeneration(config).eval()
        batch = capture(model, TEXTS[:2], tokenizer=TOKENIZER, target=["i read", "a novel idea"])
        alone = capture(model, TEXTS[0], tokenizer=TOKENIZER, target="i read")
        row, at = batch[0], own(batch[0])
        np.testing.assert_allclose(
            row.attention(0, "cross")[:, :, at], alone.attention(0, "cross"), atol=2e-5
        )

    @pytest.mark.parametrize(
        ("text", "options", "error", "words"),
        [
            (["a", ""], {}, InvalidValueError, "must not be empty"),
            (["a", "a"], {"windows": True}, InvalidValueError, "windows must be left out"),
            (["a", "a"], {"text_pair": "a"}, InvalidTypeError, "a list of a text for each"),
            (["a", "a"], {"text_pair": ["a"]}, InvalidValueError, "each of the 2 texts, got 1"),
            (["a", "a"], {"target": "a"}, InvalidValueError, "target must be left out"),
            ([("a", "a", "a")], {}, InvalidValueError, "or a pair"),
            ({"input_ids": [1, 2]}, {}, InvalidValueError, "two axes"),
            (
                {"input_ids": [[1, 2]], "attention_mask": [[0, 0]]},
                {},
                InvalidValueError,
                "padding alone",
            ),
            (
                {"input_ids": [[1, 2]], "attention_mask": [[2, 1]]},
                {},
                InvalidValueError,
                "must hold 0",
            ),
            (
                {"input_ids": [[1, 2]], "attention_mask": [[1]]},
                {},
                InvalidValueError,
                "the shape of",
            ),
            (
                {"input_ids": [[1, 2], [1]], "attention_mask": [[1, 1], [1]]},
                {},
                InvalidValueError,
                "one length",
            ),
            ([[1, 99]], {}, InvalidValueError, "must be below 32"),
            ([[1, 2]], {"truncation": True}, InvalidValueError, "beside token ids"),
            (["a", "a"], {"passages": {"x": (0, 1)}}, InvalidValueError, "'sentences' or None"),
        ],
    )
    def test_errors_come_before_the_work(
        self, text: Any, options: Any, error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            capture(load("bert", "eager"), text, tokenizer=TOKENIZER, **options)

    def test_a_tokenizer_that_cannot_pad(self) -> None:
        tokenizer = copy.deepcopy(TOKENIZER)
        tokenizer.pad_token = None
        with pytest.raises(InvalidValueError, match=r"pad_token = tokenizer\.eos_token"):
            capture(load("bert", "eager"), TEXTS, tokenizer=tokenizer)


class TestBatch:
    def test_rows_are_read_when_asked_for_and_kept_while_held(self) -> None:
        model = load("bert", "eager")
        passes: list[int] = []
        model.register_forward_hook(lambda *_: passes.append(1))
        batch = capture(model, TEXTS, tokenizer=TOKENIZER)
        assert not passes
        first = batch[0]
        assert batch[0] is first
        assert batch[-3] is first
        assert len(passes) == 1
        del first
        gc.collect()
        assert len(batch[0].tokens) == len(batch[1].tokens)
        assert len(passes) == 3

    def test_rows_that_there_are_not(self) -> None:
        batch = capture(load("bert", "eager"), TEXTS, tokenizer=TOKENIZER)
        with pytest.raises(OutOfRangeError, match="row must be in 0–2, got 3"):
            batch[3]
        with pytest.raises(InvalidTypeError, match="must be an integer"):
            batch["a"]

    def test_a_widget_shows_a_row(self) -> None:
        batch = capture(load("bert", "eager"), TEXTS, tokenizer=TOKENIZER)
        widget = AttentionWidget(batch[0], views="tokens")
        assert widget.trace is not None
        assert [token["padding"] for token in widget.meta["tokens"]] == [
            not is_own for is_own in batch.mask[0]
        ]
        with pytest.raises(InvalidTypeError, match=r"AttentionWidget\(batch\[0\]\)"):
            AttentionWidget(batch)
        with pytest.raises(InvalidTypeError, match="row of a batch"):
            AttentionWidget(load("bert", "eager"), TEXTS, tokenizer=TOKENIZER)

    def test_a_row_is_saved_with_its_padding(self, tmp_path: Any) -> None:
        row = capture(load("bert", "eager"), TEXTS, tokenizer=TOKENIZER)[0]
        row.save(tmp_path / "row")
        assert Trace.load(tmp_path / "row").tokens == row.tokens
