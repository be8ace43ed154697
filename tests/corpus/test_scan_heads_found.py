"""Heads that are known for what they do are found by their scores over a corpus."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from support.models import TEXT, tiny, tokenizer
from support.reactions import REACTION, reaction_model

from attention_widget import HeadAtlas, scan
from attention_widget.demo import demo_language_model

REACTIONS = [
    REACTION,
    "CC(=O)Cl.NCc1ccccc1>>CC(=O)NCc1ccccc1",
    "OB(O)c1ccccc1.Brc1ccncc1>>c1ccc(-c2ccncc2)cc1",
    "CCO.CC(=O)O>>CCOC(C)=O",
    "Nc1ccccc1.O=C(Cl)c1ccccc1>>O=C(Nc1ccccc1)c1ccccc1",
]


def places(atlas: HeadAtlas, name: str, count: int) -> list[tuple[int, int]]:
    return [(layer, head) for _, layer, head, _ in atlas.best(name, count)]


def test_a_planted_head() -> None:
    """A head whose weights are written so that each token attends to the one before it."""
    torch.manual_seed(5)
    model: Any = tiny("gpt2")
    block, dim = model.transformer.h[1].attn, 8
    hidden = model.config.n_embd
    with torch.no_grad():
        # positions that are told apart, and a head whose query at p looks for the key at p - 1
        model.transformer.wpe.weight.zero_()
        angles = torch.arange(64, dtype=torch.float32)[:, None] * torch.tensor(
            [0.05, 0.4, 1.1, 2.3]
        )
        model.transformer.wpe.weight[:64, :8] = 8 * torch.cat([angles.cos(), angles.sin()], 1)
        query, key = torch.zeros(hidden, dim), torch.zeros(hidden, dim)
        turn = torch.tensor([0.05, 0.4, 1.1, 2.3])
        for at in range(4):
            query[at, at], query[4 + at, at] = turn[at].cos(), turn[at].sin()
            query[at, 4 + at], query[4 + at, 4 + at] = -turn[at].sin(), turn[at].cos()
            key[at, at] = key[4 + at, 4 + at] = 1
        head = 2
        block.c_attn.weight[:, head * dim : (head + 1) * dim] = 6 * query
        block.c_attn.weight[:, hidden + head * dim : hidden + (head + 1) * dim] = 6 * key
        block.c_attn.bias[head * dim : (head + 1) * dim] = 0
        block.c_attn.bias[hidden + head * dim : hidden + (head + 1) * dim] = 0
    chooses = random.Random(3)
    texts = [" ".join(chooses.choices(TEXT.split(), k=20)) for _ in range(30)]
    atlas = scan(model, texts, tokenizer(), progress=False)
    assert places(atlas, "previous", 1) == [(1, 2)]
    example = atlas.examples(1, 2)[0]
    assert example.key == example.query - 1


@pytest.mark.slow
def test_smollm2() -> None:
    model, tokens = demo_language_model()
    chooses = random.Random(1)
    words = ["river", "stone", "table", "green", "letter", "music", "window", "paper", "garden"]
    texts = []
    for _ in range(24):
        told = " ".join(chooses.choices(words, k=12))
        texts.append(f"{told}. Then once more: {told}.")
    atlas = scan(model, texts, tokens, progress=False)
    assert {(18, 6), (17, 3), (17, 4)} <= set(places(atlas, "induction", 8))
    assert {(16, 0), (11, 1)} <= set(places(atlas, "previous", 6))
    assert (14, 3) in places(atlas, "duplicate", 6)


@pytest.mark.slow
def test_rxnmapper() -> None:
    """The head that maps the atoms of products to those of reactants (Schwaller et al. 2021) is
    head 5: ALBERT has the same weights in each layer, so the best six are head 5 of six layers."""
    model, tokens = reaction_model()
    atlas = scan(model, REACTIONS, tokens, progress=False)
    best = places(atlas, "duplicate", 6)
    assert {head for _, head in best} == {5}
    assert (10, 5) in best  # the one that rxnmapper reads
