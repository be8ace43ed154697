"""The vectors of the tokens of a pass: hidden states, and rows of the table of word embeddings."""

from __future__ import annotations

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.trace.block import Array, kept_array
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.recorded import Recorded


class States(Recorded):
    """How the vectors of the tokens are asked for."""

    def hidden_states(self, index: int, kind: Kind | None = None) -> Array:
        """Hidden states (token, hidden), float32. Read-only.

        ``index`` counts states, not layers, and there is one more of them: 0 is what entered the
        first layer (the token embeddings, with positions where the model adds them), i is what
        layer i - 1 gave out, and -1 what the last layer gave out, before any final norm.

        ``kind`` says of which stack, "encoder" or "decoder", where there are two; the encoder's
        if None.

        >>> trace.hidden_states(0).shape
        (7, 384)
        >>> layer = 2
        >>> before, after = trace.hidden_states(layer), trace.hidden_states(layer + 1)

        Raises:
            IndexError: there is no such state.
            LookupError: none were kept, or not this one.
            ValueError: the kind is neither "encoder" nor "decoder".
        """
        _check_stack(kind)
        hidden = self._states(kind or "encoder")
        if not hidden:
            raise NotFoundError(f"{self.model_name} left no hidden states, only attention")
        advice = "; 0 is the token embeddings, i the output of layer i - 1"
        at = index_of("index", index, len(hidden), advice)
        if self.kept is not None and not len(hidden[at]):
            raise NotFoundError(f"hidden_states({at}) were not kept; {self._lookup.what_is_kept}")
        return kept_array(hidden[at])

    def word_embeddings(self, kind: Kind | None = None) -> Array:
        """Rows of the model's table of word embeddings (token, any dim), float32. Read-only.

        They are the same wherever a token stands: before scale, position and norm, and before
        any layer (a table as in Mikolov et al. 2013, https://arxiv.org/abs/1301.3781, here learnt
        with the model). Those of :meth:`words` are means over the tokens of a word.
        ``hidden_states(0)`` is what the model makes of them for its first layer.

        ``kind`` says of which stack, "encoder" or "decoder", where there are two; the encoder's
        if None.

        >>> rows = trace.word_embeddings()
        >>> rows.shape  # (token, hidden)
        (7, 384)

        Raises:
            LookupError: they are not known: of a picture, of arrays, of a model that looks its
                tokens up in no table, of a trace file of an earlier version.
            ValueError: the kind is neither "encoder" nor "decoder".
        """
        _check_stack(kind)
        of_target = kind == "decoder" and self.target is not None
        rows = self.target.word_rows if of_target and self.target else self.word_rows
        if rows is None:
            raise NotFoundError(
                f"the word embeddings of {self.model_name} are not known in this trace; capture a "
                f"text with a model that looks its tokens up in a table"
            )
        return kept_array(rows)


def _check_stack(kind: Kind | None) -> None:
    if kind is not None:
        check_kind(kind)
    if kind == "cross":
        raise InvalidValueError(
            "kind must be encoder or decoder, got 'cross'; cross-attention lies in the decoder"
        )
