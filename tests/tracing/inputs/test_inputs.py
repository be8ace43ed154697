"""What a user may pass, and what is said about everything else before the model runs."""

from __future__ import annotations

import copy
import logging
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from support.models import tokenizer as tiny_tokenizer
from support.seq2seq import tiny_seq2seq
from support.toy_slow_tokenizers import slow_wordpiece
from support.toy_tokenizers import byte_level, metaspace_bpe, wordpiece
from tokenizers import Tokenizer, models
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    GPT2Config,
    GPT2Model,
    LlamaConfig,
    LlamaModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5Model,
    ViTConfig,
    ViTModel,
)

from attention_widget import capture
from attention_widget.tracing.inputs.text import encode, find_model, find_tokenizer
from attention_widget.tracing.model.limits import token_limit

SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "max_position_embeddings": 16,
}


def bert(**settings: Any) -> BertModel:
    model = BertModel(BertConfig(**{**SMALL, "vocab_size": 40, **settings}))
    model.eval()
    return model


def llama(**settings: Any) -> LlamaModel:
    config = LlamaConfig(**{**SMALL, "vocab_size": 600, "num_key_value_heads": 1, **settings})
    model = LlamaModel(config)
    model.eval()
    return model


# Models


def test_a_model_is_itself(minilm: Any) -> None:
    assert find_model(minilm[0]) == (minilm[0], None)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_is_loaded_with_its_tokenizer(minilm_path: Path, kind: Any) -> None:
    model, tokenizer = find_model(kind(minilm_path))
    assert isinstance(model, BertModel)
    assert not model.training
    assert tokenizer is not None
    assert encode(model, "A novel idea", None, tokenizer).tokens[2].text == "novel"


def test_a_folder_without_tokenizer_gives_the_model_alone(tmp_path: Path) -> None:
    bert().save_pretrained(tmp_path)
    model, tokenizer = find_model(str(tmp_path))
    assert tokenizer is None
    with pytest.raises(
        ValueError, match=r"holds no vocabulary; pass one: tokenizer=Auto|failed with"
    ):
        find_tokenizer(model)


def test_a_pipeline_brings_both(minilm: Any) -> None:
    pipe = transformers.pipeline("feature-extraction", model=minilm[0], tokenizer=minilm[1])
    assert find_model(pipe) == minilm


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_a_compiled_model_is_looked_through() -> None:
    model = bert()
    assert find_model(torch.compile(model)) == (model, None)


def test_a_parallel_model_is_looked_through() -> None:
    model = bert()
    assert find_model(torch.nn.DataParallel(model)) == (model, None)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_peft_is_looked_through() -> None:
    peft = pytest.importorskip("peft", exc_type=ImportError)
    model = bert()
    lora = peft.LoraConfig(target_modules=["query"])
    found, tokenizer = find_model(peft.get_peft_model(model, lora))
    assert (found, tokenizer) == (model, None)
    assert any("lora" in name for name, _ in found.named_parameters())
    prompt = peft.PromptTuningConfig(num_virtual_tokens=2, task_type="FEATURE_EXTRACTION")
    with pytest.raises(TypeError, match="PROMPT_TUNING: its virtual tokens stand for no text"):
        find_model(peft.get_peft_model(bert(), prompt))


@pytest.mark.parametrize("thing", [3, None, torch.nn.Linear(2, 2), object, ["bert-base-uncased"]])
def test_other_things_are_no_model(thing: Any) -> None:
    with pytest.raises(TypeError, match=r"model is of type .*; allowed: a transformers model"):
        find_model(thing)


def test_a_name_that_leads_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'no/such-model': tried AutoModel.*hub, for there is no"):
        find_model("no/such-model")
    with pytest.raises(
        ValueError, match=r"tried AutoModel.from_pretrained, as a local folder; \w+:"
    ):
        find_model(str(tmp_path))


# Tokenizers


