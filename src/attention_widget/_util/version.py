"""The version of this package, as it is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """``"0.1.0"`` or the like; ``"unknown"`` of a checkout that is not installed."""
    try:
        return version("attention-widget")
    except PackageNotFoundError:
        return "unknown"
