"""A trace between other rows than tokens: words, passages, all but special tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from attention_widget.errors import NotFoundError
from attention_widget.trace.grouping import Grouped, Groups, group_means
from attention_widget.trace.passage import named, regrouped, rows_of
from attention_widget.trace.states import States
from attention_widget.trace.token import Token, merged, units

if TYPE_CHECKING:
    from typing_extensions import Self


class WithRows(States):
    """How a trace is asked for between other rows."""

    def words(self) -> Self:
        """This trace with the tokens of each word as one.

        Attention is summed over the keys of a word and averaged over its queries (Clark et al.
        2019, https://arxiv.org/abs/1906.04341, section 4.1), hidden states are averaged. Special
        tokens and tokens outside any word stay as they are. Attention is computed when asked for;
        queries, keys and values are no longer known.

        >>> words = trace.words()
        >>> words.attention(3).shape  # (head, query word, key word)
        (12, 7, 7)
        >>> words.tokens[4].text
        'novel'

        Raises:
            LookupError: the text was read in windows, each with words of its own.
        """
        self._refuse_windows("words()")
        return self._grouped(lambda tokens: units(tokens, words=True), renormalise=False)

    def without_special(self, renormalise: bool = False) -> Self:
        """This trace without its special tokens, as queries and as keys.

        With ``renormalise`` what is left of each row is divided by its sum. Special tokens are
        marked in ``tokens``. Computed when asked for, as :meth:`words` is.

        >>> trace.without_special(renormalise=True).attention(3).shape
        (12, 5, 5)

        Raises:
            LookupError: the text was read in windows.
        """
        self._refuse_windows("without_special()")
        return self._grouped(
            lambda tokens: tuple((i,) for i, token in enumerate(tokens) if not token.special),
            renormalise,
        )

    def by_passages(self) -> Self:
        """This trace with the tokens of each passage as one.

        Attention is summed over the keys of a passage and averaged over its queries, as
        :meth:`words` does for words. A row is labelled by the name of its passage; tokens outside
        any passage are rows of their own. Computed when asked for.

        >>> from attention_widget import capture
        >>> read = capture(model, "Attention is a novel idea", tokenizer=tokenizer,
        ...                passages={"subject": (0, 9), "object": (13, 25)})
        >>> [token.label for token in read.by_passages().tokens]
        ['[CLS]', 'subject', 'is', 'object', '[SEP]']
        >>> read.by_passages().attention(3).shape  # (head, query passage, key passage)
        (12, 5, 5)

        Raises:
            LookupError: the text has no passages, or it was read in windows.
        """
        self._refuse_windows("by_passages()")
        if not self.passages:
            raise NotFoundError(
                f"the text that {self.model_name} read has no passages; name some when it is "
                f'read: capture(model, text, passages={{"doc 1": (0, 200), ...}}), or '
                f'passages="sentences"'
            )
        rows = rows_of(self.passages, len(self.tokens))
        of_target = tuple(
            (index,) for index in range(len(self.target.tokens if self.target else ()))
        )
        grouped = self._grouped(
            lambda tokens: rows if tokens is self.tokens else of_target, renormalise=False
        )
        return replace(grouped, tokens=named(self.passages, self.tokens, rows))

    def _refuse_windows(self, method: str) -> None:
        """LookupError where the text was read in windows, each with rows of its own."""
        raise NotImplementedError

    def _grouped(self, groups_of: Callable[[Sequence[Token]], Groups], renormalise: bool) -> Self:
        target = self.target
        groups = {self.tokens: groups_of(self.tokens)}
        if target is not None:
            groups[target.tokens] = groups_of(target.tokens)
            target = replace(
                target,
                tokens=merged(target.tokens, groups[target.tokens]),
                hidden=group_means(target.hidden, groups[target.tokens]),
                word_rows=_means(target.word_rows, groups[target.tokens]),
            )
        grouped = []
        for one in self.operations:
            queries, keys = self.sides(one.kind)
            grouped.append(Grouped(one, groups[queries], groups[keys], renormalise))
        passages = regrouped(self.passages, groups[self.tokens])
        return replace(
            self,
            tokens=merged(self.tokens, groups[self.tokens]),
            passages=passages,
            positions=(),  # of tokens
            hidden=group_means(self.hidden, groups[self.tokens]),
            word_rows=_means(self.word_rows, groups[self.tokens]),
            blocks=(),
            projections=(),
            maps=tuple(grouped),
            target=target,
        )


def _means(rows: torch.Tensor | None, groups: Groups) -> torch.Tensor | None:
    return None if rows is None else group_means((rows,), groups)[0]
