"""Real notebook hosts and Chromium, without a network."""
