"""capture() takes pictures and sound where the model does."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from support.media import SIZES, picture, sound, tiny
from support.toy_tokenizers import byte_level
from transformers import PreTrainedModel, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

from attention_widget.tracing import capture

VIT = {**SIZES, "image_size": 32, "patch_size": 8}
WAV2VEC = {
    **SIZES,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "conv_dim": (8,) * 7,
}
WHISPER = {
    "vocab_size": 600,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "num_mel_bins": 8,
    "max_source_positions": 50,
    "max_target_positions": 40,
    "decoder_start_token_id": 1,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "suppress_tokens": None,
    "begin_suppress_tokens": None,
}
RATE = 16_000
WAVEFORM = Wav2Vec2FeatureExtractor()
MEL = WhisperFeatureExtractor(feature_size=8, chunk_length=1)


def processor() -> Any:
    found: Any = getattr(transformers, "ViTImageProcessorPil", None)
    return (found or transformers.ViTImageProcessor)(size={"height": 32, "width": 32})


def vit() -> PreTrainedModel:
    return tiny("ViTForImageClassification", "ViTConfig", VIT)


def test_pictures_in_every_form(tmp_path: Path) -> None:
    model, levels = vit(), picture()
    Image.fromarray(levels).save(tmp_path / "cat.png")
    expected = capture(model, levels, processor=processor())
    assert expected.image is not None
    assert expected.image.shape == (32, 32, 3)
    assert (len(expected.tokens), expected.texts, expected.target) == (17, (), None)
    for form in (str(tmp_path / "cat.png"), tmp_path / "cat.png", Image.fromarray(levels)):
        trace = capture(model, form, processor=processor())
        np.testing.assert_array_equal(trace.attention(1), expected.attention(1))
        np.testing.assert_array_equal(trace.image, expected.image)


def test_sound() -> None:
    model = tiny("Wav2Vec2Model", "Wav2Vec2Config", WAV2VEC)
    trace = capture(model, sound(9_000), sampling_rate=RATE, processor=WAVEFORM)
    assert trace.image is None
    assert len(trace.tokens) == 27
    assert trace.attention(0).shape == (4, 27, 27)
    row = {"array": sound(9_000), "sampling_rate": RATE}
    again = capture(model, row, processor=WAVEFORM)
    np.testing.assert_array_equal(again.attention(1), trace.attention(1))


def test_a_folder_with_its_processor(tmp_path: Path) -> None:
    vit().save_pretrained(tmp_path)
    processor().save_pretrained(tmp_path)
    trace = capture(tmp_path, picture())
    assert [token.label for token in trace.tokens[:3]] == ["[CLS]", "r0c0", "r0c1"]


def test_a_pipeline_brings_its_processor() -> None:
    pipeline: Any = transformers.pipeline(
        "image-classification", model=vit(), image_processor=processor()
    )
    assert len(capture(pipeline, picture()).tokens) == 17
    heard: Any = tiny("Wav2Vec2ForSequenceClassification", "Wav2Vec2Config", WAV2VEC)
    pipeline = transformers.pipeline(
        "audio-classification", model=heard, feature_extractor=WAVEFORM
    )
    assert len(capture(pipeline, sound(9_000), sampling_rate=RATE).tokens) == 27


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
def test_words_attend_to_sound(attn_implementation: str) -> None:
    kind, config = "WhisperForConditionalGeneration", "WhisperConfig"
    model = tiny(kind, config, WHISPER, attn_implementation)
    tokenizer = byte_level()
    trace = capture(
        model, sound(9_000), sampling_rate=RATE, processor=MEL, tokenizer=tokenizer, target="novel"
    )
    assert trace.target is not None
    assert [token.text for token in trace.target.tokens] == ["", "novel"]
    cross = trace.operation(1, "cross")
    assert cross.attention().shape == (4, 2, 50)
    ids = [[model.config.decoder_start_token_id, *tokenizer("novel")["input_ids"]]]
    features = MEL(sound(9_000), sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        own = tiny(kind, config, WHISPER)(
            **features, decoder_input_ids=torch.tensor(ids), output_attentions=True
        )
    np.testing.assert_allclose(cross.attention(), own.cross_attentions[1][0], atol=1e-5)
    np.testing.assert_allclose(trace.attention(1), own.encoder_attentions[1][0], atol=1e-5)


def test_words_attend_to_patches() -> None:
    decoder = {"vocab_size": 600, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 40}
    model: Any = transformers.VisionEncoderDecoderModel(
        encoder=tiny("ViTModel", "ViTConfig", VIT),
        decoder=tiny("GPT2LMHeadModel", "GPT2Config", {**decoder, "add_cross_attention": True}),
    ).eval()
    model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = 1
    model.config.pad_token_id = 0
    tokenizer = byte_level()
    trace = capture(
        model, picture(), processor=processor(), tokenizer=tokenizer, target="novel idea"
    )
    cross = trace.operation(0, "cross")
    queries, keys = trace.sides(cross.kind)
    assert [token.text for token in queries] == ["", "novel", "idea"]
    assert [token.label for token in keys[:2]] == ["[CLS]", "r0c0"]
    assert trace.image is not None
    assert cross.attention().shape == (4, 3, 17)


def test_an_offloaded_model_is_measured_as_well() -> None:
    model = tiny("DeiTModel", "DeiTConfig", VIT)
    expected = capture(model, picture(), processor=processor())
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    offloaded = accelerate.cpu_offload(copy.deepcopy(model), execution_device=torch.device("cpu"))
    trace = capture(offloaded, picture(), processor=processor())
    assert trace.tokens == expected.tokens
    assert trace.tokens[1].label == "[DISTILLATION]"
    np.testing.assert_array_equal(trace.attention(1), expected.attention(1))
    assert all(parameter.is_meta for parameter in offloaded.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_pair": "and?"}, "text_pair must be left out with ViTForImageClassification, which"),
        ({"windows": 8}, "windows must be left out with"),
        ({"target": "a cat"}, "target must be left out with"),
    ],
)
def test_what_goes_with_text_alone_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        capture(vit(), picture(), processor=processor(), **options)


def test_a_processor_for_text_is_refused() -> None:
    model = tiny("BertModel", "BertConfig", {**SIZES, "vocab_size": 600})
    with pytest.raises(ValueError, match="processor must be left out with"):
        capture(model, "novel", tokenizer=byte_level(), processor=processor())
