"""Tiny models that hear, and their feature extractors."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedModel, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

from support.media import SIZES, tiny

RATE = 16_000


CONVOLUTIONS = {"num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}


WAV2VEC = {**SIZES, **CONVOLUTIONS, "conv_dim": (8,) * 7}


SEW = {**WAV2VEC, "conv_dim": (8,) * 13}


SEQ2SEQ = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
}


WHISPER = {**SEQ2SEQ, "num_mel_bins": 8, "max_source_positions": 50}


WAVEFORM = Wav2Vec2FeatureExtractor()


MEL = WhisperFeatureExtractor(feature_size=8, chunk_length=1)


# model class -> configuration class, settings, feature extractor (its class), seconds a frame
FAMILIES: dict[str, tuple[str, dict[str, Any], Any, float]] = {
    "Wav2Vec2Model": ("Wav2Vec2Config", WAV2VEC, WAVEFORM, 0.02),
    "Wav2Vec2ForCTC": ("Wav2Vec2Config", {**WAV2VEC, "vocab_size": 9}, WAVEFORM, 0.02),
    "HubertModel": ("HubertConfig", WAV2VEC, WAVEFORM, 0.02),
    "Data2VecAudioModel": ("Data2VecAudioConfig", WAV2VEC, WAVEFORM, 0.02),
    "UniSpeechSatModel": ("UniSpeechSatConfig", WAV2VEC, WAVEFORM, 0.02),
    "Wav2Vec2ConformerModel": ("Wav2Vec2ConformerConfig", WAV2VEC, WAVEFORM, 0.02),
    "SEWModel": ("SEWConfig", SEW, WAVEFORM, 0.04),
    "WhisperModel": ("WhisperConfig", WHISPER, MEL, 0.02),
}


def load(kind: str, attn_implementation: str = "eager") -> PreTrainedModel:
    """The model, or its encoder where it has a decoder beside it."""
    config, given_settings, _, _ = FAMILIES[kind]
    model = tiny(kind, config, given_settings, attn_implementation)
    encoder: PreTrainedModel = model.get_encoder() if model.config.is_encoder_decoder else model
    return encoder
