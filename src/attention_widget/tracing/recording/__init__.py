"""Record attention, and the hidden states between layers, inside a forward pass."""
