"""How many tokens a model takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# The last part of a module's path, for tables with one row per position (BERT, GPT-2, OPT, CLIP,
# OpenAI GPT, CANINE), and of a buffer's: the tables of GPT-J and CodeGen, the triangle of GPT-Neo.
_TABLES = {
    "position_embeddings",
    "wpe",
    "embed_positions",
    "position_embedding",
    "positions_embed",
    "char_position_embeddings",
}
_OTHER_INPUTS = re.compile("vision|visual|image|audio|speech|patch|pixel")


def token_limit(
    model: PreTrainedModel, modules: Mapping[str, nn.Module] | None = None, *, decoder: bool = False
) -> int | None:
    """The number of tokens that the model's positions allow; None where nothing stops it.

    Of an encoder-decoder those of its encoder, or of its ``decoder``. ``modules`` spares a walk
    over the model's own, where the caller has them.

    Only absolute positions, learned or tabulated, are a hard limit: a position beyond the table
    has no row. Rotary, relative and ALiBi positions go on beyond the training length
    (``config.max_position_embeddings``), and so does the model, if with less sense.
    """
    modules = dict(model.named_modules()) if modules is None else modules
    two_stacks = bool(getattr(model.config, "is_encoder_decoder", False))
    # ESM keeps a table that it never reads
    rotary = getattr(model.config, "position_embedding_type", "absolute") == "rotary"
    limits: list[int] = []
    for name, module in modules.items():
        if not _reads_text(name) or (two_stacks and ("decoder" in name.split(".")) != decoder):
            continue
        limits += _of_buffers(module)
        if not rotary and not isinstance(module, torch.jit.ScriptModule):
            limits += _of_tables(modules, name, module)
    return min(limits, default=None)


def sane_length(length: object) -> int | None:
    """A length that a tokenizer or config states; those without one report 10**30."""
    return length if isinstance(length, int) and 0 < length < 10**9 else None


def _of_tables(modules: Mapping[str, nn.Module], name: str, module: Any) -> Iterator[int]:
    own = vars(module)  # CTRL's is a buffer since transformers 5
    encoding = own.get("pos_encoding", own["_buffers"].get("pos_encoding"))
    if isinstance(encoding, torch.Tensor):
        yield encoding.shape[0]
    parent, _, last = name.rpartition(".")
    if last not in _TABLES:
        return
    if getattr(module, "weight", None) is None or hasattr(module, "make_weight"):
        return  # the sinusoids of FSMT, M2M100 and XGLM are made longer when needed
    yield module.weight.shape[0] - _first_position(module)
    ids: Any = getattr(modules[parent], "position_ids", None)
    if ids is not None:
        yield ids.shape[-1]


def _first_position(table: Any) -> int:
    """RoBERTa's positions start at ``padding_idx + 1``, OPT's and BART's at ``offset``."""
    if getattr(table, "padding_idx", None) is not None:
        return int(table.padding_idx) + 1
    return int(getattr(table, "offset", 0))


def _of_buffers(module: nn.Module) -> Iterator[int]:
    for name, buffer in vars(module)["_buffers"].items():
        if buffer is None:
            continue
        if name == "embed_positions" and buffer.ndim == 2:
            yield buffer.shape[0]
        if name == "bias" and buffer.ndim == 4 and buffer.shape[-1] == buffer.shape[-2]:
            yield buffer.shape[-1]


@lru_cache(maxsize=4096)
def _reads_text(name: str) -> bool:
    return _OTHER_INPUTS.search(name.lower()) is None
