"""Python keeps the contract of js/trace/: names, types and values are read from there."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import anywidget
import pytest
from support.front_end import Browser
from support.repository import ROOT
from support.traces import chat, encoder_decoder, picture, sound, trace, windowed, with_word_rows
from support.wire import decode

from attention_widget import measures
from attention_widget.measures import summaries
from attention_widget.protocol import description, tensors
from attention_widget.protocol.keys import NEEDS, TENSORS, pattern
from attention_widget.protocol.model_option import MeasureOfPairs
from attention_widget.protocol.option import Choice, Choices
from attention_widget.protocol.option_values import VIEWS
from attention_widget.protocol.options import OPTION, OPTIONS
from attention_widget.trace.calculation_steps import STEPS
from attention_widget.trace.trace import Trace
from attention_widget.widget.widget import AttentionWidget

JS = ROOT / "js"
TRACE = JS / "trace"
PARTS = ("contract", "description", "options")
SOURCE = "\n".join((TRACE / f"{part}.ts").read_text(encoding="utf-8") for part in PARTS)
CODE = re.sub(r"/\*.*?\*/|//[^\n]*", "", SOURCE, flags=re.DOTALL)


def _union(names: list[str]) -> str:
    return " | ".join(f'"{name}"' for name in names)


INTERFACES: dict[str, dict[str, str]] = {
    name: dict(re.findall(r"(\w+): ([^;]+);", body))
    for name, body in re.findall(r"export interface (\w+).*? \{(.*?)\}", CODE, re.DOTALL)
}
INTERFACES["State"] |= INTERFACES["Options"]
CONSTANTS: dict[str, list[str]] = {
    name: re.findall(r'"(\w+)"', body)
    for name, body in re.findall(r"export const (\w+) = \[(.*?)\] as const", CODE, re.DOTALL)
}
ALIASES: dict[str, str] = {
    name: re.sub(r"\(typeof (\w+)\)\[number\]", lambda m: _union(CONSTANTS[m[1]]), body.strip())
    for name, body in re.findall(r"export type (\w+) =(.*?);", CODE, re.DOTALL)
}
TABLE: list[tuple[str, str, str, str]] = re.findall(
    r"^  (\w+): \[(.*)\], // \((.+?)\)(?: (\w+8|\w+32)\b)?",
    (TRACE / "tensor_key.ts").read_text(encoding="utf-8"),
    re.MULTILINE,
)
KEYS = {name: axes for name, _, axes, _ in TABLE}
DTYPES = {name: dtype for name, *_, dtype in TABLE if dtype}
EVERY = {
    "plain": lambda: trace(heads=(4, 0, 2), kv_heads=2),
    "causal": lambda: trace(causal=True),
    "encoder_decoder": lambda: encoder_decoder(generated=True),
    "windows": windowed,
    "chat": chat,
    "picture": picture,
    "sound": sound,
}


def wrong(value: object, kind: str, where: str) -> Iterator[str]:
    """What makes a JSON value not a TypeScript type."""
    kind = kind.strip()
    primitive: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "number": (int, float),
        "boolean": (bool,),
        "null": (type(None),),
    }
    if kind in INTERFACES:
        fields = INTERFACES[kind]
        if not isinstance(value, dict) or value.keys() != fields.keys():
            yield f"{where} is {value!r}, not {kind} with {sorted(fields)}"
            return
        for name, inner in fields.items():
            yield from wrong(value[name], inner, f"{where}.{name}")
    elif kind in ALIASES:
        yield from wrong(value, ALIASES[kind], where)
    elif kind.endswith("[]") and (kind.startswith("(") or "|" not in kind):
        if not isinstance(value, list):
            yield f"{where} is {value!r}, not a list"
            return
        for index, item in enumerate(value):
            yield from wrong(item, kind[:-2].strip("()"), f"{where}[{index}]")
    elif "|" in kind:
        if all(any(wrong(value, part, where)) for part in kind.split("|")):
            yield f"{where} is {value!r}, not {kind}"
    elif kind.startswith('"'):
        if value != kind.strip('"'):
            yield f"{where} is {value!r}, not {kind}"
    elif type(value) not in primitive[kind]:
        yield f"{where} is {value!r}, not {kind}"


def assert_is(value: object, kind: str) -> None:
    assert list(wrong(value, kind, kind)) == []


@pytest.fixture
def widget() -> AttentionWidget:
    return AttentionWidget.from_trace(trace(heads=(4, 0, 2), kv_heads=2), layer=0)


def test_the_contract_was_read() -> None:
    assert {"State", "Meta", "TokenMeta", "LayerMeta", "TensorHeader"} <= INTERFACES.keys()
    assert INTERFACES["State"].keys() > OPTION.keys()
    assert len(KEYS) >= 13


def test_a_value_of_another_type_is_noticed() -> None:
    state = AttentionWidget.from_trace(trace()).get_state()
    own = {name: state[name] for name in INTERFACES["State"]}
    assert_is(own, "State")
    for change in ({"layer": "0"}, {"words": 1}, {"heads": (0,)}, {"theme": "pink"}, {"more": 1}):
        assert any(wrong({**own, **change}, "State", "State"))
    assert any(wrong({**own, "meta": {**own["meta"], "attention": [{}]}}, "State", "State"))


def test_the_synced_traits_are_the_state() -> None:
    of_any_widget = anywidget.AnyWidget.class_traits(sync=True)
    own = AttentionWidget.class_traits(sync=True).keys() - of_any_widget
    assert own == INTERFACES["State"].keys()


def test_the_browser_gets_the_state(widget: AttentionWidget) -> None:
    browser = Browser(widget)
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")
    widget.token = widget.pinned = widget.key_token = 1
    widget.top_p = 1
    widget.layer, widget.heads, widget.views = 2, (1,), "text"
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")


def test_the_options_are_the_same() -> None:
    """Name by name, in the order in which they are checked, with the names that they allow."""
    assert list(INTERFACES["Options"]) == list(OPTION)
    widget = AttentionWidget.from_trace(with_word_rows(encoder_decoder()))
    for option in OPTIONS:
        kind = INTERFACES["Options"][option.name].removesuffix("[]")
        if not isinstance(option, Choice | Choices):
            assert kind not in ALIASES
            continue
        assert ALIASES[kind] == _union(list(option.values))
        if isinstance(option, MeasureOfPairs):
            continue  # what a model has of it: tests/widget/test_measured_widget.py
        for value in option.values:
            setattr(widget, option.name, value)
            assert getattr(widget, option.name) in (value, (value,))


def test_an_export_packs_what_the_views_need() -> None:
    needs = {}
    for view in VIEWS:
        source = (JS / "views" / view / "index.ts").read_text(encoding="utf-8")
        if found := re.search(r"needs: \{\s*tensors: \[(.*?)\]", source, re.DOTALL):
            needs[view] = tuple(re.findall(r'"(\w+)"', found[1]))
    assert needs == NEEDS
    keys = {pattern.partition("/")[0] for pattern in TENSORS}
    assert {tensor for tensors in NEEDS.values() for tensor in tensors} <= keys


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_the_browser_gets_the_state_of_every_kind_of_trace(made: Callable[[], Trace]) -> None:
    browser = Browser(AttentionWidget.from_trace(made()))
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")


@pytest.mark.parametrize("name", [name for name in INTERFACES if name.endswith("Meta")])
def test_there_is_a_typed_dict_of_each_meta(name: str) -> None:
    assert hasattr(description, name)


@pytest.mark.parametrize("name", [name for name in vars(description) if name.endswith("Meta")])
def test_meta_has_the_fields_of_its_typed_dict(name: str) -> None:
    assert typing.get_type_hints(getattr(description, name)).keys() == INTERFACES[name].keys()


def test_the_dtypes_are_the_same() -> None:
    assert _union(list(typing.get_args(tensors.Dtype))) == ALIASES["Dtype"]


def test_the_tensors_are_the_same() -> None:
    assert {name: re.findall(r"\w+", axes) for name, axes, *_ in TABLE} == {
        name: list(axes) for name, axes in TENSORS.items()
    }
    assert list(TENSORS) == list(KEYS)
    assert set(DTYPES.values()) == {"int32", "uint8"}


def test_the_head_summaries_are_the_same() -> None:
    assert list(measures.HEAD_SUMMARIES) == CONSTANTS["SUMMARIES"][1:-2]
    drawn = (TRACE.parent / "measures" / "summaries.ts").read_text(encoding="utf-8")
    assert f"SAMPLED_QUERIES = {summaries.SAMPLED_QUERIES};" in drawn


def shape_of(made: Trace, name: str, given: dict[str, Any]) -> list[int | None]:
    """Lengths of the axes that the contract names; None for as many edges or runs as there are."""
    sizes: dict[str, int | None] = {"edge": None, "run": None, "dim": 8, "hidden": 16}
    if "layer" in given:
        block = made.operation(given["layer"], given["kind"])
        sizes |= {"head": block.n_heads, "query": block.n_queries, "key": block.n_keys}
        sizes |= {"y": min(32, block.n_queries), "x": min(32, block.n_keys)}
        sizes["summary"] = len(measures.HEAD_SUMMARIES)
        sizes["margin"] = block.n_queries + block.n_keys
        if "pooling" in TENSORS[name]:
            sizes["y"] = -(-block.n_queries // given["pooling"])
            sizes["x"] = -(-block.n_keys // given["pooling"])
    if given.get("kind") == "decoder" and made.target is not None:
        sizes["token"] = len(made.target.tokens)
    else:
        sizes["token"] = len(made.tokens)
    if name.startswith("calculation"):
        facts = STEPS[given["step"]]
        sizes |= {"row": sizes[facts.rows], "column": sizes[facts.columns]}
        sizes["number"] = sizes["column"]  # of a row
    if name == "calculation_map":
        sizes["row"], sizes["column"] = (
            -(-(sizes[axis] or 0) // given[by])
            for axis, by in (("row", "down"), ("column", "across"))
        )
    if made.image is not None:
        sizes["height"], sizes["width"], _ = made.image.shape
    axes = KEYS[name].split(", ")
    return [int(axis) if axis.isdigit() else sizes[axis] for axis in axes]


def assert_comes(made: Trace, name: str, given: dict[str, Any], prefix: str = "") -> None:
    """The tensor comes as the contract says."""
    browser = Browser(AttentionWidget.from_trace(made))
    key = prefix + re.sub(r"\{(.+?)\}", lambda match: str(given[match[1]]), pattern(name))
    request = {"kind": "tensors", "run": 1, "wishes": [{"id": 7, "key": key}]}
    assert_is(request, "TensorsRequest")
    ((reply, buffers),) = browser.send(request)
    assert_is(reply, "TensorHeader")
    assert reply["dtype"] == DTYPES.get(name, "float32")
    of = made.windows[given["window"]].trace if "window" in given else made
    expected = shape_of(of, name, given)
    assert len(reply["shape"]) == len(expected)
    for size, length in zip(reply["shape"], expected, strict=True):
        assert size == length if length is not None else size >= len(of.tokens)
    (data,) = buffers
    assert decode(reply, data).shape == tuple(reply["shape"])


OF_ATTENTION = [name for name in KEYS if "layer" in TENSORS[name] and name != "divergence"]
PLACES: dict[str, Any] = {
    "head": 1,
    "token": 3,
    "head,...": "1,0",
    "token,...": "2,3",
    "together": "maximum",
    "scale": "share",
    "pooling": 2,
    "row": 0,
    "column": 0,
    "step": "scores",
    "index": 1,
    "down": 2,
    "across": 3,
    "axis": "row",
    "combine": "each",
    "top_p": 1,
    "threshold": 0,
    "segments": "all",
}


@pytest.mark.parametrize("name", OF_ATTENTION)
@pytest.mark.parametrize("layer", [0, 2])
def test_every_tensor_comes_in_its_shape(name: str, layer: int) -> None:
    assert_comes(EVERY["plain"](), name, {**PLACES, "kind": "encoder", "layer": layer})


@pytest.mark.parametrize("name", OF_ATTENTION)
@pytest.mark.parametrize("kind", CONSTANTS["ATTENTION_KINDS"])
def test_every_tensor_comes_of_every_kind(name: str, kind: str) -> None:
    assert_comes(encoder_decoder(), name, {**PLACES, "kind": kind, "layer": 0})


@pytest.mark.parametrize("name", OF_ATTENTION)
def test_every_tensor_comes_of_a_window(name: str) -> None:
    given = {**PLACES, "kind": "encoder", "layer": 1, "window": 2}
    assert_comes(windowed(), name, given, "window/2/")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("plain", "encoder"),
        ("causal", "decoder"),
        ("encoder_decoder", "encoder"),
        ("encoder_decoder", "decoder"),
        ("windows", "encoder"),
    ],
)
def test_hidden_states_come_of_every_stack(name: str, kind: str) -> None:
    assert_comes(EVERY[name](), "hidden_states", {"kind": kind, "index": 1})


def test_an_image_comes() -> None:
    assert_comes(picture(), "image", {})


def test_failures_and_the_end_of_a_run_have_their_types(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    browser = Browser(AttentionWidget(model, "novel", tokenizer=tokenizer))
    failure, _ = browser.wish(1, "attention/encoder/99")
    assert_is(failure, "Failure")
    request = {"id": 9, "kind": "run", "text": "a novel", "text_pair": None}
    assert_is(request, "RunRequest")
    ((done, _),) = browser.send(request)
    assert_is(done, "Done")
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")
