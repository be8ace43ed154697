"""Colab's contract, the kernel's half: its manager for third-party widgets is asked for, and the
output says which one shows it. The other half is served by Google alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

# google.colab.output as a notebook there has it, as far as anywidget's documentation uses it.
COLAB = """
import json, sys, types

asked = []
output = types.ModuleType("google.colab.output")
output.enable_custom_widget_manager = lambda: asked.append(True)
output._widgets = types.SimpleNamespace(_installed_url="https://colab.example/manager.js")
sys.modules["google.colab.output"] = output

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output
from support.traces import trace

from attention_widget import AttentionWidget

InteractiveShell.instance()
with capture_output() as captured:
    display(AttentionWidget.from_trace(trace()))
shown = [
    each for each in captured.outputs if "application/vnd.jupyter.widget-view+json" in each.data
]
print(json.dumps([len(asked), [each.metadata for each in shown]]))
"""


def test_the_output_names_colabs_widget_manager() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLAB],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    asked, shown = json.loads(done.stdout.splitlines()[-1])
    assert asked == 1
    manager = {"custom_widget_manager": {"url": "https://colab.example/manager.js"}}
    assert shown == [{"application/vnd.jupyter.widget-view+json": {"colab": manager}}]
