"""Traces built by hand, with random vectors: known shapes, no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from attention_widget.trace.block import Array, Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask
from attention_widget.trace.passage import Passage
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace, Window

WORDS = ("[CLS]", "a", "nov", "##el", "idea", "[SEP]")


def tokens(labels: Sequence[str] = WORDS) -> tuple[Token, ...]:
    """Tokens of a text; ``##`` continues the word before it, brackets mark special tokens."""
    made: list[Token] = []
    word = -1
    for index, label in enumerate(labels):
        special = label.startswith("[")
        joined = label.startswith("##")
        word += not special and not joined
        made.append(
            Token(
                index=index,
                id=index,
                label=label,
                text="" if special else label.removeprefix("##"),
                lead="" if special or joined or word == 0 else " ",
                word=None if special else word,
                special=special,
                segment=None if special else 0,
            )
        )
    return tuple(made)


def trace(
    heads: Sequence[int] = (4, 4, 2),
    labels: Sequence[str] = WORDS,
    *,
    kv_heads: int | None = None,
    causal: bool = False,
    dim: int = 8,
    seed: int = 0,
) -> Trace:
    """A trace of one layer per entry of ``heads``; a layer of 0 heads has no attention."""
    random = torch.Generator().manual_seed(seed)
    n = len(labels)

    def vectors(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    blocks = tuple(
        Block(
            layer=layer,
            kind="decoder" if causal else "encoder",
            query=vectors(count, n, dim),
            key=vectors(kv_heads or count, n, dim),
            value=vectors(kv_heads or count, n, dim),
            scale=dim**-0.5,
            mask=Mask.causal(n, n) if causal else Mask.full(n, n),
        )
        for layer, count in enumerate(heads)
        if count
    )
    hidden = tuple(vectors(n, 16) for _ in range(len(heads) + 1))
    made = tokens(labels)
    text = "".join(token.lead + token.text for token in made)
    return Trace(made, blocks, hidden, (text,), "tiny")


SOURCE = ("the", "red", "house", "</s>")
TARGET = ("<s>", "das", "ro", "##te", "Haus", "</s>")


def encoder_decoder(*, generated: bool = False, kv_heads: int | None = None) -> Trace:
    """An encoder of 2 layers with 4 heads, a decoder of 3 with 2 and cross-attention in two."""
    random = torch.Generator().manual_seed(3)
    n, m = len(SOURCE), len(TARGET)

    def vectors(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    def block(layer: int, kind: Kind) -> Block:
        heads = 4 if kind == "encoder" else 2
        queries = n if kind == "encoder" else m
        keys = m if kind == "decoder" else n
        return Block(
            layer=layer,
            kind=kind,
            query=vectors(heads, queries, 8),
            key=vectors(kv_heads or heads, keys, 8),
            value=vectors(kv_heads or heads, keys, 8),
            scale=8**-0.5,
            mask=Mask.causal(m, m) if kind == "decoder" else Mask.full(queries, keys),
        )

    blocks = (
        *(block(layer, "encoder") for layer in range(2)),
        *(block(layer, "decoder") for layer in range(3)),
        *(block(layer, "cross") for layer in (0, 2)),
    )
    source = special_ends(tokens(SOURCE))
    target = special_ends(tokens(TARGET))
    if generated:
        target = (
            target[0],
            *(
                replace(token, step=step, probability=0.9 - 0.1 * step)
                for step, token in enumerate(target[1:])
            ),
        )
    hidden = tuple(vectors(n, 16) for _ in range(3))
    decoded = Target(target, tuple(vectors(m, 16) for _ in range(4)), ("das rote Haus",), generated)
    return Trace(source, blocks, hidden, ("the red house",), "tiny-translator", decoded)


def special_ends(made: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(
        replace(token, special=True, text="", lead="", word=None, segment=None)
        if token.label.startswith("<")
        else token
        for token in made
    )


def as_maps(made: Trace) -> Trace:
    """The same attention, with neither queries and keys nor hidden states."""
    maps = tuple(
        Maps(one.layer, one.kind, torch.from_numpy(one.attention())) for one in made.blocks
    )
    target = None if made.target is None else replace(made.target, hidden=())
    return replace(made, blocks=(), maps=maps, hidden=(), target=target)


def trace_of(maps: Array, segments: Sequence[int | None] | None = None) -> Trace:
    """A trace whose attention is ``maps`` (head, query, key), as square as its tokens."""
    made = tokens(["a"] * maps.shape[2])
    if segments:
        made = tuple(
            replace(one, segment=segment) for one, segment in zip(made, segments, strict=True)
        )
    block = Maps(0, "encoder", torch.from_numpy(maps))
    return Trace(made, (), (), ("",), "by hand", maps=(block,))


def windowed(count: int = 40, length: int = 16, stride: int = 12, heads: int = 2) -> Trace:
    """A text of ``count`` words in overlapping windows, each between [CLS] and [SEP]."""
    whole = tokens([f"w{index}" for index in range(count)])
    starts = [*range(0, count - length, stride), count - length]
    windows = []
    for number, start in enumerate(starts):
        labels = ["[CLS]", *(token.label for token in whole[start : start + length]), "[SEP]"]
        after = starts[number + 1] if number + 1 < len(starts) else count
        windows.append(
            Window(
                trace=trace(heads=(heads, heads), labels=labels, seed=number),
                positions=(None, *range(start, start + length), None),
                own=range(start, after),
            )
        )
    random = torch.Generator().manual_seed(7)
    hidden = tuple(torch.randn(count, 16, generator=random) for _ in range(3))
    text = " ".join(token.label for token in whole)
    return Trace(whole, (), hidden, (text,), "tiny-reader", windows=tuple(windows))


def chat() -> Trace:
    """Two messages in a template, the last of them generated."""
    made = trace(
        heads=(2, 2),
        labels=["[INST]", "Say", "blue", "[/INST]", "It", "is", "blue", "[END]"],
        causal=True,
    )
    said = [
        replace(token, segment=None if token.special else int(token.index > 3))
        for token in made.tokens
    ]
    said[4:] = [
        replace(token, step=step, probability=0.5 + step / 8) for step, token in enumerate(said[4:])
    ]
    said[4] = replace(said[4], lead="")
    return replace(
        made, tokens=tuple(said), texts=("Say blue", "It is blue"), roles=("user", "assistant")
    )


def picture() -> Trace:
    """An image of 3 × 2 patches of 8 pixels, behind a [CLS]."""
    made = trace(heads=(2, 2), labels=["[CLS]", *(f"r{i // 3}c{i % 3}" for i in range(6))])
    patches = tuple(
        token
        if token.special
        else replace(
            token,
            text="",
            lead="",
            word=None,
            segment=None,
            box=(8 * column, 8 * row, 8 * column + 8, 8 * row + 8),
        )
        for token in made.tokens
        for row, column in [divmod(token.index - 1, 3)]
    )
    image = np.zeros((16, 24, 3), np.uint8)
    image[:8, :, 0] = 200
    image[8:, :, 2] = 200
    image[:, 8:16, 1] = 200
    return replace(made, tokens=patches, texts=(), image=image)


def sound() -> Trace:
    """Eight frames of 20 ms."""
    made = trace(heads=(2, 2), labels=[f"{0.02 * i:.2f} s" for i in range(8)])
    frames = tuple(
        replace(
            token,
            text="",
            lead="",
            word=None,
            segment=None,
            time=(0.02 * token.index, 0.02 * token.index + 0.02),
        )
        for token in made.tokens
    )
    return replace(made, tokens=frames, texts=())


def with_word_rows(made: Trace, dim: int = 12) -> Trace:
    """The same with rows of a table of word embeddings, of its target too."""
    random = torch.Generator().manual_seed(9)

    def rows(tokens: Sequence[Token]) -> torch.Tensor:
        return torch.randn(len(tokens), dim, generator=random)

    target = made.target and replace(made.target, word_rows=rows(made.target.tokens))
    return replace(made, word_rows=rows(made.tokens), target=target)


def with_passages(made: Trace) -> Trace:
    """Of the tokens of WORDS: ``a nov##el`` is a passage, and ``idea`` another."""
    passages = (Passage("one", (1, 2, 3), 0, 0, 7), Passage("two", (4,), 0, 8, 12))
    return replace(made, passages=passages)
