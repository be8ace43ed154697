"""A scripted first minute: find the head that links two words, see the weight, pin, save a figure.

    python benchmarks/first_minute.py
    python benchmarks/first_minute.py --steps           every action, in words
    python benchmarks/first_minute.py --beside benchmarks/first_minute_before.json

A newcomer opens the default widget of MiniLM with "Attention is a novel idea" and looks for the
head in which "novel" attends most to "idea". Which head that is, the trace says; the person has to
come to it, and the weight that is read from the page must be that of the trace. Then a word is
pinned, and the lines are saved as a figure for a slide. Each is done with the mouse alone and with
the keyboard alone, for real. Every click, every hover and every key press is one action.

What is done in which order stands in ``_minute_plans.py``: the fewest actions that this front
allows to a person who has read the help.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from _common import chromium, table
from _first_widgets import SENTENCE, of_minilm
from _hands import Hands
from _minute_plans import HOW, Goal, Minute, goals, plans_of
from browser.export_pages import settle
from playwright.sync_api import Browser

QUERY, KEY = "novel", "idea"


def act_out(browser: Browser, path: Path, minute: Minute, how: str) -> dict[Goal, list[str]]:
    """What was done for each goal; what the page then shows is checked."""
    context = browser.new_context(
        viewport={"width": 1000, "height": 900},
        reduced_motion="reduce",
        offline=True,
        accept_downloads=True,
    )
    page = context.new_page()
    page.goto(f"file://{path}")
    settle(page)
    done: dict[Goal, list[str]] = {}
    for goal in goals:
        hands = Hands(page)
        plans_of(page)[how][goal](hands, minute)
        settle(page)
        done[goal] = hands.done
    context.close()
    return done


def minute_of(path: Path) -> Minute:
    """Saves the page, and says what is to be found there."""
    widget = of_minilm(SENTENCE)
    widget.export_html(path)
    trace = widget.trace
    labels = [token.label for token in trace.tokens]
    query, key = labels.index(QUERY), labels.index(KEY)
    heads = {
        (layer, head): float(trace.attention(layer)[head, query, key])
        for layer in range(trace.n_layers)
        for head in range(trace.attention(layer).shape[0])
    }
    layer, head = max(heads, key=lambda place: heads[place])
    return Minute(query, key, layer, head, heads, trace.n_layers)


def steps_of(done: Mapping[Goal, list[str]]) -> list[str]:
    return [step for goal in goals for step in done.get(goal, ())]


def both(before: list[str] | None, now: list[str]) -> str:
    """Numbers of actions."""
    return f"{len(before)} → {len(now)}" if before else str(len(now))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="file for what was done")
    parser.add_argument("--beside", type=Path, help="such a file of an earlier front")
    parser.add_argument("--steps", action="store_true", help="print every action")
    options = parser.parse_args()
    before = json.loads(options.beside.read_text("utf-8")) if options.beside else {}
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "minute.html"
        minute = minute_of(path)
        found = {how: act_out(browser, path, minute, how) for how in HOW}
    print(
        f"{QUERY!r} attends most to {KEY!r} in layer {minute.layer}, head {minute.head}: "
        f"{minute.weight:.3f}"
    )
    rows = [
        [goal, *(both(before.get(how, {}).get(goal), done[goal]) for how, done in found.items())]
        for goal in goals
    ]
    sums = [both(steps_of(before.get(how, {})), steps_of(done)) for how, done in found.items()]
    table("Actions of a first minute", ("to do", *found), [*rows, ["all", *sums]])
    if options.steps:
        for how, done in found.items():
            for goal, steps in done.items():
                runs = [(step, len(list(same))) for step, same in groupby(steps)]
                said = [step if n == 1 else f"{n} × {step}" for step, n in runs]
                print(f"{how}, {goal}: {'; '.join(said) or 'nothing'}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
