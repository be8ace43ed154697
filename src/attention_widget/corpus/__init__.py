"""What the heads of a model do over many texts: a scan reads each of them once, an atlas says what
every head did."""

from attention_widget.corpus.bounds import atlas_bytes
from attention_widget.corpus.findings import Scanned, TextFindings
from attention_widget.corpus.headvis_data import HeadVisData, HeadVisText
from attention_widget.corpus.headvis_definitions import HEADVIS, headvis_metrics
from attention_widget.corpus.index import Index
from attention_widget.corpus.match import Match, Matches

__all__ = [
    "HEADVIS",
    "HeadVisData",
    "HeadVisText",
    "Index",
    "Match",
    "Matches",
    "Scanned",
    "TextFindings",
    "atlas_bytes",
    "headvis_metrics",
]
