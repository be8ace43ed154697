"""Folders in the format of HeadVis, as ``data_pipeline.py`` of anthropics/headvis describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.models import tiny, tokenizer

from attention_widget import HeadAtlas, capture, measures, scan
from attention_widget.corpus import HEADVIS, HeadVisData, headvis_metrics
from attention_widget.errors import InvalidValueError

TEXTS = [f"The {one} saw the {other}." for one in ("cat", "king") for other in ("dog", "queen")]


@pytest.fixture(scope="module")
def atlas(minilm: tuple[Any, Any]) -> HeadAtlas:
    model, tokenizer = minilm
    summaries: list[Any] = [*measures.HEAD_SUMMARIES, HEADVIS]
    return scan(model, TEXTS, tokenizer, summaries=summaries, examples=2, progress=False)


@pytest.fixture(scope="module")
def folder(
    atlas: HeadAtlas, minilm: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    made = tmp_path_factory.mktemp("headvis") / "data"
    atlas.to_headvis(made, *minilm)
    return made


def test_the_files_are_those_of_the_format(folder: Path, atlas: HeadAtlas) -> None:
    config = json.loads((folder / "config.json").read_text())
    assert (config["n_layers"], config["n_heads"], config["n_intervals"]) == (6, 12, 10)
    assert config["heads"] == [[layer, head] for layer in range(6) for head in range(12)]
    assert set(config["metric_descriptions"]) == set(config["metrics"])
    rows = json.loads((folder / "scatter_data.json").read_text())
    assert [set(row) for row in rows] == [{"layer", "head", *config["metrics"]}] * 72
    six = ["self_attention_score", "previous_token_score", "pattern_entropy", "qk_distance"]
    assert config["metrics"][:6] == [*six, "qk_distance_variance", "induction_score"]
    assert json.loads((folder / "server_config.json").read_text()) == {}
    assert json.loads((folder / "attributions" / "manifest.json").read_text()) == {}
    for layer, head in config["heads"]:
        name = config["head_data_pattern"].format(layer=layer, head=head)
        told = json.loads((folder / "heads" / name).read_text())
        for plot in config["custom_plots"]:
            bins = told[plot["key"]]
            assert len(bins["bin_edges"]) == len(bins["bin_values"]) + 1
        assert sum(told["histogram"]["bin_values"]) == atlas.n_texts
        for table in config["custom_tables"]:
            assert all(set(row) == {"token", "weight"} for row in told[table["key"]])
        assert told["statistics"] == {"n_texts": 4, "n_samples": len(told["sequences"])}
    assert [each.name for each in folder.parent.iterdir()] == ["data"]


def test_what_was_written_is_read(folder: Path, atlas: HeadAtlas, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    held = HeadVisData(folder)
    assert held.model_name == atlas.model_name
    for name, values in headvis_metrics(atlas).items():
        np.testing.assert_allclose(held.columns[name], values, atol=5.1e-5, err_msg=name)
    np.testing.assert_allclose(held.columns["first"], atlas.columns["first"], atol=5.1e-5)
    assert len(held.to_pandas()) == 72
    texts = held.texts(0, 2)
    assert sorted(text.sequence_id >> 20 for text in texts) == [0, 1, 2, 3]
    assert sorted(text.interval for text in texts)[-2:] == [10, 10]
    for text in texts:
        made = capture(model, TEXTS[text.sequence_id >> 20], tokenizer=tokenizer)
        weights = made.attention(0, heads=2)[0]
        assert "".join(text.tokens[1:-1]) == TEXTS[text.sequence_id >> 20]
        kept = text.attention()
        n_kept = (kept > 0).sum(-1)
        for query, row in enumerate(weights):
            highest = np.sort(row)[::-1][: n_kept[query]]
            np.testing.assert_allclose(
                np.sort(kept[query])[::-1][: len(highest)], highest, atol=6e-5
            )
            assert n_kept[query] == min(8, (row >= 0.005).sum())
        np.testing.assert_allclose(kept[kept > 0], weights[kept > 0], atol=6e-5)
        inner = weights.copy()
        np.fill_diagonal(inner, 0)
        assert text.max_activation == pytest.approx(inner[1:, 1:].max(), abs=6e-5)


def test_without_the_model_there_are_no_texts(atlas: HeadAtlas, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    atlas.to_headvis(tmp_path / "empty")
    held = HeadVisData(tmp_path / "empty")
    assert held.texts(5, 11) == []
    with pytest.raises(LookupError, match="got layer 6, head 0"):
        held.texts(6, 0)
    with pytest.raises(InvalidValueError, match="must be empty or new"):
        atlas.to_headvis(tmp_path / "empty")


@pytest.mark.parametrize("family", ["llama", "bert"])
def test_another_model_is_refused_and_writes_nothing(
    atlas: HeadAtlas, tmp_path: Path, family: str
) -> None:
    """One whose attention is of another kind, and one that has not so many heads."""
    example = atlas.examples(5, 11)[0]
    trace = capture(tiny(family), "a good novel", tokenizer=tokenizer())
    with pytest.raises(InvalidValueError, match="model must be the one that was scanned, got "):
        example.check(trace)
    with pytest.raises(InvalidValueError):
        atlas.to_headvis(tmp_path / "other", tiny(family), tokenizer())
    assert not list(tmp_path.iterdir())


def test_the_names_of_neuronpedia_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps({"model_name": "x", "metric_descriptions": {"prev_token_score": "Mean"}})
    )
    rows = [{"layer": 3, "head": 1, "prev_token_score": 0.5, "induction_score": None}]
    (tmp_path / "scatter_data.json").write_text(json.dumps(rows))
    held = HeadVisData(tmp_path)
    assert held.columns["previous_token_score"].tolist() == [0.5]
    assert np.isnan(held.columns["induction_score"]).all()
    assert held.descriptions == {"previous_token_score": "Mean"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", None, "must have 'config.json', got no"),
        ("config.json", "[]", "must hold a JSON object"),
        ("scatter_data.json", "{", "must hold JSON"),
        ("scatter_data.json", "[1]", "must hold a list of rows"),
        ("scatter_data.json", '[{"layer": 0.5, "head": 0}]', "whole numbers as 'layer'"),
        ("scatter_data.json", '[{"layer": 0, "head": 0, "x": "<b>"}]', "numbers as 'x'"),
        ("heads/L0H0.json", '{"sequences": 1}', "must hold a list of sequences"),
        ("heads/L0H0.json", '{"sequences": [{"tokens": ["a"]}]}', "sequences with tokens"),
        (
            "heads/L0H0.json",
            '{"sequences": [{"tokens": ["a"], "interval": 1, "attention_indices": [1], '
            '"attention_values": [1]}]}',
            "sequences with tokens",
        ),
    ],
)
def test_what_is_not_of_the_format_is_named(
    tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    (tmp_path / "heads").mkdir()
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "scatter_data.json").write_text('[{"layer": 0, "head": 0}]')
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(content)

    def read() -> None:
        held = HeadVisData(tmp_path)
        assert held.columns
        held.texts(0, 0)

    with pytest.raises((ValueError, FileNotFoundError), match=message):
        read()
