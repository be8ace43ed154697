"""Tokenizer output -> tokens with their exact text.

No tokenizer offers display strings that join up to the text again, so tokens are cut from the
text itself by a cursor that moves over the character offsets. What the cursor skips is the lead
of the next token, so nothing is lost or shown twice.

* ``text`` is the source's own, capitals and accents included, whatever the tokenizer made of
  it; ``##``, ``Ġ`` and ``▁`` never show. Blanks before a word are its lead. A token of blanks
  alone has them as text; a blank marker that stands for nothing in the source has none.
* Of a character split over several tokens (byte-level BPE, byte fallback) the first token shows
  the character, the others show their bytes in the label: ``🙂`` ``‹9F 99›`` ``‹82›``.
* ``label`` starts with an ellipsis where a token continues the word of the one before (``novel``
  ``…ty``), shows blanks (``␣ ⏎ ⇥``) and the invisible (``‹U+200D›``), and keeps the tokenizer's
  own string for special tokens. An unknown token shows the source and what the model got in its
  place: ``🙂 [UNK]``.
* ``word`` comes from the source text (see words.py): a token belongs to the word of its first
  character that is not blank. Words are numbered through all segments, without gaps, in the
  order in which tokens start them; special and blank tokens have none.
* ``piece`` is the vocabulary's own string of the id, markers and all (``##ty``, ``Ġnovel``).
* Special tokens written in the text itself (``[MASK]``) keep their text and segment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attention_widget.tokens.cursor import Cut, cut_text, is_blank_marker
from attention_widget.tokens.labels import label_of_piece, label_of_text
from attention_widget.tokens.pieces import Piece, special_ids
from attention_widget.tokens.words import word_of_characters
from attention_widget.trace.token import Token

__all__ = ["tokens_of_pieces"]


def tokens_of_pieces(
    pieces: Sequence[Piece], tokenizer: Any, texts: Sequence[str], truncated: Collection[int] = ()
) -> tuple[Token, ...]:
    """Tokens of pieces whose spans lie in the text of their segment; ``truncated`` names the
    segments that lost tokens: what was cut off is neither lead nor trail."""
    cuts: dict[int, Cut] = {}
    trails: dict[int, str] = {}
    from_left = getattr(tokenizer, "truncation_side", "right") == "left"
    for segment, text in enumerate(texts):
        own = [i for i, piece in enumerate(pieces) if piece.segment == segment]
        if not own:
            continue
        lost = segment in truncated
        begin = pieces[own[0]].start if lost and from_left else 0
        stop = pieces[own[-1]].end if lost and not from_left else len(text)
        spans = [(pieces[i].start, pieces[i].end, is_blank_marker(pieces[i].string)) for i in own]
        found = cut_text(text, spans, begin, stop)
        cuts.update(zip(own, found, strict=True))
        trails[own[-1]] = text[found[-1].end : max(stop, found[-1].end)]
    return _named(pieces, cuts, trails, tokenizer, texts)


def _named(
    pieces: Sequence[Piece],
    cuts: dict[int, Cut],
    trails: dict[int, str],
    tokenizer: Any,
    texts: Sequence[str],
) -> tuple[Token, ...]:
    specials = special_ids(tokenizer)
    roles = {getattr(tokenizer, f"{role}_token_id", None): role for role in _ROLES}
    unknown_id = getattr(tokenizer, "unk_token_id", None)
    unknown_string = str(getattr(tokenizer, "unk_token", None))
    words_of = [word_of_characters(text) for text in texts]
    numbers: dict[tuple[int, int], int] = {}
    previous: int | None = None
    tokens: list[Token] = []
    vocabulary = tokenizer.convert_ids_to_tokens([piece.id for piece in pieces])
    for i, piece in enumerate(pieces):
        segment = piece.segment
        known = vocabulary[i] if isinstance(vocabulary[i], str) and vocabulary[i] else None
        if segment is None:
            label = _special_label(piece, roles) or f"‹{piece.id}›"
            tokens.append(Token(i, piece.id, label, special=True, piece=known))
            continue
        cut = cuts[i]
        source = texts[segment]
        text = source[cut.start : cut.end]
        unknown = piece.id == unknown_id and text.strip() != unknown_string
        special = piece.id in specials and not unknown
        word: int | None = None
        if not special and cut.of is not None:
            found = words_of[segment][cut.of]
            word = None if found is None else numbers.setdefault((segment, found), len(numbers))
        if special:
            label = _special_label(piece, roles)
        elif text:
            label = label_of_text(text, continues=word is not None and word == previous)
        else:
            label = label_of_piece(piece.string, continues=word is not None)
        if unknown and text:
            label = f"{label} {label_of_text(unknown_string)}"
        tokens.append(
            Token(
                index=i,
                id=piece.id,
                label=label or f"‹{piece.id}›",
                text=text,
                lead=source[cut.lead : cut.start],
                trail=trails.get(i, ""),
                start=cut.start,
                end=cut.end,
                word=word,
                special=special,
                segment=segment,
                piece=known,
            )
        )
        previous = word if word is not None else previous
    return tuple(tokens)


_ROLES = ("pad", "unk", "mask", "bos", "eos", "sep", "cls")  # the last to claim an id names it


def _special_label(piece: Piece, roles: Mapping[Any, str]) -> str:
    """The tokenizer's own string; its role where that is invisible (CANINE's are code points for
    private use)."""
    label = label_of_text(piece.string)
    if label.startswith("‹U+") and piece.id in roles:
        return f"[{roles[piece.id].upper()}]"
    return label
