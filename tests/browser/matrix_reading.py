"""What the matrix shows, read from its pixels and its hints."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from attention_widget.trace.block import Array
from browser.page_host import PageHost
from browser.reading import pixels, tooltip, view

Open = Callable[..., PageHost]

MATRIX = {"views": ["matrix"]}


def matrix(page: Page) -> Locator:
    return view(page, "Attention matrix")


def plot(page: Page) -> Locator:
    return matrix(page).get_by_role("application")


def note(page: Page) -> Locator:
    return matrix(page).locator(".aw-note")


def maps(page: Page) -> list[tuple[float, float, float, float]]:
    said = plot(page).get_attribute("data-maps") or ""
    return [tuple(map(float, one.split())) for one in said.split(";")]  # type: ignore[misc]


def point(
    page: Page, query: float, key: float, shape: tuple[int, int], which: int = 0
) -> dict[str, float]:
    """The middle of a cell of a map that is shown whole."""
    x, y, width, height = maps(page)[which]
    return {"x": x + (key + 0.5) * width / shape[1], "y": y + (query + 0.5) * height / shape[0]}


def read(page: Page, query: int, key: int, shape: tuple[int, int], which: int = 0) -> str:
    """What is said of the cell under the mouse."""
    plot(page).hover(position=point(page, query, key, shape, which))  # type: ignore[arg-type]
    said = tooltip(matrix(page)).locator("div").first.text_content()
    return said or ""


def colours(page: Page, shape: tuple[int, int], which: int = 0) -> NDArray[np.float64]:
    """Of the cells of a map that is shown whole: (query, key, rgb), beside their numbers."""
    image = pixels(plot(page).locator("canvas").first)
    x, y, width, height = maps(page)[which]
    rows = (y + (np.arange(shape[0]) + 0.15) * height / shape[0]).astype(int)
    columns = (x + (np.arange(shape[1]) + 0.5) * width / shape[1]).astype(int)
    found: NDArray[np.float64] = image[rows][:, columns, :3].astype(np.float64)
    return found


def darkness(found: NDArray[np.float64]) -> NDArray[np.float64]:
    return 255 - found @ [0.299, 0.587, 0.114]


def assert_coloured_by(found: NDArray[np.float64], values: Array) -> None:
    """Darker for more, from the lightest to the darkest; channels are rounded."""
    shown = darkness(found).ravel()[np.argsort(values.ravel())]
    assert (np.diff(shown) >= -1.5).all()
    assert shown[-1] - shown[0] > 25


LONG = 1100
