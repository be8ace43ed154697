"""What is more than a model: the model within reads what the wrapper makes of a text."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers
from support import models
from torch import nn
from transformers import pipeline

from attention_widget import AttentionWidget, Trace, capture, generate

TEXT = "I READ a Good Novel about the colour purple"
LONG = "a novel idea " * 20


def ids(trace: Trace) -> list[int | None]:
    return [token.id for token in trace.tokens]


def joined(trace: Trace) -> str:
    return "".join(t.lead + t.text + t.trail for t in trace.tokens if t.segment == 0)


def read_by(model: Any, method: str, *texts: Any) -> list[int]:
    """The ids that the transformers model within really gets."""
    seen: list[list[int]] = []

    def look(module: nn.Module, args: Any) -> None:
        seen.append(args[0][0].tolist())

    inner: Any = next(iter(model)).auto_model if isinstance(model, nn.Sequential) else model.model
    handle = inner.get_input_embeddings().register_forward_pre_hook(look)
    try:
        (getattr(model, method) if method else model)(*texts)
    finally:
        handle.remove()
    return seen[0]


SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "a prompt": {"prompts": {"query": "query: "}, "default_prompt_name": "query"},
    "a prompt that is not the default": {"prompts": {"query": "query: "}},
    "lower case": {"lower": True},
    "a prompt in lower case": {
        "prompts": {"query": "QUERY of A novel:"},
        "default_prompt_name": "query",
        "lower": True,
    },
}


def sentence_transformer(
    folder: Path, max_seq_length: int | None = None, lower: bool = False, **settings: Any
) -> Any:
    from sentence_transformers import SentenceTransformer  # takes seconds: not at collection
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    first: Any = Transformer(str(folder), max_seq_length=max_seq_length, do_lower_case=lower)
    pooling = Pooling(first.get_embedding_dimension())
    return SentenceTransformer(modules=[first, pooling], device="cpu", **settings)


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
def test_a_sentence_transformer_reads_what_encode_reads(
    given: dict[str, Any], minilm_path: Path
) -> None:
    model = sentence_transformer(minilm_path, **given)
    trace = capture(model, TEXT)
    assert ids(trace) == read_by(model, "encode", TEXT)
    prompt = given.get("prompts", {}).get(given.get("default_prompt_name"), "")
    assert trace.texts == (prompt + TEXT,)
    assert joined(trace) == prompt + TEXT
    assert all(token.segment == 0 for token in trace.tokens[1:-1])


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
def test_it_cuts_where_encode_cuts_if_asked_to(given: dict[str, Any], minilm_path: Path) -> None:
    model = sentence_transformer(minilm_path, max_seq_length=16, **given)
    with pytest.raises(
        ValueError,
        match=r"at most 16 tokens, .* SentenceTransformer \(max_seq_length\) .*truncation=True",
    ):
        capture(model, LONG)
    trace = capture(model, LONG, truncation=True)
    assert len(trace.tokens) == 16
    assert ids(trace) == read_by(model, "encode", LONG)
    whole = capture(model, LONG, windows=True)
    assert len(whole.windows[0].trace.tokens) == 16
    # the model by itself takes more
    inner = model[0].auto_model
    assert len(capture(inner, LONG, tokenizer=model.tokenizer).tokens) > 16


def test_the_setting_of_the_moment_counts(minilm_path: Path) -> None:
    model = sentence_transformer(minilm_path, max_seq_length=16)
    model.max_seq_length = 9
    assert len(capture(model, LONG, truncation=True).tokens) == 9
    assert model.max_seq_length == 9
    backend = model.tokenizer.backend_tokenizer
    assert (backend.truncation, backend.padding) == _settings(model)


def _settings(model: Any) -> tuple[Any, Any]:
    capture(model, "novel")
    backend = model.tokenizer.backend_tokenizer
    return backend.truncation, backend.padding


def test_a_wrapper_that_reads_otherwise_is_found_out(
    minilm_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = sentence_transformer(minilm_path)
    own = model.preprocess

    def preprocess(texts: list[str], **options: Any) -> Any:
        return own([f"{text} [MASK]" for text in texts], **options)

    monkeypatch.setattr(model, "preprocess", preprocess)
    with pytest.raises(ValueError, match=r"gives its model other tokens \(5\) than its token"):
        capture(model, "a novel")


def test_a_widget_shows_the_prompt_and_keeps_the_users_text(minilm_path: Path) -> None:
    prompts: dict[str, Any] = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    model = sentence_transformer(minilm_path, **prompts)
    widget = AttentionWidget(model, "a novel")
    assert widget.text == "a novel"
    assert ids(widget.trace) == read_by(model, "encode", "a novel")
    state = widget.state
    widget.run("the colour purple")
    assert ids(widget.trace) == read_by(model, "encode", "the colour purple")
    assert widget.text == "the colour purple"
    widget.restore(state)
    assert widget.text == "a novel"
    assert widget.trace.texts == ("query: a novel",)
    again = AttentionWidget.from_state(state, model=model)
    assert (again.text, again.trace.texts) == ("a novel", ("query: a novel",))


# Pipelines ----------------------------------------------------------------------------------------


def pipe(task: Any, minilm: tuple[Any, Any], **options: Any) -> Any:
    model, tokenizer = minilm
    return pipeline(task, model=model, tokenizer=tokenizer, device="cpu", **options)


def test_a_pipeline_reads_what_it_reads(minilm: tuple[Any, Any]) -> None:
    made = pipe("feature-extraction", minilm)
    assert ids(capture(made, TEXT)) == read_by(made, "", TEXT)
    cutting = pipe(
        "feature-extraction", minilm, tokenize_kwargs={"truncation": True, "max_length": 12}
    )
    named = r"at most 12 tokens, as many as FeatureExtractionPipeline \(max_length\) takes"
    with pytest.raises(ValueError, match=named):
        capture(cutting, LONG)
    assert ids(capture(cutting, LONG, truncation=True)) == read_by(cutting, "", LONG)
    whole = pipe(
        "feature-extraction",
        minilm,
        tokenize_kwargs={"truncation": "do_not_truncate", "max_length": 12},
    )
    assert ids(capture(whole, LONG)) == read_by(whole, "", LONG)


def test_a_pipeline_that_leaves_special_tokens_out_is_refused(minilm: tuple[Any, Any]) -> None:
    made = pipe("feature-extraction", minilm, tokenize_kwargs={"add_special_tokens": False})
    with pytest.raises(ValueError, match="tokenizes with add_special_tokens=False, which capture"):
        capture(made, TEXT)


def test_the_prefix_of_a_pipeline_is_part_of_the_text() -> None:
    model, tokenizer = models.tiny("gpt2"), models.tokenizer()
    model.generation_config.eos_token_id = None
    made = pipeline(
        "text-generation",
        model=model,
        tokenizer=tokenizer,
        device="cpu",
        prefix="i read ",
        max_new_tokens=2,
    )
    trace = capture(made, "a novel")
    assert ids(trace) == read_by(made, "", "a novel")
    assert trace.texts == ("i read a novel",)
    written = generate(made, "a novel", max_new_tokens=3)
    assert written.texts[0].startswith("i read a novel")


def test_a_pipeline_of_pairs_needs_one() -> None:
    model: Any = models.tiny("bert")
    classifier = transformers.BertForSequenceClassification(model.config).eval()
    classifier.config.label2id = {"entailment": 0, "neutral": 1}
    made = pipeline(
        "zero-shot-classification", model=classifier, tokenizer=models.tokenizer(), device="cpu"
    )
    with pytest.raises(
        ValueError, match=r"must be passed with a ZeroShotClassificationPipeline, which gives"
    ):
        capture(made, "a novel")
    assert capture(made, "a novel", text_pair="a good idea").texts == ("a novel", "a good idea")


# What is no model of transformers -----------------------------------------------------------------


class Mine(nn.Module):
    def __init__(self, **parts: Any) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


def bridge(inner: Any) -> Any:
    """As TransformerLens' TransformerBridge holds it: beside its modules."""
    made = Mine()
    made.__dict__["original_model"] = inner
    made.__dict__["tokenizer"] = models.tokenizer()
    return made


