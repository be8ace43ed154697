"""What happens inside a forward pass: attention, and the hidden states between layers."""
