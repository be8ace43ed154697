"""docs/passages.md: its snippet runs, and the numbers of its two prompts are the model's own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from support.repository import ROOT

from attention_widget import Experiment, demo, measures

PAGE = (ROOT / "docs" / "passages.md").read_text()
PARTS = ("The password of the server is purple.", "The weather is cold and it will rain.")
ASKED = "Question: What is the password?\nAnswer: The password of the server is"


def row(start: str) -> list[float]:
    """The numbers in the table of the two prompts: the share, and what leaving out gives."""
    [line] = [line for line in PAGE.splitlines() if line.startswith("|") and start in line]
    share, left_out = line.split("|")[3:5]
    found = re.match(r"[+-]?[0-9.]+[0-9]", left_out.strip().replace("−", "-"))
    assert found
    return [float(share), float(found[0])]


def documented(lab: Experiment, starts: tuple[str, str]) -> None:
    shares = np.nanmean(measures.passage_shares(lab.trace), (0, 1))
    effects = lab.leave_out(progress=False).effects
    for place, start in enumerate(starts):
        share, effect = row(start)
        assert shares[place] == pytest.approx(share, abs=0.002)
        assert effects[place] == pytest.approx(effect, abs=0.06)


@pytest.mark.slow
def test_the_snippet_runs_and_says_what_the_page_says(
    smollm: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "demo_language_model", lambda: smollm)
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(snippet, "docs/passages.md", "exec"), names)
    assert names["lab"].trace.passages[1].name == "doc 2"
    assert names["found"].most_important.name == "doc 2"
    documented(names["lab"], ("doc 1, of Anna", "doc 2, of Tom"))
    first = names["lab"].trace.attention(20, queries=-1)[:, 0, 0]
    assert names["lab"].trace.passages[0].tokens[0] == 0
    assert first.max() > 0.5  # much of the share of the first passage is its first token's


@pytest.mark.slow
def test_the_other_prompt_is_as_the_page_says(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    text = "\n".join(["Notes.", *PARTS, ASKED])
    places = {part: (text.index(part), text.index(part) + len(part)) for part in PARTS}
    lab = Experiment(model, text, tokenizer=tokenizer, passages=places)
    documented(lab, ("The password of the server", "The weather is cold"))
