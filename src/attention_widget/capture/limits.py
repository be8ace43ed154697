"""How many tokens a model takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
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
_OTHER_INPUTS = ("vision", "visual", "image", "audio", "speech", "patch", "pixel")


def token_limit(model: PreTrainedModel) -> int | None:
    """The number of tokens that the model's positions allow; None where nothing stops it.

    Only absolute positions, learned or tabulated, are a hard limit: a position beyond the table
    has no row. Rotary, relative and ALiBi positions go on beyond the training length
    (``config.max_position_embeddings``), and so does the model, if with less sense.
    """
    limits = [*_of_modules(model), *_of_buffers(model)]
    return min(limits, default=None)


def _of_modules(model: PreTrainedModel) -> Iterator[int]:
    if getattr(model.config, "position_embedding_type", "absolute") == "rotary":
        return  # ESM keeps a table that it never reads
    name: str
    module: Any
    for name, module in model.named_modules():
        if isinstance(getattr(module, "pos_encoding", None), torch.Tensor):  # CTRL
            yield module.pos_encoding.shape[0]
        parent, _, last = name.rpartition(".")
        if last not in _TABLES or not _reads_text(model, name):
            continue
        if getattr(module, "weight", None) is None or hasattr(module, "make_weight"):
            continue  # the sinusoids of FSMT, M2M100 and XGLM are made longer when needed
        yield module.weight.shape[0] - _first_position(module)
        ids: Any = getattr(model.get_submodule(parent), "position_ids", None)
        if ids is not None:
            yield ids.shape[-1]


def _first_position(table: Any) -> int:
    """RoBERTa's positions start at ``padding_idx + 1``, OPT's and BART's at ``offset``."""
    if getattr(table, "padding_idx", None) is not None:
        return int(table.padding_idx) + 1
    return int(getattr(table, "offset", 0))


def _of_buffers(model: PreTrainedModel) -> Iterator[int]:
    for name, buffer in model.named_buffers():
        last = name.rpartition(".")[2]
        if not _reads_text(model, name):
            continue
        if last == "embed_positions" and buffer.ndim == 2:
            yield buffer.shape[0]
        if last == "bias" and buffer.ndim == 4 and buffer.shape[-1] == buffer.shape[-2]:
            yield buffer.shape[-1]


def _reads_text(model: PreTrainedModel, name: str) -> bool:
    path = name.lower()
    if getattr(model.config, "is_encoder_decoder", False) and "decoder" in path.split("."):
        return False
    return not any(part in path for part in _OTHER_INPUTS)
