"""What crosses to the browser: the description of a trace, and its tensors by key."""
