"""Where the checkout lies. Importing this puts the package and the tests' helpers on the path, and
keeps Hugging Face's hub out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

sys.path[:0] = [str(ROOT / part) for part in ("src", "tests", "tools", "benchmarks")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")
