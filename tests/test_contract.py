"""Python keeps js/contract.ts: names, types and values are read from there."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from front_end import Browser
from traces import trace

from attention_widget import meta, selection, tensors
from attention_widget.catalogue import TENSORS
from attention_widget.widget import AttentionWidget

SOURCE = (Path(__file__).parents[1] / "js" / "contract.ts").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/|//[^\n]*", "", SOURCE, flags=re.DOTALL)


def _union(names: list[str]) -> str:
    return " | ".join(f'"{name}"' for name in names)


INTERFACES: dict[str, dict[str, str]] = {
    name: dict(re.findall(r"(\w+): ([^;]+);", body))
    for name, body in re.findall(r"export interface (\w+) \{(.*?)\}", CODE, re.DOTALL)
}
CONSTANTS: dict[str, list[str]] = {
    name: re.findall(r'"(\w+)"', body)
    for name, body in re.findall(r"export const (\w+) = \[(.*?)\] as const", CODE, re.DOTALL)
}
ALIASES: dict[str, str] = {
    name: re.sub(r"\(typeof (\w+)\)\[number\]", lambda m: _union(CONSTANTS[m[1]]), body.strip())
    for name, body in re.findall(r"export type (\w+) =(.*?);", CODE, re.DOTALL)
}
KEYS: dict[str, str] = dict(re.findall(r"^ \*     (\S+/\S+) +\((.+?)\)", SOURCE, re.MULTILINE))


def wrong(value: object, kind: str, where: str) -> Iterator[str]:
    """What makes a JSON value not a TypeScript type."""
    kind = kind.strip()
    primitive = {"string": str, "number": int, "boolean": bool, "null": type(None)}
    if kind in INTERFACES:
        fields = INTERFACES[kind]
        if not isinstance(value, dict) or value.keys() != fields.keys():
            yield f"{where} is {value!r}, not {kind} with {sorted(fields)}"
            return
        for name, inner in fields.items():
            yield from wrong(value[name], inner, f"{where}.{name}")
    elif kind in ALIASES:
        yield from wrong(value, ALIASES[kind], where)
    elif kind.endswith("[]"):
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
    elif type(value) is not primitive[kind]:
        yield f"{where} is {value!r}, not {kind}"


def assert_is(value: object, kind: str) -> None:
    assert list(wrong(value, kind, kind)) == []


@pytest.fixture
def widget() -> AttentionWidget:
    return AttentionWidget.from_trace(trace(heads=(4, 0, 2), kv_heads=2), layer=0)


def test_the_contract_was_read() -> None:
    assert {"State", "Meta", "TokenMeta", "LayerMeta", "TensorHeader"} <= INTERFACES.keys()
    assert len(INTERFACES["State"]) == 14
    assert len(KEYS) == 9


def test_a_value_of_another_type_is_noticed() -> None:
    state = AttentionWidget.from_trace(trace()).get_state()
    own = {name: state[name] for name in INTERFACES["State"]}
    assert_is(own, "State")
    for change in ({"layer": "0"}, {"words": 1}, {"heads": (0,)}, {"theme": "pink"}, {"more": 1}):
        assert any(wrong({**own, **change}, "State", "State"))
    assert any(wrong({**own, "meta": {**own["meta"], "layers": [{}]}}, "State", "State"))


def test_the_synced_traits_are_the_state() -> None:
    own = {name for name in AttentionWidget.class_own_traits(sync=True) if name[0] != "_"}
    assert own == INTERFACES["State"].keys()


def test_the_browser_gets_the_state(widget: AttentionWidget) -> None:
    browser = Browser(widget)
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")
    widget.token = widget.pinned = 1
    widget.layer, widget.heads, widget.views = 2, (1,), "text"
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")


@pytest.mark.parametrize(
    ("constant", "trait"),
    [("VIEWS", "views"), ("MEASURES", "measure"), ("SPACES", "space"), ("THEMES", "theme")],
)
def test_the_allowed_values_are_the_same(
    widget: AttentionWidget, constant: str, trait: str
) -> None:
    allowed = CONSTANTS[constant]
    assert list(getattr(selection, constant)) == allowed
    for value in allowed:
        setattr(widget, trait, value)
        assert getattr(widget, trait) in (value, (value,))


@pytest.mark.parametrize("name", ["Meta", "TokenMeta", "LayerMeta"])
def test_meta_has_the_fields_of_its_typed_dict(name: str) -> None:
    assert typing.get_type_hints(getattr(meta, name)).keys() == INTERFACES[name].keys()


def test_the_dtypes_are_the_same() -> None:
    assert _union(list(typing.get_args(tensors.Dtype))) == ALIASES["Dtype"]


def test_the_tensors_are_the_same() -> None:
    assert list(TENSORS) == list(KEYS)


@pytest.mark.parametrize("pattern", KEYS)
@pytest.mark.parametrize("layer", [0, 2])
def test_every_tensor_comes_in_its_shape(widget: AttentionWidget, pattern: str, layer: int) -> None:
    given: dict[str, object] = {"layer": layer, "head": 1, "token": 3, "index": 3}
    given |= {"head,...": "1,0", "token,...": "2,3"}
    key = re.sub(r"\{(.+?)\}", lambda match: str(given[match[1]]), pattern)
    request = {"id": 7, "kind": "tensor", "run": 1, "key": key}
    assert_is(request, "TensorRequest")
    ((reply, buffers),) = Browser(widget).send(request)
    assert_is(reply, "TensorHeader")
    assert reply["dtype"] == "float32"
    n_tokens = len(widget.trace.tokens)
    sizes = {"head": widget.meta["layers"][layer]["n_heads"], "dim": 8, "hidden": 16}
    sizes |= dict.fromkeys(("query", "key", "token"), n_tokens)
    axes = KEYS[pattern].split(", ")
    assert len(reply["shape"]) == len(axes)
    for size, axis in zip(reply["shape"], axes, strict=True):
        if axis == "edge":
            assert size > n_tokens
        else:
            assert size == (int(axis) if axis.isdigit() else sizes[axis])
    (data,) = buffers
    assert tensors.decode(reply, data).shape == tuple(reply["shape"])


def test_failures_and_the_end_of_a_run_have_their_types(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    browser = Browser(AttentionWidget(model, "novel", tokenizer=tokenizer))
    failure, _ = browser.ask("tensor", run=1, key="attention/99")
    assert_is(failure, "Failure")
    request = {"id": 9, "kind": "run", "text": "a novel", "text_pair": None}
    assert_is(request, "RunRequest")
    ((done, _),) = browser.send(request)
    assert_is(done, "Done")
    assert_is({name: browser.state[name] for name in INTERFACES["State"]}, "State")
