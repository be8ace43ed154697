"""Tiny encoder-decoders with random weights."""

from __future__ import annotations

from typing import Any

import transformers
from tiny_models import random_model
from transformers import PreTrainedModel

_BART = {
    "vocab_size": 32,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "decoder_start_token_id": 2,
}
_T5 = {
    "vocab_size": 32,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 4,
    "pad_token_id": 0,
    "eos_token_id": 3,
    "decoder_start_token_id": 0,
}
_BERT = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
_FSMT = {key: value for key, value in _BART.items() if key != "vocab_size"}
_PROPHET = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_encoder_layers": 2,
    "num_decoder_layers": 3,
    "num_encoder_attention_heads": 4,
    "num_decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 64,
    "ngram": 2,
    "num_buckets": 8,
    "relative_max_distance": 16,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "decoder_start_token_id": 2,
}

# model class -> configuration class, settings
SEQ2SEQ: dict[str, tuple[str, dict[str, Any]]] = {
    "BartForConditionalGeneration": ("BartConfig", _BART),
    "BartModel": ("BartConfig", _BART),
    "BartForSequenceClassification": ("BartConfig", _BART),
    "BartForQuestionAnswering": ("BartConfig", _BART),
    "MBartForConditionalGeneration": ("MBartConfig", _BART),
    "MarianMTModel": ("MarianConfig", _BART),
    "PegasusForConditionalGeneration": ("PegasusConfig", _BART),
    "M2M100ForConditionalGeneration": ("M2M100Config", _BART),
    "BlenderbotForConditionalGeneration": ("BlenderbotConfig", _BART),
    "FSMTForConditionalGeneration": (
        "FSMTConfig",
        {**_FSMT, "langs": ["en", "de"], "src_vocab_size": 32, "tgt_vocab_size": 32},
    ),
    "T5ForConditionalGeneration": ("T5Config", _T5),
    "T5Model": ("T5Config", _T5),
    "T5ForSequenceClassification": ("T5Config", _T5),
    "MT5ForConditionalGeneration": ("MT5Config", _T5),
    "ProphetNetForConditionalGeneration": ("ProphetNetConfig", _PROPHET),
    "EncoderDecoderModel": ("BertConfig", _BERT),
}


def tiny_seq2seq(kind: str, attn_implementation: str = "sdpa", **settings: Any) -> PreTrainedModel:
    """A model of a class; the same weights for every attention implementation."""
    config_kind, given = SEQ2SEQ[kind]
    config: Any = getattr(transformers, config_kind)(**{**given, **settings})
    if kind == "EncoderDecoderModel":
        both = {"decoder_start_token_id": 2, "pad_token_id": 0, "eos_token_id": 3}
        config = transformers.EncoderDecoderConfig.from_encoder_decoder_configs(
            config, transformers.BertConfig(**{**given, "num_hidden_layers": 3}), **both
        )
    return random_model(getattr(transformers, kind), config, attn_implementation)
