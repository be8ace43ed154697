"""An option is declared once; keywords, traits, front end and docs/options.md follow from it."""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any

import pytest
import write_options
from support.traces import trace
from traitlets import TraitError

from attention_widget import AttentionWidget, capture
from attention_widget.protocol.option import Choice, Flag, Share
from attention_widget.protocol.options import OPTION, OPTIONS, SPELLINGS
from attention_widget.widget import keywords

PAGE = (write_options.ROOT / write_options.TABLE).read_text(encoding="utf-8")
WRITTEN = write_options.written(OPTIONS, PAGE)


@pytest.mark.parametrize("path", WRITTEN, ids=str)
def test_what_is_checked_in_is_what_the_options_say(path: Any) -> None:
    there = (write_options.ROOT / path).read_text(encoding="utf-8")
    assert there == WRITTEN[path], f"{path} is out of date: run make options"


def test_a_new_option_is_written_everywhere() -> None:
    blink = Flag("blink", "matrix", "Blink at the reader.")
    pace = Choice("pace", "grid", "How.", ("slow", "fast"))
    dose = Share("dose", "grid", "How much.", default=0.5, stops=(0.1, 0.5))
    more = write_options.written([*OPTIONS, blink, pace, dose], PAGE)
    for path, text in more.items():
        before = WRITTEN[path].splitlines()
        added = [line for line in text.splitlines() if line not in before]
        assert any("blink" in line for line in added), path
        assert any("pace" in line for line in added), path
        assert any("dose" in line for line in added), path
    front_end = more[write_options.FRONT_END]
    assert 'export const PACES = ["slow", "fast"] as const;' in front_end
    assert "export const DOSE_STOPS = [\n  0.1, 0.5,\n] as const;" in front_end
    assert 'dose: { place: "grid", link: "share", stops: DOSE_STOPS },' in front_end
    assert 'blink: { place: "matrix", link: "flag" },' in front_end
    assert "| `blink` | **`False`**, `True` | Blink at the reader. |" in more[write_options.TABLE]


def test_every_option_is_a_typed_keyword_of_each_constructor() -> None:
    names = [*OPTION, *SPELLINGS]
    typed = typing.get_type_hints(keywords.OptionKeywords)
    assert sorted(typed) == sorted(names)
    for option in OPTIONS:
        if isinstance(option, Choice):
            parts = typing.get_args(typed[option.name])
            inner = [value for part in parts for value in typing.get_args(part)]
            assert {*parts, *inner} >= {*option.values, *option.us_values}
    of_capture = inspect.signature(capture).parameters
    assert set(typing.get_type_hints(keywords.WidgetKeywords)) - typed.keys() == {
        name for name, each in of_capture.items() if each.kind is each.KEYWORD_ONLY
    }
    cls = AttentionWidget
    for made in (cls, cls.from_trace, cls.from_attentions, cls.from_arrays):
        parameters = inspect.signature(made).parameters
        assert [name for name in parameters if name in OPTION] == list(OPTION)


def test_the_docstring_lists_every_option() -> None:
    listed = re.findall(r"^    (\w+)$", AttentionWidget.__doc__ or "", re.MULTILINE)
    assert listed[-len(OPTION) :] == list(OPTION)


@pytest.mark.parametrize(("us", "name"), SPELLINGS.items())
def test_american_spellings_are_the_same_option(us: str | None, name: str) -> None:
    assert us is not None
    value: Any = OPTION[name].values[1] if isinstance(OPTION[name], Choice) else True  # type: ignore[attr-defined]
    keyword: dict[str, Any] = {us: value}
    widget = AttentionWidget.from_trace(trace(), **keyword)
    assert getattr(widget, name) == getattr(widget, us) == value
    assert us not in widget.keys
    assert us not in widget.state
    setattr(widget, us, OPTION[name].default)
    assert getattr(widget, name) == OPTION[name].default
    with pytest.raises(TypeError, match=f"{name} and {us} are the same option; give one of them"):
        AttentionWidget.from_trace(trace(), **keyword, **{name: value})


def test_american_spellings_of_values_are_stored_as_ours() -> None:
    widget = AttentionWidget.from_trace(trace(), color_map="gray", special_tokens="renormalize")
    assert (widget.colour_map, widget.special_tokens) == ("grey", "renormalise")
    with pytest.raises(TraitError, match=r"colour_map must be auto, purple, .* got 'jet'"):
        widget.color_map = "jet"  # type: ignore[assignment]
