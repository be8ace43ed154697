"""Find a Chromium that starts, for the browser tests, screenshots and benchmarks; and the Firefox
and WebKitGTK in which the first tour is made.

    python tools/find_browser.py            print the path of an installed one
    python tools/find_browser.py --install  install one first where there is none
    python tools/find_browser.py --others   install Firefox and WebKitGTK where they are missing

Looked for in this order: the environment variable CHROMIUM, Chromium or Chrome on PATH, the one
that Playwright installed.

The headless shell is the same engine without the browser's own windows, which headless Chromium
makes too, unseen: a page opens in it for two fifths of the CPU time. Tests of what is in the page
take it where it is installed (:func:`find_shell`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
OTHERS = ("firefox-esr", "webkit2gtk-driver", "xvfb")
"""Debian's packages of the other browsers."""

NONE_FOUND = (
    "no Chromium that starts was found: set CHROMIUM to the path of one, put one of "
    f"{', '.join(NAMES)} on PATH, or run `python -m playwright install --with-deps chromium`"
)


def find_browser() -> Path:
    """Path of a Chromium that starts; RuntimeError says what was looked for."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not starts(Path(named)):
            raise RuntimeError(f"CHROMIUM is {named!r}, which does not start as a browser")
        return Path(named)
    for path in installed():
        if starts(path):
            return path
    raise RuntimeError(NONE_FOUND)


def installed() -> Iterator[Path]:
    for name in NAMES:
        if found := shutil.which(name):
            yield Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.is_file():
        yield own


def find_shell() -> Path:
    """Path of a headless shell; where none starts, or CHROMIUM names a browser, of a Chromium."""
    if not os.environ.get("CHROMIUM"):
        for path in shells():
            if starts(path):
                return path
    return find_browser()


def shells() -> Iterator[Path]:
    for name in SHELLS:
        if found := shutil.which(name):
            yield Path(found)
    with sync_playwright() as playwright:
        kept = Path(playwright.chromium.executable_path).parents[2]
    yield from sorted(kept.glob("chromium_headless_shell-*/*/*headless*shell"), reverse=True)


def find_firefox() -> Path:
    """Path of a Firefox; RuntimeError says what was looked for."""
    named = os.environ.get("FIREFOX")
    for name in [named] if named else ("firefox", "firefox-esr"):
        if found := shutil.which(name):
            return Path(found)
    raise RuntimeError(
        f"no Firefox was found: {named!r} is not there; set FIREFOX to the path of one"
        if named
        else "no Firefox was found: put firefox or firefox-esr on PATH, or set FIREFOX to its path"
    )


def find_webkit() -> tuple[Path, Path]:
    """Paths of WebKitGTK's driver and of its MiniBrowser; RuntimeError says what is missing."""
    driver = shutil.which("WebKitWebDriver")
    browsers = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser"))
    if driver is None or not browsers or shutil.which("Xvfb") is None:
        raise RuntimeError(
            "WebKitWebDriver, MiniBrowser of WebKitGTK and Xvfb must be installed: on Debian, "
            f"apt install {' '.join(OTHERS[1:])}"
        )
    return Path(driver), browsers[-1]


def install_others() -> None:
    """Install Firefox and WebKitGTK where they are missing, for root on a system with apt."""
    try:
        find_firefox()
        find_webkit()
    except RuntimeError:
        apt = shutil.which("apt-get")
        if apt is None or os.geteuid() != 0:
            raise
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *OTHERS]):
            _say_and_run([apt, *command])
        find_firefox()
        find_webkit()


def starts(path: Path) -> bool:
    """Whether it says its version: a snap's placeholder or one that lacks libraries does not."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and "chrom" in said.stdout.lower()


def install() -> Path:
    """Install a Chromium where none starts: Playwright's own, else, for root on a system with
    apt, the distribution's. Its headless shell comes beside it where the distribution has one."""
    try:
        found = find_browser()
    except RuntimeError:
        if os.environ.get("CHROMIUM"):
            raise
        found = None
    apt = "apt-get" if os.geteuid() == 0 and shutil.which("apt-get") else None
    if found is not None:
        if apt and find_shell() == found and not os.environ.get("CHROMIUM"):
            _say_and_run([apt, "update"])
            _say_and_run([apt, "install", "--yes", "--no-install-recommends", SHELLS[0]])
        return found
    attempts = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if apt:
        attempts += [
            [[sys.executable, "-m", "playwright", "install-deps", "chromium"]],
            [
                [apt, "update"],
                [apt, "install", "--yes", "--no-install-recommends", "chromium", SHELLS[0]],
                [apt, "install", "--yes", "--no-install-recommends", "chromium"],
            ],
        ]
    for commands in attempts:
        for command in commands:
            _say_and_run(command)
        try:
            return find_browser()
        except RuntimeError as error:
            print(error, file=sys.stderr)
    raise RuntimeError(NONE_FOUND)


def _say_and_run(command: list[str]) -> None:
    print("+", *command, file=sys.stderr)
    subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Find a Chromium that starts.")
    parser.add_argument("--install", action="store_true", help="install one where there is none")
    parser.add_argument("--others", action="store_true", help="see to Firefox and WebKitGTK")
    given = parser.parse_args()
    try:
        if given.others:
            install_others()
            print(find_firefox(), *find_webkit(), sep="\n")
        else:
            print(install() if given.install else find_browser())
    except RuntimeError as error:
        sys.exit(f"find_browser: {error}")


if __name__ == "__main__":
    main()
