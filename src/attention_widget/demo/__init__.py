"""Small trained models that need no hub, so that all works offline: a BERT and a language model."""

from attention_widget.demo.language_model import demo_language_model
from attention_widget.demo.sentence_model import demo_model

__all__ = ["demo_language_model", "demo_model"]
