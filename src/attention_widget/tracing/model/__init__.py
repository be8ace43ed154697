"""Which model a user means, and what it says of itself."""
