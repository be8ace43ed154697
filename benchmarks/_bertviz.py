"""BertViz's head view of the same model and text, drawn without its content delivery network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from bertviz import head_view
from npm_file import npm_file

CDN = re.compile(r"^https://cdnjs\.cloudflare\.com/ajax/libs/([\w.]+)/")

# What its page asks of the network, by the name there: npm package and the file in it. npm has no
# jquery 2.0.0; 2.1.0 is the nearest.
LIBRARIES = {
    "require.js": ("requirejs@2.3.6", "require.js"),
    "jquery": ("jquery@2.1.0", "dist/jquery.min.js"),
    "d3": ("d3@5.7.0", "dist/d3.min.js"),
}


def library(name: str) -> Path:
    """One of ``LIBRARIES``, fetched from npm the first time."""
    return npm_file(*LIBRARIES[name])


def eager_attentions(model: Any, tokenizer: Any, text: str) -> tuple[tuple[Any, ...], list[str]]:
    """The attentions and tokens that BertViz takes; ``model`` must be loaded as eager."""
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        # By name: in transformers 5 the last output of BERT is not its attentions.
        attentions = model(**inputs, output_attentions=True).attentions
    return attentions, tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])


def page_of(attentions: tuple[Any, ...], tokens: list[str]) -> str:
    """Its HTML, as it returns it."""
    html: str = head_view(attentions, tokens, html_action="return").data
    return html
