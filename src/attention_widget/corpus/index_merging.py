"""Several indexes of one model made one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attention_widget.corpus.index_content import Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.index_reader import IndexReader
from attention_widget.errors import InvalidValueError

_TEXTS = 4096  # between two commits


def merged(folder: Path, parts: Sequence[IndexReader]) -> None:
    """Put the texts of all parts into the index in a folder, each once; ValueError if they do not
    go together."""
    first = parts[0].content
    exists = IndexFiles.exists(folder)
    into = IndexReader.opened(folder).content if exists else first
    for part in parts:
        if what := _difference(into, part.content):
            raise InvalidValueError(
                f"indexes that are merged must be alike, got another {what} in "
                f"{str(part.files.folder)!r}"
            )
    if not exists:
        empty = Content(
            part=first.part,
            precision=first.precision,
            model_name=first.model_name,
            model=first.model,
            tokenizer=first.tokenizer,
            turn=first.turn,
            turns=first.turns,
        )
        IndexFiles.made(folder, empty.to_json()).close()
    for part in parts:
        if part.files.folder.resolve() != folder.resolve():
            _append(IndexReader.opened(folder), part)


def _append(into: IndexReader, part: IndexReader) -> None:
    files, content, other = into.files, into.content, part.content
    for name in other.corpora:
        if name not in content.corpora:
            content.corpora.append(name)
    held = {_key(one, content): one["digest"].tobytes() for one in into.texts}
    if other.dim:
        content.coding_of(other.dim)
    content.error = max(content.error, other.error)
    line = files.size("texts.jsonl")
    try:
        for index, one in enumerate(part.texts):
            key = _key(one, other)
            if key in held:
                if held[key] != one["digest"].tobytes():
                    raise InvalidValueError(
                        f"indexes that are merged must hold the same text under a number, got "
                        f"another text {key[1]:,} of the corpus {key[0]!r} in "
                        f"{str(part.files.folder)!r}; build one of them under another name: "
                        f'Index(path, of=..., corpus="second")'
                    )
                continue
            pieces, counts = _raw(part, index)
            row = one.copy().reshape(1)
            row["corpus"] = content.corpora.index(key[0])
            row["line"], row["vector"], row["token"] = line, content.n_vectors, content.n_tokens
            files.append({**pieces, "texts.bin": row.tobytes()})
            line += len(pieces["texts.jsonl"])
            content.n_texts += 1
            content.n_vectors += counts[0]
            content.n_tokens += counts[1]
            if (index + 1) % _TEXTS == 0:
                files.content = content.to_json()
                files.commit()
        for name, runs in other.blocks.items():
            content.add_blocks(name, runs)
        files.content = content.to_json()
        files.commit()
    finally:
        files.forget()
        files.close()


def _raw(part: IndexReader, index: int) -> tuple[dict[str, bytes], tuple[int, int]]:
    """The bytes of a text in each file, and how many vectors and tokens they are."""
    content, texts = part.content, part.texts
    ends = {
        "line": part.files.size("texts.jsonl"),
        "vector": content.n_vectors,
        "token": content.n_tokens,
    }
    spans = {
        name: slice(
            int(texts[index][name]),
            end if index + 1 == len(texts) else int(texts[index + 1][name]),
        )
        for name, end in ends.items()
    }
    vectors, tokens = spans["vector"], spans["token"]
    pieces = {
        "vectors.bin": part.vectors[vectors].tobytes(),
        "rows.bin": part.rows[vectors].tobytes(),
        "tokens.bin": part.tokens[tokens].tobytes(),
        "texts.jsonl": part.lines[spans["line"]].tobytes(),
    }
    return pieces, (vectors.stop - vectors.start, tokens.stop - tokens.start)


def _key(one: Any, content: Content) -> tuple[str, int, int]:
    return content.corpora[int(one["corpus"])], int(one["number"]), int(one["piece"])


def _difference(one: Content, other: Content) -> str:
    pairs = {
        "model": (one.model, other.model),
        "tokenizer": (one.tokenizer, other.tokenizer),
        f"part of the model ({other.part} beside {one.part})": (one.part, other.part),
        "precision": (one.precision, other.precision),
        "turn of positions": (one.turn, other.turn),
    }
    return next((name for name, (a, b) in pairs.items() if a != b), "")