def test_the_tokenizer_is_found_by_the_name_of_the_model(minilm: Any) -> None:
    model, tokenizer = minilm
    assert find_tokenizer(model).get_vocab() == tokenizer.get_vocab()
    assert find_tokenizer(model, tokenizer) is tokenizer


def test_a_model_from_a_config_needs_a_tokenizer() -> None:
    advice = re.escape('tokenizer=AutoTokenizer.from_pretrained("...")')
    with pytest.raises(ValueError, match=f"BertModel was built from a config.*{advice}"):
        find_tokenizer(bert())
    with pytest.raises(ValueError, match="no tokenizer"):
        encode(bert(), "text")


def test_a_model_from_a_folder_that_is_gone(tmp_path: Path) -> None:
    bert().save_pretrained(tmp_path / "model")
    model = BertModel.from_pretrained(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(ValueError, match=r"no tokenizer for BertModel: AutoTokenizer.*failed with"):
        find_tokenizer(model)


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (3, "tokenizer is of type int; allowed: a transformers tokenizer"),
        ("gpt2", r"type str; .*such as AutoTokenizer\.from_pretrained\('gpt2'\)"),
        (Tokenizer(models.BPE()), r"such as PreTrainedTokenizerFast\(tokenizer_object=\.\.\.\)"),
        (str.split, "tokenizer is of type method_descriptor"),
    ],
)
def test_other_things_are_no_tokenizer(thing: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find_tokenizer(bert(), thing)


def test_a_tokenizer_without_vocabulary() -> None:
    shell = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]")), unk_token="[UNK]"
    )
    with pytest.raises(ValueError, match="knows no tokens but its special ones"):
        find_tokenizer(bert(), shell)


# Inputs


def test_inputs_are_what_the_tokenizer_gives(minilm: Any) -> None:
    model, tokenizer = minilm
    encoded = encode(model, "A novel", "idea", tokenizer)
    expected = tokenizer("A novel", "idea", return_tensors="pt", padding=False)
    assert set(encoded.inputs) == {"input_ids", "token_type_ids", "attention_mask"}
    for name, tensor in encoded.inputs.items():
        assert tensor.device.type == "cpu"
        assert torch.equal(tensor, expected[name])
    assert encoded.texts == ("A novel", "idea")
    assert [token.id for token in encoded.tokens] == expected["input_ids"][0].tolist()
    assert [token.segment for token in encoded.tokens] == [None, 0, 0, None, 1, None]
    with torch.no_grad():
        assert model(**encoded.inputs).last_hidden_state.shape[1] == len(encoded.tokens)


def test_only_what_forward_accepts_is_passed() -> None:
    assert "token_type_ids" in wordpiece()("a")
    encoded = encode(llama(), "a novel idea", None, wordpiece())
    assert set(encoded.inputs) == {"input_ids", "attention_mask"}


def test_a_slow_tokenizer(tmp_path: Path) -> None:
    encoded = encode(bert(), "Attention, a novel", None, slow_wordpiece(tmp_path))
    assert [t.text for t in encoded.tokens] == ["", "Attention", ",", "a", "nov", "el", ""]
    assert encoded.inputs["input_ids"].shape == (1, 7)


@pytest.mark.parametrize("name", ["text", "text_pair"])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("", ValueError, "{} is empty; allowed"),
        ("   ", ValueError, "{} holds nothing but 3 blank characters; allowed"),
        ("\n", ValueError, "{} holds nothing but 1 blank character; allowed"),
        (5, TypeError, "{} is of type int; allowed: a string"),
        (b"novel", TypeError, "{} is of type bytes; allowed: a string"),
        (["a", "b"], TypeError, "{} is a list of 2; allowed: one string.*text_pair"),
        ("a\ud83d", ValueError, r"{} has an unpaired surrogate, U\+D83D, at character 1"),
    ],
)
def test_what_is_no_text(name: str, value: Any, error: type[Exception], message: str) -> None:
    texts = {"text": "novel", "text_pair": "novel", name: value}
    with pytest.raises(error, match=message.format(name)):
        encode(bert(), tokenizer=wordpiece(), **texts)


