"""BertViz's functions, drawn by the widget: the names, arguments and defaults of BertViz 1.4.1.

    from attention_widget.bertviz import head_view, model_view
    from attention_widget.bertviz.neuron_view import show

Whatever BertViz refuses is refused here with an error of the same type.
"""

from attention_widget.bertviz._views import head_view, model_view

__all__ = ["head_view", "model_view"]
