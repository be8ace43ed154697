"""What the other rooms share and no user calls."""
