"""How much loading a model's weights takes, known from the sizes of their files beforehand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch

from attention_widget._util.free_memory import warn_if_short

_SUFFIXES: Final = (".safetensors", ".bin")  # the latter is read where there is no other
_STEMS: Final = {".safetensors": "model", ".bin": "pytorch_model"}
_PATIENCE: Final = 10  # seconds for what the hub says of a model's files


def warn_if_large(name: str, config: Any) -> None:
    """LowMemoryWarning where the weights in a folder, or of a name on the hub, take more than the
    memory that is free; nothing where the hub's copy is not here and it does not say."""
    is_folder = Path(name).is_dir()
    nbytes = _in_files(_of_folder(Path(name))) if is_folder else _on_hub(name)
    if nbytes is None:
        return
    warn_if_short(
        "loading",
        f"the model in {name!r}" if is_folder else f"the model {name!r}",
        round(nbytes * _widened(config)),
        "load a smaller one, or load it in half precision yourself and pass the model: "
        "AutoModel.from_pretrained(..., dtype=torch.bfloat16)",
    )


def _of_folder(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}


def _in_files(sizes: Mapping[str, int]) -> int | None:
    """Of the files that transformers reads among these: one, or its parts; None where there are
    none."""
    for suffix in _SUFFIXES:
        stem = _STEMS[suffix]
        if (whole := sizes.get(f"{stem}{suffix}")) is not None:
            return whole
        part = re.compile(rf"{stem}-\d+-of-\d+{re.escape(suffix)}")
        if parts := [size for name, size in sizes.items() if part.fullmatch(name)]:
            return sum(parts)
    return None


def _on_hub(name: str) -> int | None:
    return _in_cache(name) or _said_by_hub(name)


def _in_cache(name: str) -> int | None:
    """Of the copy that was downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    for suffix in _SUFFIXES:
        found = try_to_load_from_cache(name, f"{_STEMS[suffix]}{suffix}")
        if isinstance(found, str):
            return Path(found).stat().st_size
        index = try_to_load_from_cache(name, f"{_STEMS[suffix]}{suffix}.index.json")
        if isinstance(index, str):
            said = json.loads(Path(index).read_text(encoding="utf-8"))
            return int(said["metadata"]["total_size"])
    return None


def _said_by_hub(name: str) -> int | None:
    from huggingface_hub import HfApi

    try:
        found = HfApi().model_info(name, files_metadata=True, timeout=_PATIENCE)
    except Exception:  # no network, or a mirror that does not say: loading itself says what fails
        return None
    return _in_files({file.rfilename: file.size or 0 for file in found.siblings or ()})


def _widened(config: Any) -> float:
    """How many times as large weights are in memory: before transformers 5 they are loaded in
    float32, whatever they were saved in."""
    import transformers

    saved = getattr(config, "dtype", None) or getattr(config, "torch_dtype", None)
    if int(transformers.__version__.partition(".")[0]) >= 5 or not isinstance(saved, torch.dtype):
        return 1.0
    return max(1.0, torch.float32.itemsize / saved.itemsize)
