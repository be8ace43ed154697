"""The model: how to find it, what it takes, and how to leave it as it was."""
