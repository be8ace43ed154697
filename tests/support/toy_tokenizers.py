"""A tokenizer of each family, with a vocabulary written here: the same in every version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

WORDS = ["Attention", "novel", "idea", "is", "на", "привет", "Viet", "print"]
WORDPIECES = [
    "attention",
    "is",
    "a",
    "nov",
    "##el",
    "##ty",
    "idea",
    "tie",
    "##ng",
    "viet",
    ",",
    "!",
]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def wordpiece(pieces: Sequence[str] = WORDPIECES) -> PreTrainedTokenizerFast:
    """BERT's, uncased."""
    vocab = _numbered(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces])
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


def byte_level(
    trim_offsets: bool = False,
    add_prefix_space: bool = False,
    words: Sequence[str] = WORDS,
    inner: Sequence[str] = ("中", "你"),
) -> Any:
    """GPT-2's; with both options RoBERTa's; without words one token per byte."""
    vocab, merges = merged_bytes(words, inner)
    backend = Tokenizer(models.BPE(vocab, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, add_prefix_space=add_prefix_space)
    tokenizer.add_special_tokens({"eos_token": "<|endoftext|>"})
    return tokenizer


def metaspace_bpe(words: Sequence[str] = WORDS) -> PreTrainedTokenizerFast:
    """LLaMA's: BPE over ▁ for blanks, with bytes for what the vocabulary lacks."""
    vocab, merges = merged_metaspace(words)
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


def unigram(
    words: Sequence[str] = WORDS,
    inner: Sequence[str] = ("ty", "中", "中国", "สวัสดี", "โลก", ",", "!", "."),
) -> PreTrainedTokenizerFast:
    """T5's and XLM-R's: a unigram model over ▁ for blanks, compatibility forms made plain."""
    vocab = [("<unk>", -20.0), ("</s>", 0.0), *scored(words, inner)]
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


def character(words: Sequence[str] = WORDS) -> PreTrainedTokenizerFast:
    """One token per code point."""
    vocab = _numbered(["<unk>", *sorted({*"".join(words), " ", "\n"})])
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


def scored(words: Sequence[str], inner: Sequence[str]) -> list[tuple[str, float]]:
    scores = dict.fromkeys(sorted({*"".join(words)}), -8.0)
    scores |= dict.fromkeys(("▁", *(f"▁{word}" for word in words), *inner), -2.0)
    return list(scores.items())


def merged_metaspace(words: Sequence[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    letters = sorted({"▁", *"".join(words)})
    known = ["▁▁", *(f"▁{word}" for word in words), *words]
    return _merged(["<unk>", "<s>", "</s>", *BYTES, *letters], known)


def merged_bytes(
    words: Sequence[str], inner: Sequence[str]
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    known = [as_bytes(text) for text in (*(f" {word}" for word in words), *words, *inner)]
    return _merged(sorted(pre_tokenizers.ByteLevel.alphabet()), known)


def as_bytes(text: str) -> str:
    alphabet = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    string: str = alphabet.pre_tokenize_str(text)[0][0]
    return string


def _numbered(strings: Iterable[str]) -> dict[str, int]:
    return {string: i for i, string in enumerate(dict.fromkeys(strings))}


def _merged(alphabet: list[str], known: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges by which each known string is put together from its left end."""
    merges = dict.fromkeys(
        (string[:i], string[i]) for string in known for i in range(1, len(string))
    )
    strings = [left + right for left, right in merges]
    return _numbered([*alphabet, *strings]), list(merges)
