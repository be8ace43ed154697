"""What needs no hub, so that all works offline: a small BERT, a language model and a corpus."""

from attention_widget.demo.corpus import demo_corpus
from attention_widget.demo.language_model import demo_language_model
from attention_widget.demo.sentence_model import demo_model

__all__ = ["demo_corpus", "demo_language_model", "demo_model"]
