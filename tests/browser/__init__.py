"""The widget in a real Chromium: on a page of its own (``browser``), in JupyterLab (``lab``)."""
