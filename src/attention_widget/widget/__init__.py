"""The widget: the only room that knows anywidget."""

from attention_widget.widget.linking import link, side_by_side
from attention_widget.widget.widget import AttentionWidget

__all__ = ["AttentionWidget", "link", "side_by_side"]
