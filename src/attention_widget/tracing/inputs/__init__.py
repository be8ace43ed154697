"""What a user passes -> what a forward pass takes, with a token for each position."""