def wrapped(kind: str, folder: Path) -> tuple[Any, str]:
    """Something that is no model, and what to write for the model within."""
    if kind in ("CrossEncoder", "SparseEncoder"):
        import sentence_transformers

        path = "model.model" if kind == "CrossEncoder" else "model.transformers_model"
        return getattr(sentence_transformers, kind)(str(folder), device="cpu"), path
    inner = models.tiny("bert")
    if kind == "bert":
        return Mine(bert=inner, head=nn.Linear(2, 2)), "model.bert"
    if kind == "in a list":
        return Mine(parts=nn.ModuleList([nn.Linear(2, 2), inner])), "model.parts[1]"
    if kind == "a bridge":
        return bridge(inner), "model.original_model"
    return SimpleNamespace(net=inner), "model.net"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "kind", ["CrossEncoder", "SparseEncoder", "bert", "in a list", "a bridge", "an object"]
)
def test_the_model_within_is_named(kind: str, minilm_path: Path) -> None:
    model, path = wrapped(kind, minilm_path)
    own = isinstance(getattr(model, "tokenizer", None), transformers.PreTrainedTokenizerBase)
    told = f"AttentionWidget({path}, text{', tokenizer=model.tokenizer' if own else ''})"
    for act in (capture, AttentionWidget):
        with pytest.raises(TypeError, match=re.escape(told)):
            act(model, "a novel")
    # and what is told works
    inner = eval(path, {"model": model})
    tokenizer = model.tokenizer if own else models.tokenizer()
    assert capture(inner, "a novel", tokenizer=tokenizer).n_layers == len(
        [name for name, _ in inner.named_modules() if re.search(r"layer\.\d+$", name)]
    )


def test_a_prompt_that_is_lost_with_the_wrapper_is_told(minilm_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(
        str(minilm_path), device="cpu", prompts={"q": "query: "}, default_prompt_name="q"
    )
    with pytest.raises(TypeError, match="it writes 'query: ' before each text, which is t"):
        capture(model, "a novel")


class HookedTransformer(nn.Module):
    def run_with_cache(self, text: str) -> Any: ...


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (nn.TransformerEncoderLayer(8, 2), "the maps of a torch.nn.MultiheadAttention are its sec"),
        (nn.Linear(2, 2), "AttentionWidget.from_attentions(maps, tokens), queries and keys by"),
        (HookedTransformer(), "AttentionWidget.from_attentions(cache, model.to_str_tokens(text))"),
        (object(), "AttentionWidget.from_attentions(maps, tokens)"),
    ],
)
def test_where_there_is_none_the_other_ways_are_told(model: Any, told: str) -> None:
    with pytest.raises(TypeError, match=re.escape(told)):
        capture(model, "a novel")


def test_what_is_told_of_multi_head_attention_works() -> None:
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(8, 2, batch_first=True).eval()
    x = torch.randn(1, 3, 8)
    _, maps = attention(x, x, x, need_weights=True, average_attn_weights=False)
    assert AttentionWidget.from_attentions(maps, ["a", "novel", "idea"]).trace.n_layers == 1
