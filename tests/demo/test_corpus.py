"""The offline corpus is prose, each sentence once."""

from __future__ import annotations

from attention_widget.demo import demo_corpus


def test_the_corpus_is_sentences() -> None:
    corpus = demo_corpus()
    assert len(corpus) > 1800
    assert len(set(corpus)) == len(corpus)
    assert all(text[0].isupper() and text[-1] in ".!?" for text in corpus)
    assert all(5 <= len(text.split()) <= 60 for text in corpus)
    assert not [text for text in corpus if "\n" in text or "::=" in text or ">>>" in text]
    assert sum("the" in text.split() for text in corpus) > len(corpus) / 3  # English
