"""Reads texts in padded batches, each text with the numbers that it has when it is read alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.corpus.batch_seam import BatchSeam, NotBatchedError, Receiving
from attention_widget.corpus.batch_sources import BatchSources, are_alike
from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.found import Found
from attention_widget.corpus.heads import Heads
from attention_widget.corpus.index_feed import IndexFeed
from attention_widget.corpus.index_writer import Made
from attention_widget.corpus.single_reader import SingleReader
from attention_widget.corpus.stretch import Stretch
from attention_widget.corpus.summaries import Wanted
from attention_widget.errors import AttentionWidgetError
from attention_widget.trace.block import Block
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.model.devices import on_device
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.model.signatures import accepted
from attention_widget.tracing.recording.heard_pass import heard
from attention_widget.tracing.tracer import Tracer

_NEAR: Final = {torch.float32: 1e-4, torch.float64: 1e-4}
_NEAR_HALF: Final = 0.05  # models in half precision round a batch otherwise than a text alone


class Read(NamedTuple):
    """What a batch gives of a text."""

    findings: TextFindings
    made: Mapping[int, Made] | None  # for the indexes, by their places


class BatchReader:
    """Gives the findings of stretches of texts, read in batches of so many tokens.

    Batches are padded behind the texts, whatever side the tokenizer pads on: so every token has
    the position that it has alone. A model of which a batch does not give what its texts give
    alone is read one text at a time, which is said once.
    """

    def __init__(
        self, tracer: Tracer, traced: Traced, heads: Heads, wanted: Wanted, batch_tokens: int
    ) -> None:
        self._tracer, self.heads, self._wanted = tracer, heads, wanted
        self._batch_tokens = batch_tokens
        self._single = SingleReader(tracer, heads, wanted)
        self._tried: list[Stretch] = []
        self._feed: IndexFeed | None = None
        self._way = traced.way
        self._buffers = Buffers()
        self._turn = 0  # how many batches were read
        sites = traced.sites
        self._layers = {
            (site.path, site.calls[0]): layer
            for (_, layer), site in sites.items()
            if site.how != "reported maps" and site.calls
        }
        held = {(one.kind, one.layer): one for one in traced.trace.operations}
        self._plain = frozenset(
            site.path for place, site in sites.items() if site.how == "interface"
            if isinstance(one := held[place], Block)
            if one.softcap is None and one.bias is None and one.sinks is None
        )  # fmt: skip
        self._problem = "" if len(self._layers) == len(sites) else "it reports its own maps alone"
        self._padded = "attention_mask" in accepted(tracer.model)

    @property
    def problem(self) -> str:
        """Why texts are read one at a time; empty where they are read in batches."""
        return self._problem

    def try_on(self, stretch: Stretch) -> None:
        """Read a text, and its first half, in a batch and alone, and compare."""
        half = beginning(stretch, max(1, len(stretch) // 2)) if self._padded else stretch
        self._tried = both = [half, stretch]
        if self._problem:
            return
        try:
            together = self._read(both)
        except NotBatchedError as error:
            self._problem = str(error)
            return
        except AttentionWidgetError:  # of a user's function, say
            raise
        except Exception as error:  # of a model that takes no batches of this input
            self._problem = f"it takes no batch ({type(error).__name__}: {error})"[:200]
            return
        near = _NEAR.get(self._tracer.model.dtype, _NEAR_HALF)
        for one, other in zip(together, self._single.findings(both), strict=True):
            if one is None or not _agree(one.findings, other, near):
                self._problem = "a batch does not give what its texts give alone"

    def feed_into(self, feed: IndexFeed) -> None:
        """Have what is read from now on put into indexes, text by text in order. Where a batch does
        not give what a text alone gives to them, texts are read one at a time."""
        self._single = SingleReader(self._tracer, self.heads, self._wanted, feed.put)
        self._feed = feed
        if self._problem:
            return
        try:
            made = [one.made for one in self._read(self._tried) if one is not None]
        except NotBatchedError as error:
            self._say(str(error))
            return
        near = _NEAR.get(self._tracer.model.dtype, _NEAR_HALF)
        for stretch, one in zip(self._tried, made, strict=False):
            with ONE_AT_A_TIME:
                trace, _ = self._tracer.trace(stretch.encoded, silent=True)
            if one is None or not are_alike(one, feed.made_of(stretch, trace), near):
                self._problem = "what is indexed is not the same in a batch as alone"

    def findings(self, stretches: Sequence[Stretch]) -> Iterator[TextFindings]:
        """Of each stretch, in order."""
        read: dict[int, Read | None] = {}
        for batch in self._batches(stretches):
            if not self._problem:
                try:
                    together = self._read([stretches[index] for index in batch])
                    read.update(zip(batch, together, strict=True))
                except NotBatchedError as error:
                    self._say(str(error))
        for index, stretch in enumerate(stretches):
            one = read.pop(index, None)
            if one is None:
                yield next(self._single.findings([stretch]))
                continue
            if self._feed and one.made is not None:
                self._feed.put_made(stretch, one.made)
            yield one.findings

    def say(self) -> None:
        """Warn of a model that is read one text at a time."""
        if self._problem:
            self._say(self._problem)

    def _say(self, problem: str) -> None:
        name = type(self._tracer.model).__name__
        self._problem = problem
        warnings.warn(
            f"{name} is read one text at a time, which takes longer: {problem}", stacklevel=2
        )

    def _batches(self, stretches: Sequence[Stretch]) -> Iterator[list[int]]:
        """Indices of those that are read together: of like lengths, in so many tokens."""
        order = sorted(range(len(stretches)), key=lambda index: len(stretches[index]))
        batch: list[int] = []
        for index in order:
            length = len(stretches[index])
            full = (len(batch) + 1) * length > self._batch_tokens
            if batch and (full or (not self._padded and length != len(stretches[batch[-1]]))):
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    def _read(self, stretches: Sequence[Stretch]) -> list[Read | None]:
        """What a batch gives, None for a text that has rows without numbers."""
        found = [Found(stretch, self.heads, self._wanted) for stretch in stretches]
        sources = BatchSources(self._feed, stretches) if self._feed else None
        receiving = Receiving(found, self._layers, self._buffers, sources, self._turn)
        self._turn += 1
        with ONE_AT_A_TIME:
            self._run(receiving, self._inputs(stretches))
        receiving.checks.finish()
        if receiving.checks.wrong:
            path = receiving.checks.wrong[0].path
            raise NotBatchedError(f"what {path!r} gave out in a batch is not explained")
        if receiving.received != set(self.heads.of_layer):
            raise NotBatchedError("it does not attend in a batch as it does alone")
        receiving.reducing.settle()
        if sources is not None and not sources.is_whole:
            raise NotBatchedError("what is indexed is not seen in a batch")
        made = [None] * len(found) if sources is None else sources.made
        return [
            Read(one.findings(), of_text) if one.is_sound else None
            for one, of_text in zip(found, made, strict=True)
        ]

    def _run(self, receiving: Receiving, inputs: dict[str, Any]) -> None:
        tracer, n_padded = self._tracer, inputs["input_ids"].shape[1]
        batch = len(receiving.found)

        def work(_: Undo) -> None:
            seam = BatchSeam(tracer.modules, n_padded, receiving, self._way.followed, self._plain)
            hooks = (
                ()
                if receiving.sources is None
                else receiving.sources.watching(tracer.modules, [path for path, _ in self._layers])
            )
            with heard(tracer.model, tracer.modules, seam, self._way, hooks, batch):
                tracer.model(**inputs)

        undisturbed(list(tracer.modules.values()), lambda: guarded(work))

    def _inputs(self, stretches: Sequence[Stretch]) -> dict[str, Any]:
        """The keyword arguments of a pass, padded behind the texts."""
        model, longest = self._tracer.model, max(map(len, stretches))
        filler = {"input_ids": self._tracer.tokenizer.pad_token_id or 0}
        names = {name for stretch in stretches for name in stretch.encoded.inputs}
        if any(len(stretch) < longest for stretch in stretches):
            names.add("attention_mask")
        made = {}
        for name in names:
            whole = torch.full(
                (len(stretches), longest), filler.get(name, 0), dtype=torch.long, device="cpu"
            )
            for row, stretch in zip(whole, stretches, strict=True):
                row[: len(stretch)] = (
                    stretch.encoded.inputs[name][0] if (name in stretch.encoded.inputs) else 1
                )
            made[name] = whole
        given: dict[str, Any] = {**on_device(model, made)}
        if "use_cache" in accepted(model):
            given["use_cache"] = False
        if "logits_to_keep" in accepted(model):
            given["logits_to_keep"] = 1  # what it predicts is not asked for
        return given


def beginning(stretch: Stretch, n: int) -> Stretch:
    """The first tokens of a stretch, special ones at its end left out."""
    encoded = stretch.encoded
    inputs = {name: given[:, :n] for name, given in encoded.inputs.items()}
    return replace(stretch, encoded=replace(encoded, inputs=inputs, tokens=encoded.tokens[:n]))


def _agree(one: TextFindings, other: TextFindings, near: float) -> bool:
    if not np.array_equal(one.counts, other.counts):
        return False
    each = np.maximum(other.counts, 1)
    means, expected = one.sums / each, other.sums / each
    return bool((np.abs(means - expected) <= near * np.maximum(1, np.abs(expected))).all())
