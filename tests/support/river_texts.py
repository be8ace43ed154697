"""Sentences in which a word has two meanings."""

RIVER = (
    "We sat on the bank of the river and watched the boats.",
    "Reeds grew along the muddy bank of the stream.",
    "He fished from the bank below the bridge.",
    "The flood washed away the bank of the canal.",
)
MONEY = (
    "The bank raised its interest rates for loans.",
    "She opened an account at the bank in town.",
    "The bank lends money to small firms.",
    "A clerk of the bank counted the notes.",
)
OTHERS = ("I read a good novel.", "The colour purple is a novel.", "Trains leave at noon.")
TEXTS = [text for pair in zip(RIVER, MONEY, strict=True) for text in pair] + list(OTHERS)
