"""Train a small encoder-decoder to translate English into French, in half a minute.

It has two layers of four heads on each side and knows 82 words. Every sentence is made from one
pattern, such as "Anna sees the green house .", whose adjective comes behind the noun in French and
agrees with it: "Anna voit la maison verte ." Ten pairs of adjective and noun are kept out of the
training, so that it can be seen whether the model learnt the pattern or the sentences. It is there
to be looked into, and no translator: nothing beyond this pattern means anything to it.

    python examples/train_a_translator.py translator.html
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

from attention_widget import AttentionWidget

SUBJECTS = {"I": "je", "you": "tu", "Anna": "Anna", "we": "nous"}
VERBS = {  # for each of the subjects
    "see": ("vois", "vois", "voit", "voyons"),
    "draw": ("dessine", "dessines", "dessine", "dessinons"),
    "sell": ("vends", "vends", "vend", "vendons"),
}
DETERMINERS = {  # masculine, feminine
    "the": ("le", "la"),
    "a": ("un", "une"),
    "this": ("ce", "cette"),
    "my": ("mon", "ma"),
}
ADJECTIVES = {
    "green": ("vert", "verte"),
    "black": ("noir", "noire"),
    "white": ("blanc", "blanche"),
    "blue": ("bleu", "bleue"),
    "heavy": ("lourd", "lourde"),
    "dead": ("mort", "morte"),
    "open": ("ouvert", "ouverte"),
    "round": ("rond", "ronde"),
}
NOUNS = {
    "book": ("livre", "masculine"),
    "dog": ("chien", "masculine"),
    "hat": ("chapeau", "masculine"),
    "garden": ("jardin", "masculine"),
    "cat": ("chat", "masculine"),
    "boat": ("bateau", "masculine"),
    "house": ("maison", "feminine"),
    "car": ("voiture", "feminine"),
    "table": ("table", "feminine"),
    "door": ("porte", "feminine"),
    "flower": ("fleur", "feminine"),
    "chair": ("chaise", "feminine"),
}
HELD_OUT = (
    ("green", "house"),
    ("black", "hat"),
    ("white", "cat"),
    ("blue", "car"),
    ("heavy", "book"),
    ("open", "door"),
    ("round", "table"),
    ("dead", "dog"),
    ("blue", "flower"),
    ("black", "boat"),
)
"""Adjectives and nouns that never stand together in the training."""

STEPS, BATCH, RATE = 300, 64, 3e-3


def sentences() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """English and French, of the training and held out."""
    train, held_out = [], []
    parts = itertools.product(enumerate(SUBJECTS), VERBS, DETERMINERS, (None, *ADJECTIVES), NOUNS)
    for (person, subject), verb, determiner, adjective, noun in parts:
        french, gender = NOUNS[noun]
        form = int(gender == "feminine")
        english = [subject, f"{verb}s" if subject == "Anna" else verb, determiner, adjective, noun]
        words = [SUBJECTS[subject], VERBS[verb][person], DETERMINERS[determiner][form], french]
        if adjective is not None:
            words.append(ADJECTIVES[adjective][form])
        pair = (" ".join([*filter(None, english), "."]), " ".join([*words, "."]))
        (held_out if (adjective, noun) in HELD_OUT else train).append(pair)
    return train, held_out


def word_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """A token for each word, and one for the end."""
    special = ["<pad>", "</s>", "<unk>"]
    words = sorted({word for text in texts for word in text.split()})
    ids = {word: at for at, word in enumerate([*special, *words])}
    backend = Tokenizer(models.WordLevel(ids, "<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    end = ("</s>", ids["</s>"])
    backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[end])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


def translator(*, seed: int = 0, steps: int = STEPS) -> tuple[Any, PreTrainedTokenizerFast]:
    """The trained model and its tokenizer."""
    train, held_out = sentences()
    tokenizer = word_tokenizer([text for pair in (*train, *held_out) for text in pair])
    config = BartConfig(
        vocab_size=len(tokenizer),
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        max_position_embeddings=32,
        dropout=0.0,
        init_std=0.05,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
        forced_eos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BartForConditionalGeneration(config)
    english, french = (
        tokenizer([pair[side] for pair in train], padding=True, return_tensors="pt")
        for side in (0, 1)
    )
    labels = french["input_ids"].masked_fill(french["attention_mask"] == 0, -100)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    generator = torch.Generator("cpu").manual_seed(seed)
    for _ in range(steps):
        rows = torch.randint(len(train), (BATCH,), generator=generator, device="cpu")
        batch = {name: values[rows] for name, values in english.items()}
        loss = model(**batch, labels=labels[rows]).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
    model.generation_config.max_length = 16
    return model.eval(), tokenizer


def translate(model: Any, tokenizer: Any, texts: list[str]) -> list[str]:
    """What the model writes for some texts."""
    given = tokenizer(texts, padding=True, return_tensors="pt")
    written = model.generate(**given, do_sample=False, num_beams=1)
    found: list[str] = tokenizer.batch_decode(written, skip_special_tokens=True)
    return found


def main() -> None:
    model, tokenizer = translator()
    _, held_out = sentences()
    written = translate(model, tokenizer, [english for english, _ in held_out])
    right = sum(text == french for text, (_, french) in zip(written, held_out, strict=True))
    print(f"{right} of {len(held_out)} sentences that it was not trained on are right")
    text = "Anna sees the green house ."
    print(f"{text} → {translate(model, tokenizer, [text])[0]}")
    if len(sys.argv) > 1:
        widget = AttentionWidget(model, text, tokenizer=tokenizer, attention_kind="cross")
        widget.export_html(sys.argv[1])


if __name__ == "__main__":
    main()
