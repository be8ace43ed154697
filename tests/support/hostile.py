"""What nobody should write as a token, a text, a role or the name of a model: one table for all.

Each of the first tries to set ``window.hit``, to open a dialog or to ask another machine. The
others are what parsers, files and terminals stumble over.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Final

from attention_widget.trace.trace import Trace
from support.traces import trace

MARKUP: Final = (
    "</script><script>hit=1;alert(1)</script>",
    "<script>hit=1</script>",
    "<img src=x onerror=hit=1>",
    '<img src="http://evil.test/x.png">',
    "<svg/onload=hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "</title><script>hit=1</script>",
    "</style><style>*{display:none}</style>",
    "</textarea></template></svg></math><script>hit=1</script>",
    '" onmouseover="hit=1" autofocus onfocus="hit=1',
    "' onclick='hit=1",
    "'-(hit=1)-'",
    "`${hit=1}`",
    "{{constructor.constructor('hit=1')()}}",
    "javascript:hit=1",
    "data:text/html,<script>hit=1</script>",
    "url(http://evil.test/y.png)",
    "};*{display:none}",
    "<!--",
    "<!--<script>",
    "-->",
    "]]>",
    "<![CDATA[",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    "&lt;script&gt;&amp;&#x3c;&nbsp;",
    "<base href=http://evil.test/>",
    "<meta http-equiv=refresh content=0;url=http://evil.test/>",
    "<link rel=stylesheet href=http://evil.test/z.css>",
)

STUMBLING: Final = (
    "\x00",
    "a\x00b",
    "\x01\x07\x08\x0b\x0c\x1b[31;1mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x7f\x80\x85\x9b",
    "\t",
    "a\tb\nc\r\nd",
    "\\n\\u0000\\",
    "\u2028\u2029",
    "\ud83d",
    "\udc9c\ud83d",
    "\ud83d\udc9c",  # a pair that Python does not join
    "\u202eevil\u202c",
    "\u2066\u2067\u2068abc",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u00ad",
    "\ufffe\uffff",
    "\U0010ffff\ue000",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "\u0301",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "null",
    "NaN",
    "%s%n{0}{x!r}$&$1",
    "../../etc/passwd",
    "=HYPERLINK(0)",
    "",
    " ",
)

LONG: Final = "<b>x" * 2**18
"""A megabyte."""

ALL: Final = (*MARKUP, *STUMBLING)

NAME: Final = "".join(ALL)
"""All of it at once, for what there is one of."""


def hostile_trace(strings: tuple[str, ...] = ALL, heads: tuple[int, ...] = (2,)) -> Trace:
    """A trace with these as its tokens, labels and texts, as a changed file may have them."""
    made = trace(heads=heads, labels=[f"w{index}" for index in range(len(strings))], dim=4)
    return replace(
        made,
        tokens=tuple(
            replace(token, label=text or "''", text=text, lead="")
            for token, text in zip(made.tokens, strings, strict=True)
        ),
        texts=("".join(strings),),
        model_name=NAME,
    )


def invisible(text: str) -> set[str]:
    """Characters that steer a terminal, or hide."""
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")} - {"\n"}


def harmless(made: Trace) -> Trace:
    tokens = tuple(replace(token, label="a", text="a") for token in made.tokens)
    return replace(made, tokens=tokens, texts=("a",), model_name="a")