def test_no_text_at_all() -> None:
    with pytest.raises(TypeError, match="text is of type NoneType"):
        encode(bert(), None, None, wordpiece())  # type: ignore[arg-type]


def test_a_text_of_which_the_tokenizer_makes_nothing() -> None:
    with pytest.raises(ValueError, match="makes no tokens of this text but special ones"):
        encode(bert(), "\u200b\x00", None, wordpiece())


def test_a_tokenizer_of_another_model(minilm: Any) -> None:
    _, tokenizer = minilm
    with pytest.raises(ValueError, match=r"gives token id \d+, but the embedding table") as caught:
        encode(bert(), "A purple novel", None, tokenizer)
    largest = max(tokenizer("A purple novel")["input_ids"])
    for part in (str(largest), "40 rows", "BertModel", tokenizer.name_or_path):
        assert part in str(caught.value)


def test_a_model_on_the_meta_device() -> None:
    with torch.device("meta"):
        model = bert()
    with pytest.raises(
        ValueError, match=r"BertModel has no weights.*on the meta device \(the first"
    ):
        encode(model, "novel", None, wordpiece())
    partly = bert()
    partly.encoder.layer[0].to("meta")
    with pytest.raises(ValueError, match=r"meta device \(the first is encoder\.layer\.0\."):
        encode(partly, "novel", None, wordpiece())


def test_offloaded_weights_are_no_fault() -> None:
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    model = bert()
    accelerate.cpu_offload(model)
    assert all(parameter.is_meta for parameter in model.parameters())
    assert encode(model, "novel", None, wordpiece()).tokens


def test_a_model_that_reads_no_text() -> None:
    model = ViTModel(ViTConfig(**{**SMALL, "image_size": 8, "patch_size": 4}))
    with pytest.raises(ValueError, match="ViTModel takes pixel_values, not text"):
        encode(model, "novel", None, wordpiece())


# Length

LONG = "a " * 20


@pytest.mark.parametrize("slow", [False, True])
def test_a_text_too_long_names_both_lengths(slow: bool, tmp_path: Path) -> None:
    tokenizer = slow_wordpiece(tmp_path) if slow else wordpiece()
    message = r"22 tokens, but BertModel takes at most 16; .*truncation=True"
    with pytest.raises(ValueError, match=message):
        encode(bert(), LONG, None, tokenizer)
    encoded = encode(bert(), LONG, None, tokenizer, truncation=True)
    assert encoded.inputs["input_ids"].shape == (1, 16)
    assert "".join(t.lead + t.text + t.trail for t in encoded.tokens) == "a " * 13 + "a"
    assert encoded.texts == (LONG,)
    with torch.no_grad():
        bert()(**encoded.inputs)


def test_what_helps_a_text_too_long_is_named() -> None:
    """Windows too, where they can be read: they take a text by itself, and one stack."""
    with pytest.raises(ValueError, match=r"windows=True to read all of it in windows"):
        capture(bert(), LONG, tokenizer=wordpiece())
    assert capture(bert(), LONG, tokenizer=wordpiece(), windows=True).windows
    cut = r"shorten it or pass truncation=True to cut it$"
    with pytest.raises(ValueError, match=cut):
        capture(bert(), LONG, text_pair=LONG, tokenizer=wordpiece())
    bart = tiny_seq2seq("BartForConditionalGeneration")
    with pytest.raises(ValueError, match=cut):
        capture(bart, "novel " * 99, target="novel", tokenizer=tiny_tokenizer())


def test_a_text_that_fits_is_not_cut() -> None:
    encoded = encode(bert(), "a " * 14, None, wordpiece(), truncation=True)
    assert len(encoded.tokens) == 16
    assert "".join(t.lead + t.text + t.trail for t in encoded.tokens) == "a " * 14


