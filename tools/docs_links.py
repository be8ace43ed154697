"""What is wrong with the links of a built site: checked offline, in every page of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script", "img", "iframe", "source", "video", "audio", "embed", "object"}
"""Elements whose address a browser loads by itself."""

LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch"}


class Page(HTMLParser):
    """The places in a page, and where it leads to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        for name in ("href", "src", "data-live", "poster", "data"):
            if name not in given:
                continue
            kinds = set(given.get("rel", "").split())
            loaded = tag in LOADED or (tag == "link" and bool(kinds & LOADED_LINKS))
            (self.loads if loaded else self.links).append(given[name])


def flaws(site: Path) -> list[str]:
    """A sentence for each link that leads nowhere, and for what comes from another machine."""
    return sorted(set(_flaws(site)))


def outside(site: Path) -> list[str]:
    """The addresses on other machines that the pages name."""
    every = {link for path in _pages(site) for link in _page(path).links}
    return sorted(link for link in every if urlsplit(link).scheme in {"http", "https"})


def _flaws(site: Path) -> Iterator[str]:
    for path in _pages(site):
        page = _page(path)
        name = path.relative_to(site).as_posix()
        for link in page.loads:
            if urlsplit(link).netloc:
                yield f"{name}: loads {link} from another machine"
        for link in [*page.links, *page.loads]:
            problem = _problem(site, path, link)
            if problem:
                yield f"{name}: {link}: {problem}"


def _problem(site: Path, path: Path, link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme in {"data", "mailto", "javascript"}:
        return "" if parts.scheme != "javascript" else "a script"
    if parts.scheme or parts.netloc:
        formed = parts.scheme in {"http", "https"} and "." in parts.netloc and " " not in link
        return "" if formed else "is no address"
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(site.resolve()) or not target.is_file():
        return "there is no such file"
    if not parts.fragment or "live" in target.parent.name or target.suffix != ".html":
        return ""
    return "" if unquote(parts.fragment) in _page(target).anchors else "there is no such place"


def _pages(site: Path) -> list[Path]:
    return sorted(path for path in site.resolve().rglob("*.html") if path.parent.name != "live")


@cache
def _page_at(path: Path, _changed: int) -> Page:
    return Page(path)


def _page(path: Path) -> Page:
    return _page_at(path, path.stat().st_mtime_ns)
