"""What the benchmark of drawing prints: its tables, and whether the goals are met."""

from __future__ import annotations

from collections.abc import Sequence

from _common import median, milliseconds, ratio, table

Samples = dict[str, list[float]]  # seconds, by what was timed

FIRST_VIEW_GOAL, REPAINT_GOAL = 1.0, 0.05  # seconds, at 512 tokens
NEW_LAYER_GOAL = 0.15  # in JupyterLab

CLICKS = ("layer, seen", "layer, new", "head, seen", "head, new")

PARTS = (
    ("Python's answers", "Python"),
    ("CPU of the page", "main thread"),
    ("of it script", "script"),
    ("of it layout", "layout"),
)


def print_first_views(
    ours: dict[int, Samples], lab: dict[int, Samples], theirs: dict[int, Samples], limit: float
) -> None:
    columns = ("tokens", "JupyterLab", "page", "module known", "BertViz", "ratio", "its HTML")
    rows = []
    for count, times in ours.items():
        peer = theirs[count]
        widget = added(times["python"], times["first view, module too"])
        bertviz = added(peer["python"], peer["first view"])
        rows.append(
            (
                f"{count}",
                milliseconds(lab[count]["first view"]) if lab else "–",
                milliseconds(widget),
                milliseconds(added(times["python"], times["first view"])),
                milliseconds(bertviz) if bertviz else f"not within {limit:,.0f} s",
                ratio(bertviz, widget),
                f"{peer['bytes'][0] / 1e6:,.0f} MB, made in {median(peer['python']):,.1f} s",
            )
        )
    table("From the forward pass to the first drawn view, ms: median (range)", columns, rows)


def print_parts(ours: dict[int, Samples]) -> None:
    columns = ("tokens", "until drawn", "whole", *(name for name, _ in PARTS))
    rows = [
        (
            f"{count}",
            name,
            milliseconds(times[name]),
            *(milliseconds(times[f"{name}: {part}"]) for _, part in PARTS),
        )
        for count, times in ours.items()
        for name in ("first view", *CLICKS)
    ]
    table("Where the widget's time goes, ms: median (range)", columns, rows)


def print_repaints(
    ours: dict[int, Samples], lab: dict[int, Samples], theirs: dict[int, Samples], limit: float
) -> None:
    columns = ("tokens", "click on a", "JupyterLab", "page", "BertViz", "ratio")
    rows = []
    for count, times in ours.items():
        for name in CLICKS:
            peer = theirs[count].get(name)
            drawn = peer is not None or name.endswith("new")
            rows.append(
                (
                    f"{count}",
                    name,
                    milliseconds(lab[count][name]) if lab else "–",
                    milliseconds(times[name]),
                    milliseconds(peer) if drawn else f"not within {limit:,.0f} s",
                    ratio(peer, times[name]),
                )
            )
        rows.append((f"{count}", "nothing", "", milliseconds(times["no change"]), "", ""))
    table("From a click to the repaint, ms: median (range)", columns, rows)


def print_goals(times: Samples) -> None:
    """The goals are for 512 tokens."""
    print("\nAt 512 tokens:")
    first = added(times["python"], times["first view, module too"])
    for name, samples, goal in (
        ("first view", first, FIRST_VIEW_GOAL),
        ("repaint of a seen layer", times["layer, seen"], REPAINT_GOAL),
        ("repaint of a seen head", times["head, seen"], REPAINT_GOAL),
    ):
        verdict = "met" if median(samples) <= goal else "missed"
        print(f"  {name}: {1000 * median(samples):,.0f} ms; goal {1000 * goal:,.0f}: {verdict}")


def added(python: Sequence[float], page: Sequence[float]) -> list[float]:
    """The median that Python takes before the page, and each run of the page."""
    return [median(python) + seconds for seconds in page]
