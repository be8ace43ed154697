"""Tokenizers in pure Python and by sentencepiece, which report no offsets."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import decoders
from transformers import PreTrainedTokenizer

from support.toy_tokenizers import (
    BYTES,
    WORDPIECES,
    as_bytes,
    merged_bytes,
    merged_metaspace,
    scored,
    wordpiece,
)


class SlowWordPiece(PreTrainedTokenizer):
    """WordPiece in pure Python: lower case, no offsets, a blank between words lost."""

    def __init__(self, vocab_path: str, **kwargs: Any) -> None:
        self._ids: dict[str, int] = json.loads(Path(vocab_path).read_text(encoding="utf-8"))
        self._strings: dict[int, str] = {id: string for string, id in self._ids.items()}
        named = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        named |= {"pad_token": "[PAD]", "mask_token": "[MASK]"}
        super().__init__(**{**named, **kwargs})  # type: ignore[no-untyped-call]

    @property
    def vocab_size(self) -> int:
        return len(self._ids)

    def get_vocab(self) -> dict[str, int]:
        return {**self._ids, **self.added_tokens_encoder}

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        words = re.findall(r"\w+|[^\w\s]", text.lower())
        return [piece for word in words for piece in self._pieces(word)]

    def _pieces(self, word: str) -> list[str]:
        pieces: list[str] = []
        start = 0
        while start < len(word):
            for stop in range(len(word), start, -1):
                piece = "##" * (start > 0) + word[start:stop]
                if piece in self._ids:
                    pieces.append(piece)
                    start = stop
                    break
            else:
                return ["[UNK]"]
        return pieces

    def _convert_token_to_id(self, token: str) -> int:
        return self._ids.get(token, self._ids["[UNK]"])

    def _convert_id_to_token(self, index: int) -> str:
        return self._strings.get(index, "[UNK]")

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        joined: str = " ".join(tokens).replace(" ##", "")
        return joined

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        first = [self._ids["[CLS]"], *token_ids_0, self._ids["[SEP]"]]
        return first if token_ids_1 is None else [*first, *token_ids_1, self._ids["[SEP]"]]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        second = [] if token_ids_1 is None else [1] * (len(token_ids_1) + 1)
        return [0] * (len(token_ids_0) + 2) + second


def slow_wordpiece(
    folder: Path, pieces: Sequence[str] = WORDPIECES, **kwargs: Any
) -> SlowWordPiece:
    path = folder / "vocab.json"
    path.write_text(json.dumps(wordpiece(pieces).get_vocab()), encoding="utf-8")
    return SlowWordPiece(str(path), **kwargs)


class SlowByteLevel(PreTrainedTokenizer):
    """Byte-level BPE in pure Python, as GPT-2's was until transformers 5."""

    def __init__(self, words: Sequence[str], inner: Sequence[str], **kwargs: Any) -> None:
        self._ids, merges = merged_bytes(words, inner)
        self._ranks = {merge: rank for rank, merge in enumerate(merges)}
        self._strings = {id: string for string, id in self._ids.items()}
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]

    @property
    def vocab_size(self) -> int:
        return len(self._ids)

    def get_vocab(self) -> dict[str, int]:
        return {**self._ids, **self.added_tokens_encoder}

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        words = re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)
        return [piece for word in words for piece in self._pieces(as_bytes(word))]

    def _pieces(self, word: str) -> list[str]:
        pieces = list(word)
        while len(pieces) > 1:
            pairs = list(pairwise(pieces))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            at = pairs.index(best)
            pieces[at : at + 2] = ["".join(best)]
        return pieces

    def _convert_token_to_id(self, token: str) -> int | None:
        return self._ids.get(token)

    def _convert_id_to_token(self, index: int) -> str:
        return self._strings[index]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        decoded: str = decoders.ByteLevel().decode(tokens)
        return decoded

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        return token_ids_0 + (token_ids_1 or [])


def sentencepiece_file(folder: Path, kind: str, words: Sequence[str], inner: Sequence[str]) -> Path:
    """A model of sentencepiece's, "unigram" (T5's) or "bpe" (LLaMA's)."""
    model: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    kinds = model.SentencePiece

    def add(piece: str, score: float, type: int) -> None:
        model.pieces.add(piece=piece, score=score, type=type)

    add("<unk>", 0.0, kinds.UNKNOWN)
    for control in ("<s>", "</s>"):
        add(control, 0.0, kinds.CONTROL)
    if kind == "bpe":
        for byte in BYTES:
            add(byte, 0.0, kinds.BYTE)
        vocab, merges = merged_metaspace(words)
        merged = {left + right: rank for rank, (left, right) in enumerate(merges)}
        for piece in list(vocab)[3 + len(BYTES) :]:
            add(piece, -float(merged.get(piece, len(merged))), kinds.NORMAL)
    else:
        for piece, score in scored(words, inner):
            add(piece, score, kinds.NORMAL)
    model.trainer_spec.model_type = 2 if kind == "bpe" else 1
    model.trainer_spec.byte_fallback = kind == "bpe"
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.remove_extra_whitespaces = kind != "bpe"
    path = folder / f"{kind}.model"
    path.write_bytes(model.SerializeToString())
    return path


def trained_sentencepiece_file(folder: Path, kind: str, rule: str, texts: Sequence[str]) -> Path:
    """A model that sentencepiece trained itself, with its own normalisation and byte fallback."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=written,
        vocab_size=330,
        hard_vocab_limit=False,
        model_type=kind,
        byte_fallback=True,
        normalization_rule_name=rule,
        minloglevel=5,
    )
    path = folder / f"{kind}-{rule}.model"
    path.write_bytes(written.getvalue())
    return path
