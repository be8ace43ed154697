"""The example notebooks run from top to bottom, wherever the kernel is started."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import numpy as np
import pytest
from executed_notebooks import EXAMPLES, executed
from support.archives import manifest

from attention_widget import capture

RUN = ("quickstart.ipynb", "what_heads_do.ipynb")

pytestmark = pytest.mark.slow


def test_there_are_examples() -> None:
    assert (EXAMPLES / "quickstart.ipynb").is_file()
    for path in EXAMPLES.glob("*.ipynb"):
        assert path.name in RUN, f"{path.name} is not run by any test"


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook: Any) -> str:
    stdout = io.StringIO()
    for output in outputs(notebook):
        if output.output_type == "stream" and output.name == "stdout":
            stdout.write(output.text)
    return stdout.getvalue()


@pytest.fixture(scope="module", params=["examples", "elsewhere"])
def quickstart(request: pytest.FixtureRequest) -> Any:
    folder = EXAMPLES if request.param == "examples" else None
    return executed(EXAMPLES / "quickstart.ipynb", folder)


def test_the_quickstart_shows_its_widgets(quickstart: Any) -> None:
    assert not [output for output in outputs(quickstart) if output.output_type == "error"]
    shown = [output.data for output in outputs(quickstart) if "data" in output]
    views = [data for data in shown if "AttentionWidget" in data["text/plain"]]
    assert len(views) == 3
    for data in views:  # nbclient has nobody to show a live widget to
        assert sorted(data) == ["text/html", "text/plain"]
        assert data["text/html"].startswith("<iframe srcdoc=")


def test_what_the_quickstart_prints_is_true(quickstart: Any, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    said = printed(quickstart)

    # How alike the two novels are, layer by layer.
    traces = [
        capture(model, text, tokenizer=tokenizer)
        for text in ("I read a good novel.", "Attention is a novel idea")
    ]
    places = [[token.text for token in trace.tokens].index("novel") for trace in traces]
    cosines = re.findall(r"(?:token embeddings|after layer \d): (-?\d\.\d{3})", said)
    assert len(cosines) == 7
    for layer, cosine in enumerate(cosines):
        a, b = (
            trace.hidden_states(layer)[place].astype(np.float64)
            for trace, place in zip(traces, places, strict=True)
        )
        exact = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        assert float(cosine) == pytest.approx(exact, abs=0.6e-3)
    assert min(map(float, cosines)) < float(cosines[0]) - 0.05  # the contexts tell

    # Rows of the attention.
    count = len(traces[0].tokens)
    assert f"(head, query, key): (12, {count}, {count})" in said
    sums = re.search(r"rows sum to (\S+) … (\S+)", said)
    assert sums is not None
    assert [float(end) for end in sums.groups()] == pytest.approx([1, 1], abs=2e-6)

    # The neighbours of purple.
    table = said.partition("nearest to purple\n")[2]
    nearest = [line.split(maxsplit=1) for line in table.splitlines()]
    scores = [float(score) for score, *_ in nearest]
    assert len(scores) >= 5
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert nearest[0][1] == "purple"
    assert all(0 < score < 1 for score in scores[1:])


@pytest.fixture(scope="module")
def what_heads_do() -> Any:
    return executed(EXAMPLES / "what_heads_do.ipynb")


def test_what_heads_do_shows_the_pass_without_the_head(what_heads_do: Any) -> None:
    assert not [output for output in outputs(what_heads_do) if output.output_type == "error"]
    shown = [output.data for output in outputs(what_heads_do) if "data" in output]
    pages = [data["text/html"] for data in shown if "AttentionWidget" in data["text/plain"]]
    assert len(pages) == 2
    for page, layer in zip(pages, (23, 18), strict=True):
        carried = manifest(html.unescape(page))
        assert carried["state"]["views"] == ["lines", "predictions"]
        assert carried["state"]["edits"][0]["layer"] == layer


# What its prose says of the numbers; tests/experiments/test_stories.py holds the numbers.
CLAIMS = [
    (r"Paris  (\S+)\n", lambda p: p > 0.7),
    (r"without head\n +23\.4 +(\S+)\n", lambda first: first < -4),  # one head stands out
    (r"without head 23\.4      Paris (\S+)", lambda p: p < 0.2),
    (r"without is → France    Paris (\S+)", lambda p: p < 0.2),
    (r"cold  (\S+) → (\S+)", lambda p, q: abs(p - q) < 0.01),
    (r"of   Italy: Paris (\S+), Rome (\S+)", lambda paris, rome: paris < 0.01 < 0.4 < rome),
    (r"of Germany: Paris (\S+), Berlin (\S+)", lambda paris, berlin: paris < 0.1 < 0.7 < berlin),
    (
        r"as it is +(\S+)\nwithout head 18\.6 +(\S+)\nwithout five induction heads +(\S+)\n"
        r"without five of the same layers +(\S+)\nwithout two that look one back +(\S+)\n",
        lambda all, one, five, others, back: five < back < one < others < all,
    ),
    (r"copying without 23\.4 +(\S+)", lambda p: p > 0.15),
    (r"Paris without the induction heads (\S+)", lambda p: p > 0.7),
    (
        r"passage 1: attention (\S+); .* it, (\S+)\npassage 2: attention (\S+); .* it, (\S+)\n",
        lambda more, stays, less, falls: more > less and stays > 0.8 and falls < 0.01,
    ),
    (
        r"without passage 1: Berlin (\S+)\n.*without passage 2: Berlin (\S+)",
        lambda stays, falls: stays > 0.7 and falls < 0.01,
    ),
    (
        r"layers  0–20: Berlin (\S+)\nlayers 21–23: Berlin (\S+)\nlayers 24–29: Berlin (\S+)",
        lambda early, here, late: here < 0.01 and min(early, late) > 0.7,
    ),
    (r"23\.3 looks .*John (\S+); writes \S+; off (\S+)", lambda at, off: at > 0.7 and off < -2),
    (r"24\.4 looks at Mary (\S+), .*; off (\S+)", lambda at, off: at > 0.7 and off > 0.5),
    (r"23\.0 looks .*; writes (\S+); off (\S+)", lambda own, off: own > 0.7 and abs(off) < 0.05),
]


@pytest.mark.parametrize(("said", "holds"), CLAIMS)
def test_what_what_heads_do_says_is_what_it_prints(
    what_heads_do: Any, said: str, holds: Any
) -> None:
    found = re.search(said, printed(what_heads_do))
    assert found, said
    assert holds(*map(float, found.groups()))
