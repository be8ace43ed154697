"""A tokenizer of each family, with a vocabulary written here: the same in every version."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizer, PreTrainedTokenizerFast

WORDS = ["Attention", "novel", "idea", "is", "на", "привет", "Viet", "print"]
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def wordpiece() -> PreTrainedTokenizerFast:
    """BERT's, uncased."""
    words = ["attention", "is", "a", "nov", "##el", "##ty", "idea", "tie", "##ng", "viet", ",", "!"]
    vocab = _numbered(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])
    backend = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def byte_level(trim_offsets: bool = False, add_prefix_space: bool = False) -> Any:
    """GPT-2's; with both options RoBERTa's."""
    alphabet = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    known = [
        alphabet.pre_tokenize_str(text)[0][0]
        for text in [*(f" {word}" for word in WORDS), *WORDS, "中", "你"]
    ]
    vocab, merges = _merged(sorted(pre_tokenizers.ByteLevel.alphabet()), known)
    backend = Tokenizer(models.BPE(vocab, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, add_prefix_space=add_prefix_space)
    tokenizer.add_special_tokens({"eos_token": "<|endoftext|>"})
    return tokenizer


def metaspace_bpe() -> PreTrainedTokenizerFast:
    """LLaMA's: BPE over ▁ for blanks, with bytes for what the vocabulary lacks."""
    letters = sorted({"▁", *"".join(WORDS)})
    vocab, merges = _merged(
        ["<unk>", "<s>", "</s>", *_BYTES, *letters], ["▁▁", *(f"▁{word}" for word in WORDS), *WORDS]
    )
    backend = Tokenizer(
        models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    backend.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )


def unigram() -> PreTrainedTokenizerFast:
    """T5's and XLM-R's: a unigram model over ▁ for blanks, compatibility forms made plain."""
    pieces = [
        "▁",
        *(f"▁{word}" for word in WORDS),
        "ty",
        "中",
        "中国",
        "สวัสดี",
        "โลก",
        ",",
        "!",
        ".",
    ]
    vocab = [("<unk>", -20.0), ("</s>", 0.0), *((piece, -2.0) for piece in pieces)]
    vocab += [(letter, -8.0) for letter in sorted({*"".join(WORDS)})]
    backend = Tokenizer(models.Unigram(vocab, unk_id=0))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="<unk>", eos_token="</s>", pad_token="</s>"
    )


def character() -> PreTrainedTokenizerFast:
    """One token per code point."""
    vocab = _numbered(["<unk>", *sorted({*"".join(WORDS), " ", "\n"})])
    backend = Tokenizer(models.WordLevel(vocab, "<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>")


FAST: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "wordpiece": wordpiece,
    "byte_level": byte_level,
    "byte_level_trimmed": lambda: byte_level(trim_offsets=True, add_prefix_space=True),
    "metaspace_bpe": metaspace_bpe,
    "unigram": unigram,
    "character": character,
}


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


def slow_wordpiece(folder: Path, **kwargs: Any) -> SlowWordPiece:
    path = folder / "vocab.json"
    path.write_text(json.dumps(wordpiece().get_vocab()), encoding="utf-8")
    return SlowWordPiece(str(path), **kwargs)


def _numbered(strings: Iterable[str]) -> dict[str, int]:
    return {string: i for i, string in enumerate(dict.fromkeys(strings))}


def _merged(alphabet: list[str], known: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges by which each known string is put together from its left end."""
    merges = dict.fromkeys(
        (string[:i], string[i]) for string in known for i in range(1, len(string))
    )
    strings = [left + right for left, right in merges]
    return _numbered([*alphabet, *strings]), list(merges)