def test_of_a_pair_only_what_was_cut_is_left_out() -> None:
    encoded = encode(bert(), "novel ", LONG, wordpiece(), truncation=True)
    texts = [
        "".join(t.lead + t.text + t.trail for t in encoded.tokens if t.segment == s) for s in (0, 1)
    ]
    assert texts == ["novel ", ("a " * 11).strip()]


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        (bert(), 16),
        (BertForMaskedLM(BertConfig(**SMALL, vocab_size=40)), 16),
        (RobertaModel(RobertaConfig(**SMALL, vocab_size=40, pad_token_id=1)), 14),
        (GPT2Model(GPT2Config(vocab_size=40, n_positions=16, n_embd=8, n_layer=1, n_head=2)), 16),
        (llama(), None),
        (
            T5Model(T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)),
            None,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_limit_is_what_the_positions_allow(model: Any, limit: int | None) -> None:
    assert token_limit(model) == limit
    if isinstance(model, T5Model):
        model = model.get_encoder()
    model.eval()
    with torch.no_grad():
        model(input_ids=torch.full((1, limit or 99), 5))
        if limit is not None:
            with pytest.raises((IndexError, RuntimeError)):
                model(input_ids=torch.full((1, limit + 1), 5))


def test_rotary_positions_set_no_limit_and_truncation_goes_by_the_config() -> None:
    model = llama()
    assert len(encode(model, LONG, None, metaspace_bpe()).tokens) > 16
    assert len(encode(model, LONG, None, metaspace_bpe(), truncation=True).tokens) == 16
    tokenizer = metaspace_bpe()
    tokenizer.model_max_length = 9
    assert len(encode(model, LONG, None, tokenizer, truncation=True).tokens) == 9


# The tokenizer is left as it was


def test_settings_of_the_tokenizer_are_kept(minilm: Any, minilm_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_path)
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(max_length=7, stride=1, direction="left")
    backend.enable_padding(length=9, pad_id=5, pad_token="x")
    before = copy.deepcopy((backend.truncation, backend.padding, dict(tokenizer.init_kwargs)))
    assert len(encode(minilm[0], "a novel " * 10, None, tokenizer).tokens) == 22
    assert (backend.truncation, backend.padding, tokenizer.init_kwargs) == before
    with pytest.raises(ValueError, match="takes at most 512"):
        encode(minilm[0], "a novel " * 400, None, tokenizer)
    encode(minilm[0], "a novel " * 400, None, tokenizer, truncation=True)
    assert (backend.truncation, backend.padding, tokenizer.init_kwargs) == before


def test_a_tokenizer_without_settings_gets_none() -> None:
    tokenizer = wordpiece()
    encode(bert(), LONG, None, tokenizer, truncation=True)
    assert tokenizer.backend_tokenizer.truncation is None
    assert tokenizer.backend_tokenizer.padding is None


@pytest.mark.parametrize("slow", [False, True])
def test_the_tokenizer_says_nothing_on_its_own(
    slow: bool, tmp_path: Path, capfd: Any, caplog: Any
) -> None:
    tokenizer = slow_wordpiece(tmp_path) if slow else wordpiece()
    tokenizer.model_max_length = 4
    logging.getLogger("transformers").addHandler(caplog.handler)
    try:
        encode(bert(), "a a a a a a", "a", tokenizer)
        encode(bert(), LONG, LONG, tokenizer, truncation=True)
        with pytest.raises(ValueError, match="takes at most"):
            encode(bert(), LONG, LONG, tokenizer)
        assert caplog.records == []
        tokenizer(LONG)  # its own warnings still come, to others
        assert any("longer than" in record.getMessage() for record in caplog.records)
    finally:
        logging.getLogger("transformers").removeHandler(caplog.handler)
    assert "longer than" not in capfd.readouterr().out


def test_byte_level_through_and_through() -> None:
    encoded = encode(llama(), "🙂 novel", None, byte_level())
    assert [token.label for token in encoded.tokens] == ["🙂", "‹9F›", "‹99›", "‹82›", "novel"]


def test_path_likes_are_paths(minilm_path: Path) -> None:
    class Folder(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(minilm_path)

    assert isinstance(find_model(Folder())[0], BertModel)
