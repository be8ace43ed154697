"""scan(): what every head of a model does over a corpus."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Final

from attention_widget._util.progress import Progress
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.atlas import HeadAtlas
from attention_widget.corpus.batch_reader import BatchReader, beginning
from attention_widget.corpus.findings import BLOCK, Scanned, TextFindings
from attention_widget.corpus.heads import Heads, heads_of
from attention_widget.corpus.held_texts import HeldTexts
from attention_widget.corpus.identity import model_digest, tokenizer_digest
from attention_widget.corpus.index import Index
from attention_widget.corpus.index_feed import IndexFeed
from attention_widget.corpus.scan_file import ScanFile
from attention_widget.corpus.scan_settings import (
    checked_length,
    checked_shard,
    checked_too_long,
    integer,
)
from attention_widget.corpus.stretch import Encoder, Stretch, TooLong, is_blank
from attention_widget.corpus.summaries import Own, Wanted, wanted
from attention_widget.corpus.text_blocks import blocks_of, opened
from attention_widget.corpus.text_reader import tracer_of_texts
from attention_widget.corpus.texts import CorpusText, texts_of
from attention_widget.tracing.inputs.validation import check_model
from attention_widget.tracing.model.naming import title
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

_PROBE: Final = 8  # tokens of the text by which the heads are found, where one has so many
_TRIED: Final = 64  # and at most
_HELD: Final = 2**17  # tokens of a block's texts that are held at a time


def scan(
    model: Any,
    dataset: Any,
    tokenizer: Any = None,
    *,
    column: str | None = None,
    max_tokens: int | None = None,
    too_long: TooLong = "split",
    batch_tokens: int = 4_096,
    summaries: str | Iterable[str | Mapping[str, Own]] | Mapping[str, Own] | None = None,
    examples: int = 8,
    path: str | os.PathLike[str] | None = None,
    shard: tuple[int, int] = (0, 1),
    index: Index | Sequence[Index] | None = None,
    progress: bool = True,
    memory_limit: int | None = None,
) -> HeadAtlas:
    """Read each text of a corpus once, and say of every head what it does over all of them.

    The model runs as it was loaded (no eager attention), in evaluation mode, and is left exactly
    as it was. Each text counts once, wherever it stands: nothing is kept of a pass but a few
    numbers of each head, so that memory does not grow with the corpus.

    Parameters
    ----------
    model
        What :func:`attention_widget.capture` takes. Of an encoder-decoder the encoder is scanned,
        which is what reads a text.
    dataset
        The texts: strings, the path of a file with a text on each line, a ``datasets.Dataset``
        (streaming too; ``column`` names the texts where there are several columns of them), or
        lists of token ids. Blank texts are left out, with a warning.
    tokenizer
        Found from the model where it is not given.
    max_tokens, too_long
        How many tokens are read at once: as many as the model takes, and at most 1,024 where
        nothing else is said. A longer text is read in parts of that length, each with the special
        tokens around it ("split": nothing of the corpus is lost, and no scan ends with an error
        after hours); or its beginning is read ("truncate"); or it is an error ("refuse").
    batch_tokens
        How many tokens are read together, of texts of like lengths. More is faster on a GPU, and
        takes more memory. A text has the numbers that it has alone, whatever is read with it; a
        model of which that cannot be so is read one text at a time, with a warning.
    summaries
        Names of ``measures.HEAD_SUMMARIES`` (all by default), functions by name, or a list of
        both. A function gets the :class:`attention_widget.Block` of a layer (a ``Maps`` where only
        probabilities are known), and the tokens if it takes a second argument, and gives a number
        for each head and query (head, query), NaN where there is none.
        ``corpus.HEADVIS`` has two metrics as HeadVis defines them.
    examples
        How many of the strongest examples are kept of each head.
    path
        A file that holds the scan while it goes on. If the scan is interrupted, or its process
        killed, the same call goes on from the file: no text is lost, and none counts twice. A
        file of another model, of other settings or of another corpus is refused.
    shard
        ``(i, n)``: read part ``i`` of ``n`` of the corpus, every n-th block of 64 texts.
        :meth:`HeadAtlas.merge` makes the whole of the parts, bit for bit.
    index
        An :class:`attention_widget.corpus.Index`, or several, to be built in the same pass, of the
        same batches; see ``docs/searching.md``. Each shard needs an index of its own:
        :meth:`attention_widget.corpus.Index.merge`.
    progress
        Show how many texts are read.
    memory_limit
        The bytes that what is recorded of a pass may take.

    Returns
    -------
    A :class:`HeadAtlas`.

    Raises
    ------
    UnsupportedModelError
        The model has no attention, or computes it where it cannot be recorded.
    TypeError, ValueError
        The model, the corpus or an option is not one of the above. A text that cannot be read is
        named by its number.

    Examples
    --------
    >>> from attention_widget import scan
    >>> from attention_widget.demo import demo_model
    >>> atlas = scan(demo_model(), ["I read a good novel.", "She reads a novel a day."])
    >>> atlas.n_texts, atlas.n_heads
    (2, 72)
    """
    settled = _Scan.of(
        model,
        tokenizer,
        max_tokens=max_tokens,
        too_long=too_long,
        batch_tokens=batch_tokens,
        summaries=summaries,
        progress=progress,
        memory_limit=memory_limit,
    )
    part, count = checked_shard(shard)
    kept = integer("examples", examples, 0)
    n_blank, first, texts = opened(texts_of(dataset, column))
    reader = settled.reader(n_blank, first)
    total = len(dataset) if isinstance(dataset, Sized) and not isinstance(dataset, str) else None

    def reach(block: int) -> None:
        done = (block + 1) * BLOCK
        bar.reach(done if total is None else min(done, total))

    blocks = blocks_of(chain(repeat("", n_blank), first, texts))
    with (
        Progress("scanning", "text", total, wanted=progress) as bar,
        IndexFeed(index, settled.whole) as feed,
    ):
        scanned = settled.scanned(reader.heads)
        if feed:
            reader.feed_into(feed)
        if path is None:
            accumulator = Accumulator(scanned, kept)
            for number, given in blocks:
                if number % count == part:
                    accumulator.add_block(number, settled.findings(number, given, reader, feed))
                    reach(number)
        else:
            with ScanFile(path, scanned, kept) as file:
                feed.check_done(file.done)
                held = HeldTexts(path, file.accumulator, settled.encoder)
                for number, given in blocks:
                    if number in held.blocks:
                        held.check(number, given)
                    elif number % count == part:
                        found = settled.findings(number, given, reader, feed)
                        file.write(number, found, is_certain=held.is_certain)
                    else:
                        continue
                    reach(number)
                held.close()
            accumulator = file.accumulator
    settled.warn_of_blanks()
    return HeadAtlas(accumulator)


@dataclass(eq=False)
class _Scan:
    """A model and what is asked of its heads."""

    tracer: Tracer
    whole: Tracer  # of the model that was given, of which the other may read
    encoder: Encoder
    asked: Wanted
    batch_tokens: int
    n_blank: int = 0

    @classmethod
    def of(
        cls,
        model: Any,
        tokenizer: Any,
        *,
        max_tokens: Any,
        too_long: Any,
        batch_tokens: Any,
        summaries: Any,
        progress: bool,
        memory_limit: Any,
    ) -> _Scan:
        """It raises what is wrong with any of it."""
        asked = wanted(summaries)
        checked_too_long(too_long)
        at_once = integer("batch_tokens", batch_tokens, 1)
        tracer = Tracer(model, tokenizer, memory_limit=memory_limit, progress=progress)
        check_model(tracer.model, tracer.modules.values())
        reading = tracer_of_texts(tracer)
        most = checked_length(reading, max_tokens)
        return cls(reading, tracer, Encoder(reading, most, too_long), asked, at_once)

    def reader(self, before: int, texts: list[CorpusText]) -> BatchReader:
        """A reader of the heads that the first text of some length shows; there are so many texts
        before them, and the first is not blank."""
        best: Stretch | None = None
        for number, given in enumerate(texts, before):
            stretch = next(self.encoder.stretches(number, given), None)
            if stretch is not None and (best is None or len(stretch) > len(best)):
                best = stretch
            if best is not None and len(best) >= _PROBE:
                break
        assert best is not None
        best = beginning(best, min(_TRIED, len(best)))
        with ONE_AT_A_TIME:
            traced = self.tracer.traced(best.encoded, silent=True)
        heads = heads_of(traced.trace)
        reader = BatchReader(self.tracer, traced, heads, self.asked, self.batch_tokens)
        reader.try_on(best)
        reader.say()
        return reader

    def scanned(self, heads: Heads) -> Scanned:
        encoder = self.encoder
        reading = {"max_tokens": str(encoder.most), "too_long": encoder.too_long}
        return Scanned(
            model_name=title(self.whole.model),
            model=model_digest(self.tracer.model),
            tokenizer=tokenizer_digest(self.tracer.tokenizer),
            kinds=heads.kinds,
            layers=heads.layers,
            heads=heads.heads,
            names=self.asked.names,
            quanta=self.asked.quanta,
            reading=tuple(reading.items()),
        )

    def findings(
        self,
        block: int,
        texts: Iterator[CorpusText],
        reader: BatchReader,
        feed: IndexFeed,
    ) -> Iterator[TextFindings]:
        """Those of the texts of a block, of which so many tokens are held at a time; once all are
        given out the indexes have them too."""
        held: list[Stretch] = []
        n_tokens = 0
        for number, given in enumerate(texts, block * BLOCK):
            self.n_blank += is_blank(given)
            for stretch in self.encoder.stretches(number, given):
                held.append(stretch)
                n_tokens += len(stretch)
                if n_tokens >= _HELD:
                    yield from reader.findings(held)
                    held, n_tokens = [], 0
        yield from reader.findings(held)
        feed.commit(block)  # first: what comes again they know

    def warn_of_blanks(self) -> None:
        if self.n_blank:
            warnings.warn(
                f"{self.n_blank:,} text{'s' * (self.n_blank != 1)} of the corpus held nothing but "
                f"blanks, and {'was' if self.n_blank == 1 else 'were'} left out",
                stacklevel=3,
            )
