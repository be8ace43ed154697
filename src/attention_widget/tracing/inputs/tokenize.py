"""Prompts (a text, a pair, a chat, a target) and how a tokenizer is called on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.pieces import Piece, pieces_of_output
from attention_widget.trace.token import Token


@dataclass(frozen=True)
class Prompt:
    """A text, or a pair of texts."""

    texts: tuple[str, ...]
    roles: tuple[str, ...] = ()

    def tokenize(self, tokenizer: Any, **options: Any) -> Any:
        return tokenizer(*self.texts, padding=False, verbose=False, **options)

    def pieces(self, output: Any, tokenizer: Any) -> list[Piece]:
        return pieces_of_output(output, tokenizer, self.texts)

    def tokens(
        self, output: Any, tokenizer: Any, truncated: Collection[int] = ()
    ) -> tuple[Token, ...]:
        return tokens_of_pieces(self.pieces(output, tokenizer), tokenizer, self.texts, truncated)

    def spliced(self, segment: int, start: int, end: int, by: str) -> Prompt:
        """The prompt with other characters in a segment."""
        texts = [*self.texts]
        texts[segment] = texts[segment][:start] + by + texts[segment][end:]
        return replace(self, texts=tuple(texts))

    def tokenized(self, tokenizer: Any) -> tuple[Any, tuple[Token, ...]]:
        """What the tokenizer makes of the whole of it, and its tokens."""
        output = self.tokenize(tokenizer, truncation=False)
        return output, self.tokens(output, tokenizer)


@dataclass(frozen=True)
class TargetPrompt(Prompt):
    """The text of the decoder of an encoder-decoder, which some tokenizers treat differently."""

    def tokenize(self, tokenizer: Any, **options: Any) -> Any:
        return tokenizer(text_target=self.texts[0], padding=False, verbose=False, **options)

    def pieces(self, output: Any, tokenizer: Any) -> list[Piece]:
        if tokenizer.is_fast or not hasattr(tokenizer, "_switch_to_target_mode"):
            return super().pieces(output, tokenizer)
        # a slow tokenizer is asked again for each segment alone (Marian has two vocabularies)
        inside = tokenizer._in_target_context_manager

        def back() -> None:
            tokenizer._in_target_context_manager = inside
            if not inside:
                tokenizer._switch_to_input_mode()

        def switched(undo: Undo) -> list[Piece]:
            undo.then(back)
            tokenizer._in_target_context_manager = True
            tokenizer._switch_to_target_mode()
            return super(TargetPrompt, self).pieces(output, tokenizer)

        return guarded(switched)


@dataclass(frozen=True)
class Chat(Prompt):
    """Messages rendered by a chat template. Each message is a segment; what the template puts
    around them is in none."""

    rendered: str = ""
    spans: Sequence[tuple[int, int]] = ()  # of each message in what was rendered

    def tokenize(self, tokenizer: Any, **options: Any) -> Any:
        # the template has written the special tokens
        options |= {"padding": False, "verbose": False, "add_special_tokens": False}
        return tokenizer(self.rendered, **options)

    def pieces(self, output: Any, tokenizer: Any) -> list[Piece]:
        return [self._placed(p) for p in pieces_of_output(output, tokenizer, (self.rendered,))]

    def spliced(self, segment: int, start: int, end: int, by: str) -> Prompt:
        begin = self.spans[segment][0]
        first, last = begin + start, begin + end
        more = len(by) - (end - start)

        def moved(at: int) -> int:
            return at + more if at >= last else at

        return replace(
            self,
            texts=super().spliced(segment, start, end, by).texts,
            rendered=self.rendered[:first] + by + self.rendered[last:],
            spans=[
                (a if index == segment else moved(a), moved(b))
                for index, (a, b) in enumerate(self.spans)
            ],
        )

    def _placed(self, piece: Piece) -> Piece:
        """Put a token in the message that holds most of it, as it may cross the end of one."""
        best: tuple[int, int, int] | None = None
        most = 0 if piece.start < piece.end else -1  # a token of no characters, too, has a place
        for segment, (start, stop) in enumerate(self.spans):
            first, last = max(piece.start, start), min(piece.end, stop)
            if last - first > most and start <= first < stop:
                best, most = (segment, first - start, last - start), last - first
        if best is not None:
            segment, first, last = best
            return replace(piece, segment=segment, start=first, end=last)
        shown = self.rendered[piece.start : piece.end] or piece.string
        return Piece(piece.id, shown, None, 0, 0)
