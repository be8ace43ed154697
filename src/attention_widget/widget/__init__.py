"""The widget: the only room that knows anywidget."""

from attention_widget.widget.widget import AttentionWidget

__all__ = ["AttentionWidget"]
