"""The widget of an atlas without the model: what it shows, what it refuses, and its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.archives import manifest, unpacked
from support.atlases import small_atlas
from support.front_end import Browser
from traitlets import TraitError

from attention_widget import AttentionWidget, HeadAtlas
from attention_widget.corpus.packing import pack
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotFoundError
from attention_widget.export import atlas_page as pages
from attention_widget.protocol.options import OPTION, WITHOUT_TEXT
from attention_widget.widget.atlas_alone import AtlasWidget

NO_MODEL = r"an atlas, which holds no model; with the model it shows texts too: atlas\.show\(model"


@pytest.fixture(scope="module")
def atlas(minilm: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> HeadAtlas:
    """From its file, as somebody else has it."""
    path = tmp_path_factory.mktemp("alone") / "heads.atlas"
    small_atlas(*minilm).save(path)
    return HeadAtlas.load(path)


@pytest.fixture
def widget(atlas: HeadAtlas) -> AtlasWidget:
    made = atlas.show()
    assert isinstance(made, AtlasWidget)
    return made


def told(widget: AtlasWidget, **question: Any) -> dict[str, Any]:
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": 1, "question": question})
    last: dict[str, Any] = replies[-1][0]
    return last


def test_it_opens_on_the_head_that_is_surest(widget: AtlasWidget, atlas: HeadAtlas) -> None:
    label, layer, head = (
        atlas.columns[name][12 * widget.layer + widget.heads[0]]
        for name in ("label", "layer", "head")
    )
    assert label
    assert (widget.layer, widget.heads) == (layer, (head,))
    assert (widget.views, widget.atlas) == (("atlas",), atlas)
    assert "72 heads over 64 texts" in repr(widget)


def test_it_opens_on_what_is_named(atlas: HeadAtlas) -> None:
    made = atlas.show(layer=2, heads=[3, 5], atlas_summary="induction", theme="dark")
    assert (made.layer, made.heads, made.atlas_summary) == (2, (3, 5), "induction")
    assert made.color_map == "auto"
    assert atlas.show(color_map="red").colour_map == "red"
    of_head = atlas.show(heads=7)
    assert of_head.heads == (7,)
    assert atlas.show(layer=4).layer == 4


def test_both_sides_set_its_options(widget: AtlasWidget) -> None:
    browser = Browser(widget)
    browser.select(layer=3, heads=[4])
    assert (widget.layer, widget.heads) == (3, (4,))
    widget.layer = 1
    widget.atlas_sort = True
    assert (browser.state["layer"], browser.state["atlas_sort"]) == (1, True)
    browser.select(atlas_label="previous", atlas_across="distance")
    assert (widget.atlas_label, widget.atlas_across) == ("previous", "distance")
    browser.select(token=1)
    assert (widget.token, browser.state["token"]) == (None, None)  # it goes back
    browser.select(views=["lines"])
    assert browser.state["views"] == ["atlas"]


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("layer", 6, "layer must be in 0–5"),
        ("layer", -1, "layer must be in 0–5"),
        ("heads", 12, "heads must be in 0–11"),
        ("attention_kind", "decoder", "attention_kind must be"),
        ("atlas_summary", "inducton", "did you mean 'induction'"),
        ("token", 0, rf"token is of a text that a model read, got 0; .*{NO_MODEL}"),
        ("views", ["lines"], NO_MODEL),
        ("edits", [{"type": "head_off", "kind": "encoder", "layer": 0, "head": 0}], NO_MODEL),
        ("weights", "norm", NO_MODEL),
        ("words", True, NO_MODEL),
        ("text", "another one", NO_MODEL),
        ("text_pair", "another one", NO_MODEL),
    ],
)
def test_what_it_does_not_have_is_refused(
    widget: AtlasWidget, name: str, value: object, match: str
) -> None:
    before = {each: getattr(widget, each) for each in (*OPTION, "text", "text_pair")}
    with pytest.raises(TraitError, match=match):
        setattr(widget, name, value)
    assert {each: getattr(widget, each) for each in before} == before


def test_every_option_is_its_own_or_of_a_text(widget: AtlasWidget) -> None:
    assert set(WITHOUT_TEXT) < set(OPTION)
    for name in OPTION:
        setattr(widget, name, getattr(widget, name))  # no change is no fault


def test_what_is_of_a_model_says_that_it_takes_one(widget: AtlasWidget, atlas: HeadAtlas) -> None:
    for name in ("run", "trace", "selected_attention", "selected_tokens"):
        assert hasattr(AttentionWidget, name)
        with pytest.raises(AttributeError, match=rf"{name} is of a text .* {NO_MODEL}"):
            getattr(widget, name)
    with pytest.raises(AttributeError, match="'AtlasWidget' object has no attribute 'novel'"):
        _ = widget.novel
    for keyword in ("views", "token", "tokenizer", "target"):
        said = rf"{keyword} must be left out .* atlas\.show\(model, {keyword}=\.\.\.\)"
        with pytest.raises(InvalidTypeError, match=said):
            atlas.show(**{keyword: "lines"})
    with pytest.raises(InvalidTypeError, match="unknown keyword 'layr'; did you mean 'layer'"):
        atlas.show(layr=1)
    with pytest.raises(InvalidTypeError, match=r"model must be given beside a text, .* got None"):
        atlas.show(text="a text of mine")
    with pytest.raises(InvalidTypeError, match=r"atlas must be a HeadAtlas, .* got str"):
        AtlasWidget("heads.atlas")  # type: ignore[arg-type]
    for choices in ({"layer": 99}, {"heads": 99}, {"atlas_up": "mine"}):
        with pytest.raises(TraitError, match=next(iter(choices))):
            atlas.show(**choices)


def test_the_browser_is_told_what_a_widget_of_the_model_tells(
    widget: AtlasWidget, atlas: HeadAtlas, minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    with_model = AttentionWidget(model, "a novel", tokenizer=tokenizer, atlas=atlas)
    for question in (
        {"name": "atlas"},
        {"name": "atlas_head", "kind": "encoder", "layer": 2, "head": 3},
    ):
        answer = told(widget, **question)["answer"]
        assert answer == told(with_model, **question)["answer"]
    first, *_ = atlas.examples(2, 3)
    assert answer["examples"][0]["text"] == first.text
    error = told(widget, name="predictions", edits=[], position=None)
    assert "holds no model" in error["error"]
    assert error["refused"]
    for asked in (
        Browser(widget).ask("run", text="a", text_pair=None),
        Browser(widget).wish(1, "attention/encoder/0"),
    ):
        assert "holds no model" in asked[0]["error"]


def test_its_state_goes_to_a_file_and_comes_back(atlas: HeadAtlas, tmp_path: Path) -> None:
    chosen: dict[str, Any] = {
        **{"layer": 2, "heads": (3, 5), "theme": "dark", "color_map": "viridis"},
        **{"atlas_summary": "induction", "atlas_sort": True, "atlas_label": "previous"},
    }
    before = atlas.show(**chosen)
    file = tmp_path / "state.json"
    file.write_text(json.dumps(before.state))
    after = atlas.show()
    after.restore(json.loads(file.read_text()))
    assert after.state == before.state
    assert {name: getattr(after, name) for name in chosen} == chosen
    assert set(before.state) == {"format", "attention_widget", "model_name", *WITHOUT_TEXT}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"layer": 6}, "layer must be in 0–5"),
        ({"atlas_up": "inducton"}, "did you mean 'induction'"),
        ({"model_name": "another"}, "the atlas must be of 'another', as the state is"),
        ({"token": 1}, "the state holds 'token', which nothing reads"),
        ({"format": 10_000}, "install a newer"),
        ({"heads": ...}, "the state lacks 'heads'"),
    ],
)
def test_a_state_that_does_not_fit_leaves_all_as_it_was(
    widget: AtlasWidget, change: dict[str, Any], match: str
) -> None:
    before = widget.state
    given = {**before, "theme": "dark", **change}
    with pytest.raises(TraitError, match=match):
        widget.restore({name: value for name, value in given.items() if value is not ...})
    assert widget.state == before


def test_a_state_is_of_an_atlas_or_of_a_text(
    widget: AtlasWidget, minilm: tuple[Any, Any], atlas: HeadAtlas
) -> None:
    model, tokenizer = minilm
    of_text = AttentionWidget(model, "a novel", tokenizer=tokenizer)
    with pytest.raises(TraitError, match=r"of an atlas alone, got one of a text .*from_state"):
        widget.restore(of_text.state)
    with pytest.raises(TraitError, match=r"got one of an atlas alone; .*show\(\)\.restore"):
        of_text.restore(widget.state)


def test_it_says_what_it_takes(
    widget: AtlasWidget, atlas: HeadAtlas, minilm: tuple[Any, Any]
) -> None:
    use = widget.memory()
    assert (use.trace, use.model, use.browser) == (0, None, 0)
    assert use.atlas == atlas.nbytes
    assert use.page == len(widget.to_html().encode())
    assert "trace" not in repr(use)
    assert repr(use).splitlines()[1].startswith("  atlas ")
    answer = told(widget, name="memory")["answer"]
    assert answer == {**use.answer(), "free": answer["free"]}
    sent = told(widget, name="atlas_head", kind="encoder", layer=2, head=3)["answer"]
    written = len(json.dumps(sent, separators=(",", ":")).encode())
    assert widget.memory().browser == written > 1000
    model, tokenizer = minilm
    beside = AttentionWidget(model, "a novel", tokenizer=tokenizer, atlas=atlas)
    told(beside, name="atlas_head", kind="encoder", layer=2, head=3)
    assert (beside.memory().atlas, beside.memory().browser) == (atlas.nbytes, written)


def test_what_an_atlas_takes_is_what_its_file_holds(atlas: HeadAtlas) -> None:
    """Of what is held in full the bytes are the same; a file leaves out the zeros of counts."""
    described, tensors = pack(atlas._held)
    held = atlas._held
    counts = {"distribution.counts": held.distribution.counts, "sample.scores": held.sample.scores}
    written = sum(
        tensor.nbytes
        for name, tensor in tensors.items()
        if not name.endswith((".lengths", ".numbers", ".pieces", ".at", ".values"))
        and name != "blocks"
    )
    places = held.strongest.numbers.nbytes + held.strongest.pieces.nbytes
    assert atlas.nbytes == written + places + sum(each.nbytes for each in counts.values())
    assert described["n_texts"] == atlas.n_texts


def test_what_it_says_of_the_model_is_what_the_atlas_knows(
    widget: AtlasWidget, atlas: HeadAtlas
) -> None:
    """Nothing is made up: no tokens, and of layers no more than how many heads they have."""
    meta = widget.meta
    assert (meta["tokens"], meta["target"], meta["suggestions"]) == ([], None, [])
    assert (meta["read_only"], meta["model_name"]) == ("atlas", atlas.model_name)
    (attention,) = meta["attention"]
    assert [layer["n_heads"] for layer in attention["layers"]] == [12] * 6
    known = {name for layer in attention["layers"] for name, value in layer.items() if value}
    assert known == {"n_heads"}


def block(page: str, name: str) -> bytes:
    """Of the atlas of a page."""
    return unpacked(page, f"aw-block-{1 + manifest(page)['atlas'][name]}")


def overview(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(block(page, "overview"))
    return found


def test_a_page_has_all_heads_and_their_examples(atlas: HeadAtlas, tmp_path: Path) -> None:
    widget = atlas.show(layer=4, heads=1, atlas_summary="distance")
    page = widget.to_html()
    read = manifest(page)
    state = read["state"]
    assert (state["layer"], state["heads"], state["atlas_summary"]) == (4, [1], "distance")
    assert (state["views"], state["meta"]["read_only"]) == (["atlas"], "atlas")
    assert not read["entries"]
    np.testing.assert_array_equal(
        np.array(overview(page)["values"][0], np.float64), atlas.columns[atlas.names[0]]
    )
    assert sorted(read["atlas"]["layers"]) == [f"encoder/{layer}" for layer in range(6)]
    (label,) = {example.tokens for example in atlas.examples(4, 1)[:1]}
    assert list(label) in json.loads(block(page, "texts"))
    path = tmp_path / "heads.html"
    atlas.export_html(path, layers=[1, 4], heads=[0])
    part = manifest(path.read_text())
    assert list(part["atlas"]["layers"]) == ["encoder/1", "encoder/4"]
    assert list(
        json.loads(
            unpacked(path.read_text(), f"aw-block-{1 + part['atlas']['layers']['encoder/4']}")
        )
    ) == ["0"]
    assert len(overview(path.read_text())["heads"]) == 72
    every = {str(layer): list(range(12)) for layer in range(6)}
    assert part["held"] == {"encoder": every}  # each can be looked at, with its numbers
    atlas.export_html(tmp_path / "beside.html", assets="beside")
    assert (tmp_path / "attention-widget-export.js").is_file()


def test_a_page_that_cannot_be_made_says_why(
    atlas: HeadAtlas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="layers must be one or more of 0, 1, 2, 3, 4, 5"):
        atlas.to_html(layers=[6])
    with pytest.raises(InvalidValueError, match=r"the page takes .* the limit"):
        atlas.to_html(max_bytes=1000)
    with pytest.raises(TraitError, match="precision must be"):
        atlas.to_html(precision="exact")
    with pytest.raises(FileNotFoundError):
        atlas.export_html(tmp_path / "nowhere" / "page.html")
    monkeypatch.setattr(pages, "MOST_EXAMPLES", 1)
    short = manifest(atlas.show(layer=3).to_html())
    assert list(short["atlas"]["layers"]) == ["encoder/3"]  # that of the layer that is shown


def test_a_name_is_no_markup(atlas: HeadAtlas, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "</script><img src=x onerror=alert(1)>\ud800"
    monkeypatch.setattr(HeadAtlas, "model_name", evil)
    page = atlas.to_html(layers=0)
    assert "<img" not in page
    assert page.count("</script>") == page.count("<script")


def test_a_cell_of_a_program_holds_the_page(widget: AtlasWidget) -> None:
    title, height = widget._framed()
    assert title == f"Atlas of heads: {widget.atlas.model_name}"
    assert 500 < height <= 900
