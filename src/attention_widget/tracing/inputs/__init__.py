"""Model inputs from text, chats, pictures and sound, with a token for each position."""
