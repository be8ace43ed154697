"""The page of an export: what stands in it, what may be chosen, what is refused."""

from __future__ import annotations

import base64
import hashlib
import html as markup
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.archives import manifest, unpacked
from support.hostile import hostile_trace
from support.repository import ROOT, STATIC
from support.traces import encoder_decoder, trace, windowed, with_word_rows

from attention_widget import AttentionWidget, from_arrays
from attention_widget.export import calculated
from attention_widget.export.archive import FORMAT
from attention_widget.export.iframe import frame
from attention_widget.export.page import SCRIPT, STYLE
from attention_widget.protocol.option_values import VIEWS, Locale, ViewName
from attention_widget.protocol.options import OPTION, values_of


def policy(html: str) -> str:
    (found,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)
    return str(found)


def sha(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def test_a_page_has_two_scripts_and_two_styles_by_their_hashes() -> None:
    html = AttentionWidget.from_trace(trace()).to_html()
    (loader,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    (shell,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    code, style = (unpacked(html, f"aw-{name}").decode() for name in ("script", "style"))
    assert code == (STATIC / "export.js").read_text(encoding="utf-8")
    assert style == (STATIC / "widget.css").read_text(encoding="utf-8")
    assert policy(html) == (
        f"default-src 'none'; script-src {sha(loader)} {sha(code)}; "
        f"style-src {sha(shell)} {sha(style)}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_a_page_names_no_address() -> None:
    html = AttentionWidget.from_trace(trace()).to_html()
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert "//" not in re.sub(r"'sha256-[^']+'", "", bare)  # base64 may have it
    assert "<link" not in html
    assert "src=" not in re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)


def test_a_page_carries_the_state() -> None:
    widget = AttentionWidget.from_trace(trace(), layer=1, heads=(2, 0), words=True, token=3)
    state = manifest(widget.to_html())["state"]
    assert (state["layer"], state["heads"], state["words"], state["token"]) == (1, [2, 0], True, 3)
    assert state["meta"]["tokens"] == widget.meta["tokens"]
    assert state["meta"]["read_only"] == "page"
    assert state["busy"] is False
    assert set(state) == {*OPTION, "text", "text_pair", "busy", "meta"}


def test_a_page_is_the_same_each_time() -> None:
    widget = AttentionWidget.from_trace(trace())
    assert widget.to_html() == widget.to_html()


def test_a_page_carries_what_its_views_need() -> None:
    made = trace()

    def names(*views: ViewName) -> set[str]:
        html = AttentionWidget.from_trace(made, views=views).to_html()
        keys = manifest(html)["entries"]
        return {re.sub(r"^grouped/\w+/\w+/", "", key).split("/")[0] for key in keys}

    assert names("lines") == names("matrix") == {"attention", "mask"}
    assert names("grid") == {"attention", "mask", "summaries"}
    assert names("neuron") == {"attention", "mask", "query", "key", "value", "head_output"}
    assert names("text") == {"attention", "mask", "hidden_states"}
    assert names("calculation") == {"attention", "mask", "calculation"}


def test_a_page_has_the_calculation_of_the_layer_that_it_opens_on() -> None:
    made = trace(heads=(4, 4))
    widget = AttentionWidget.from_trace(made, views="calculation", layer=1, heads=2)
    for layers, layer in ((None, 1), ([0], 0)):
        page = manifest(widget.to_html(layers=layers))
        [(question, kept)] = page["answers"]
        assert question == {"name": "calculation", "kind": "encoder", "layer": layer}
        assert [step["name"] for step in kept["answer"]["steps"]][:4] == ["q", "k", "v", "scores"]
        held = {key.split("/")[2:4][0] for key in page["entries"] if key[:12] == "calculation/"}
        assert held == {str(layer)}
        assert page["calculations"][f"encoder/{layer}"]["q"] == "q"


def test_weights_of_a_page_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    of: dict[str, Any] = {f"w_{name}": random.normal(size=(4, 8, 5)) for name in "qkv"}
    made = from_arrays(x=random.normal(size=(3, 8)), **of, tokens=list("abc"))
    widget = AttentionWidget.from_trace(made, views="calculation", heads=[2, 0])

    def heads() -> set[str]:
        entries = manifest(widget.to_html())["entries"]
        return {key.split("/")[3] for key in entries if key.endswith("/w_q")}

    assert heads() == {"0", "1", "2", "3"}
    monkeypatch.setattr(calculated, "WEIGHTS_BYTES", 2 * 3 * 4 * 8 * 5)
    assert heads() == {"0", "2"}
    monkeypatch.setattr(calculated, "WEIGHTS_BYTES", 1)
    assert heads() == {"2"}


def test_like_tensors_stand_there_once() -> None:
    """Layers share their mask, and a text without special tokens its groups."""
    html = AttentionWidget.from_trace(trace(), views=VIEWS).to_html()
    entries = manifest(html)["entries"]
    masks = {entry["block"] for key, entry in entries.items() if key.startswith("mask/")}
    assert len(masks) == 1


def test_layers_and_heads_can_be_chosen() -> None:
    widget = AttentionWidget.from_trace(trace(heads=(4, 4, 2)), layer=1, heads=(0, 3), views=VIEWS)
    found = manifest(widget.to_html(layers=[2, 0], heads=[1, 3]))
    assert found["held"] == {"encoder": {"0": [1, 3], "2": [1]}}
    assert (found["state"]["layer"], found["state"]["heads"]) == (0, [3])
    kept = found["entries"]["attention/encoder/0"]["maps"]
    assert [bool(one) for one in kept] == [False, True, False, True]
    assert "attention/encoder/1" not in found["entries"]
    assert {key for key in found["entries"] if key.startswith("hidden")} == {
        "hidden_states/encoder/0",
        "hidden_states/encoder/1",
        "hidden_states/encoder/3",
    }


@pytest.mark.parametrize("heads", [2, [2], (2,), range(2, 3), iter([2])])
def test_heads_are_one_or_several(heads: Any) -> None:
    widget = AttentionWidget.from_trace(trace())
    assert manifest(widget.to_html(heads=heads))["held"]["encoder"] == {
        "0": [2],
        "1": [2],
        "2": [],
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"layers": [1]}, "layers must be one or more of 0, 2, got 1"),
        ({"layers": [0, 9]}, "layers must be one or more of 0, 2, got 0, 9"),
        ({"layers": []}, "layers must be .* got none"),
        ({"layers": [2], "heads": [3]}, "heads must be one or more of 0, 1, got 3"),
        ({"heads": -1}, "heads must be .* got -1"),
    ],
)
def test_what_does_not_exist_is_refused(options: dict[str, Any], problem: str) -> None:
    widget = AttentionWidget.from_trace(trace(heads=(4, 0, 2)))
    with pytest.raises(LookupError, match=problem):
        widget.to_html(**options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"precision": "float16"}, "precision must be standard or high, got 'float16'"),
        ({"assets": "cdn"}, "assets must be inline or beside, got 'cdn'"),
    ],
)
def test_another_option_is_refused(options: dict[str, Any], problem: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=problem):
        AttentionWidget.from_trace(trace()).export_html(tmp_path / "page.html", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_kind_whose_layers_are_left_out_is_not_shown() -> None:
    widget = AttentionWidget.from_trace(encoder_decoder(), attention_kind="encoder", token=2)
    found = manifest(widget.to_html(layers=[2]))
    assert found["held"] == {"decoder": {"2": [0, 1]}, "cross": {"2": [0, 1]}}
    state = found["state"]
    assert (state["attention_kind"], state["layer"], state["token"]) == ("decoder", 2, None)


def test_each_window_is_held() -> None:
    found = manifest(AttentionWidget.from_trace(windowed()).to_html())
    windows = {key.split("/")[1] for key in found["entries"] if key.startswith("window/")}
    assert windows == {"0", "1", "2"}


def test_a_page_over_the_limit_is_refused_with_advice(tmp_path: Path) -> None:
    widget = AttentionWidget.from_trace(trace())
    size = len(widget.to_html().encode())
    assert len(widget.to_html(max_bytes=size).encode()) == size
    for limit in (size - 1, size // 20):
        with pytest.raises(ValueError, match=r"over|more than") as refused:
            widget.export_html(tmp_path / "page.html", max_bytes=limit)
        for advice in ("layers=[...]", "heads=[...]", "views", "max_bytes"):
            assert advice in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_large_page_is_refused_before_it_is_made() -> None:
    made = trace(heads=(4, 4), labels=[f"w{i}" for i in range(400)])
    widget = AttentionWidget.from_trace(made, views="lines")
    size = len(widget.to_html().encode())
    with pytest.raises(ValueError, match=r"the page takes about (\d+) MB, over 0 MB") as refused:
        widget.to_html(max_bytes=10_000)
    (estimated,) = re.findall(r"about (\d+) MB", str(refused.value))
    assert 0.5 * size < int(estimated) * 1e6 < 2 * size + 1e6


def test_high_precision_keeps_every_bit() -> None:
    made = trace()
    widget = AttentionWidget.from_trace(made, views=VIEWS)
    html = widget.to_html(precision="high")
    found = manifest(html)["entries"]
    form, block = found["attention/encoder/1"]["maps"][2]
    assert form == "plain"
    data = unpacked(html, f"aw-block-{block + 1}")
    weights = made.attention(1)[2]
    planes = [weights.tobytes()[part::4] for part in range(4)]
    assert data == b"".join(planes)
    assert {entry["as"] for entry in found.values()} == {"plain", "maps"}


def test_a_title_is_text(tmp_path: Path) -> None:
    made = replace(
        trace(), model_name='</title><script>"x"', texts=("\ud83d a\nb\x00\u202e" + "c" * 500,)
    )
    path = tmp_path / "page.html"
    AttentionWidget.from_trace(made).export_html(path)
    (title,) = re.findall(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert title.startswith("&lt;/title&gt;&lt;script&gt;&quot;x&quot;: &#65533; a b")
    assert title.endswith("ccc&#8230;")
    assert "\x00" not in title
    assert "\u202e" not in markup.unescape(title)
    assert len(title) < 200


@pytest.mark.parametrize("locale", values_of("locale"))
def test_a_page_is_ascii_whatever_it_shows(locale: Locale, tmp_path: Path) -> None:
    widget = AttentionWidget.from_trace(hostile_trace(), locale=locale)
    page = widget.to_html()
    assert page.isascii()
    assert frame(page, widget.trace.model_name, 100).isascii()
    widget.export_html(tmp_path / "page.html")
    for encoding in ("ascii", "cp1252", "shift_jis", "koi8-r"):
        with (tmp_path / encoding).open("w", encoding=encoding, newline="") as file:
            file.write(page)
        assert (tmp_path / encoding).read_bytes() == (tmp_path / "page.html").read_bytes()
    widget.export_html(tmp_path / "beside.html", assets="beside")
    for name in ("beside.html", SCRIPT, STYLE):
        assert (tmp_path / name).read_bytes().isascii()


def test_a_page_carries_the_licence_of_what_it_contains() -> None:
    page = AttentionWidget.from_trace(trace()).to_html()
    assert "Copyright (c) 2022-present Preact Team" in page
    assert "Permission is hereby granted, free of charge" in page
    assert "Copyright (c) 2022-present Preact Team" in unpacked(page, "aw-script").decode()


def test_files_beside_hold_the_code(tmp_path: Path) -> None:
    AttentionWidget.from_trace(trace()).export_html(tmp_path / "page.html", assets="beside")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f'<script src="{SCRIPT}"></script>' in html
    assert f'<link rel="stylesheet" href="{STYLE}">' in html
    assert "<style" not in html
    assert "<script>" not in html
    assert policy(html).startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert (tmp_path / SCRIPT).read_text("utf-8") == (STATIC / "export.js").read_text("utf-8")
    assert (STATIC / "widget.css").read_text("utf-8") in (tmp_path / STYLE).read_text("utf-8")


def test_a_page_is_replaced_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_text("before", encoding="utf-8")
    widget = AttentionWidget.from_trace(trace())

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        widget.export_html(path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_an_export_leaves_the_widget_alone() -> None:
    widget = AttentionWidget.from_trace(trace(), layer=1, heads=(3,))
    before = widget.get_state()
    widget.to_html(layers=[0], heads=[0])
    assert widget.get_state() == before


def test_a_page_carries_the_word_embeddings_that_the_text_view_may_show() -> None:
    made = with_word_rows(encoder_decoder())
    found = manifest(AttentionWidget.from_trace(made, views="text").to_html())["entries"]
    kept = {key for key in found if key.startswith("word_embeddings")}
    assert kept == {"word_embeddings/encoder", "word_embeddings/decoder"}
    assert found["word_embeddings/encoder"]["shape"][0] == len(made.tokens)
    grid = manifest(AttentionWidget.from_trace(made, views="grid").to_html())["entries"]
    assert not any(key.startswith("word_embeddings") for key in grid)


def test_infinite_hidden_states_are_kept() -> None:
    made = trace()
    hidden = (made.hidden[0].index_fill(0, torch.tensor([1]), float("inf")), *made.hidden[1:])
    found = manifest(AttentionWidget.from_trace(replace(made, hidden=hidden)).to_html())["entries"]
    assert found["hidden_states/encoder/0"]["as"] == "plain"
    assert found["hidden_states/encoder/1"]["as"] == "axes"


def test_the_format_is_the_one_that_pages_read() -> None:
    source = ROOT / "js" / "saved" / "archive.ts"
    assert f"export const FORMAT = {FORMAT};" in source.read_text(encoding="utf-8")
