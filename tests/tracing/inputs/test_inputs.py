"""What a user may pass, and what is said about everything else before the model runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from support.encoded import encode
from support.small import SMALL, bert, llama
from support.toy_slow_tokenizers import slow_wordpiece
from support.toy_tokenizers import wordpiece
from tokenizers import Tokenizer, models
from transformers import (
    BertModel,
    PreTrainedTokenizerFast,
    ViTConfig,
    ViTModel,
)

from attention_widget.tracing.model.find import find_model, find_tokenizer


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
    with pytest.raises(TypeError, match="got PROMPT_TUNING, whose virtual tokens stand for no"):
        find_model(peft.get_peft_model(bert(), prompt))


@pytest.mark.parametrize("thing", [3, None, torch.nn.Linear(2, 2), object, ["bert-base-uncased"]])
def test_other_things_are_no_model(thing: Any) -> None:
    with pytest.raises(TypeError, match=r"model must be a transformers model .* got "):
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
        (3, "tokenizer must be a transformers tokenizer .* got int"),
        ("gpt2", r"such as AutoTokenizer\.from_pretrained\('gpt2'\), got str"),
        (Tokenizer(models.BPE()), r"such as PreTrainedTokenizerFast\(tokenizer_object=\.\.\.\)"),
        (str.split, "tokenizer must be .* got method_descriptor"),
    ],
)
def test_other_things_are_no_tokenizer(thing: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find_tokenizer(bert(), thing)


def test_a_tokenizer_without_vocabulary() -> None:
    shell = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]")), unk_token="[UNK]"
    )
    with pytest.raises(
        ValueError, match=r"must have a vocabulary, got .* with special tokens alone"
    ):
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
        ("", ValueError, "{} must not be empty"),
        ("   ", ValueError, "{} must hold a character .* got 3 blank characters"),
        ("\n", ValueError, "{} must hold a character .* got 1 blank character"),
        (5, TypeError, "{} must be a string, got int"),
        (b"novel", TypeError, "{} must be a string, got bytes"),
        (["a", "b"], TypeError, "{} must be one string, got a list of 2;.*text_pair"),
        (
            "a\ud83d",
            ValueError,
            r"{} must be .* an unpaired surrogate, U\+D83D, at character 1",
        ),
    ],
)
def test_what_is_no_text(name: str, value: Any, error: type[Exception], message: str) -> None:
    texts = {"text": "novel", "text_pair": "novel", name: value}
    with pytest.raises(error, match=message.format(name)):
        encode(bert(), tokenizer=wordpiece(), **texts)


def test_no_text_at_all() -> None:
    with pytest.raises(TypeError, match="text must be a string, got NoneType"):
        encode(bert(), None, None, wordpiece())  # type: ignore[arg-type]


def test_a_text_of_which_the_tokenizer_makes_nothing() -> None:
    with pytest.raises(ValueError, match=r"text must be .*, got only special ones of"):
        encode(bert(), "\u200b\x00", None, wordpiece())


def test_a_tokenizer_of_another_model(minilm: Any) -> None:
    _, tokenizer = minilm
    with pytest.raises(ValueError, match=r"must be below \d+, the rows of its") as caught:
        encode(bert(), "A purple novel", None, tokenizer)
    largest = max(tokenizer("A purple novel")["input_ids"])
    for part in (str(largest), "below 40", "BertModel", tokenizer.name_or_path):
        assert part in str(caught.value)


def test_a_model_on_the_meta_device() -> None:
    with torch.device("meta"):
        model = bert()
    with pytest.raises(
        ValueError, match=r"must have its weights, got BertModel .*on the meta device \(the first"
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
    with pytest.raises(ValueError, match="must take text, got ViTModel, which takes pixel_values"):
        encode(model, "novel", None, wordpiece())
