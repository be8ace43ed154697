"""Set-up shared by all tests: no network, and the one trained model that needs none."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported: not above
# Models here are tiny: more threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# As the Makefile has it: nothing is made outside of the checkout.
os.environ.setdefault("ATTENTION_WIDGET_CACHE", str(Path(__file__).resolve().parents[1] / ".cache"))

# jsonschema, which nbformat imports, would compile a grammar of addresses with it: 4 s of CPU in
# each process, for a check that no notebook asks for. Without the package jsonschema leaves it out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

settings.register_profile("any_machine", settings.default, deadline=None)
settings.load_profile("any_machine")

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="session", autouse=True)
def front_end_packed_once() -> Iterator[None]:
    """A page's script is packed for the first page of a process; packing it takes longer than
    most tests, and what comes of it depends on nothing else."""
    from attention_widget.export import document

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "packed", functools.lru_cache(maxsize=4)(document.packed))
        yield


@pytest.fixture(scope="session")
def minilm_path() -> Path:
    """Folder of the all-MiniLM-L6-v2 that the extra ``demo`` brings, its weights checked.

    That package is somebody's re-packaging: the weights must be those of the published model.
    """
    from attention_widget.demo import demo_model

    path = demo_model()
    digest = hashlib.sha256((path / "model.safetensors").read_bytes()).hexdigest()
    assert digest == MINILM_SHA256
    return path


@pytest.fixture(scope="session")
def minilm(minilm_path: Path) -> tuple[Any, Any]:
    """(model, tokenizer) of all-MiniLM-L6-v2: BERT, 6 layers, 12 heads, hidden 384."""
    from transformers import AutoModel, AutoTokenizer

    return AutoModel.from_pretrained(minilm_path).eval(), AutoTokenizer.from_pretrained(minilm_path)


@pytest.fixture(scope="session")
def smollm() -> tuple[Any, Any]:
    """(model, tokenizer) of SmolLM2-135M-Instruct: LLaMA, 30 layers, 9 heads, 3 of keys."""
    from attention_widget.demo import demo_language_model

    return demo_language_model()


@pytest.fixture(scope="session")
def reactions() -> tuple[Any, Any]:
    """(model, tokenizer) of rxnmapper's ALBERT, a masked language model: 12 layers, 8 heads."""
    from support.reactions import reaction_model

    return reaction_model()
