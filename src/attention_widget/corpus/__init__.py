"""What the heads of a model do over many texts: a scan reads each of them once, an atlas says what
every head did."""

from attention_widget.corpus.findings import Scanned, TextFindings

__all__ = ["Scanned", "TextFindings"]
