"""Sound: each token is a frame with its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from support.hearing import (
    FAMILIES,
    MEL,
    RATE,
    WAV2VEC,
    WAVEFORM,
    WHISPER,
    load,
)
from support.media import SIZES, own, sound, tiny, traced

from attention_widget import capture
from attention_widget.tracing.inputs.audio import encode_audio, samples_of
from attention_widget.tracing.model.errors import UnsupportedModelError


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", FAMILIES)
def test_attention_and_hidden_states_are_the_models_own(
    kind: str, attn_implementation: str
) -> None:
    model = load(kind, attn_implementation)
    encoded = encode_audio(model, sound(9_000), RATE, FAMILIES[kind][2])
    expected = own(load(kind, "eager"), encoded)
    trace = traced(model, encoded)
    assert len(trace.operations) == len(expected.attentions) == 2
    for block, weights in zip(trace.operations, expected.attentions, strict=True):
        np.testing.assert_allclose(block.attention(), weights[0], atol=1e-5)
    for layer in range(trace.n_layers):
        found = expected.hidden_states[layer][0]
        if found.shape[0] == len(trace.tokens):  # SEW reports them stretched to all frames
            np.testing.assert_allclose(trace.hidden_states(layer), found, atol=1e-4)
    assert trace.texts == ()


@settings(max_examples=15, deadline=None)
@given(n_samples=st.integers(1_000, 15_999))
@pytest.mark.parametrize("kind", FAMILIES)
def test_times_follow_each_other_and_cover_the_sound(kind: str, n_samples: int) -> None:
    _, _, extractor, step = FAMILIES[kind]
    tokens = encode_audio(load(kind), sound(n_samples), RATE, extractor).tokens
    end = 0.0
    for token in tokens:
        assert token.time is not None
        assert token.time == pytest.approx((end, end + step))
        assert token.label == f"{end:.2f} s"
        assert (token.id, token.text, token.word, token.box, token.special) == (
            None,
            "",
            None,
            None,
            False,
        )
        end = token.time[1]
    if kind == "WhisperModel":
        assert end == pytest.approx(1.0)  # what the model hears is padded with silence
    else:
        assert end <= n_samples / RATE < end + 2 * step


@pytest.mark.parametrize("n_samples", [1_000, 40_000, 40_319])
@pytest.mark.parametrize("kind", ["Wav2Vec2Model", "HubertModel", "SEWModel"])
def test_there_are_as_many_tokens_as_the_model_makes_frames(kind: str, n_samples: int) -> None:
    model: Any = load(kind)
    tokens = encode_audio(model, sound(n_samples), RATE, WAVEFORM).tokens
    frames = int(model._get_feat_extract_output_lengths(torch.tensor(n_samples)))
    assert len(tokens) == frames // getattr(model.config, "squeeze_factor", 1)


def test_sound_is_heard_at_the_time_of_its_frame() -> None:
    """Layer norm in place of group norm keeps the convolutions local."""
    local = {**WAV2VEC, "feat_extract_norm": "layer"}
    model: Any = tiny("Wav2Vec2Model", "Wav2Vec2Config", local)
    samples = sound(16_000)
    tokens = encode_audio(model, samples, RATE, WAVEFORM).tokens
    louder = samples.copy()
    louder[8_160:8_200] *= 3  # heard in one frame alone
    with torch.no_grad():
        before, after = (
            model.feature_extractor(torch.from_numpy(one)[None]) for one in (samples, louder)
        )
    moved = (after - before).abs().amax(1)[0] > 1e-6  # (token,)
    assert len(moved) == len(tokens)
    assert [token.time for token, it in zip(tokens, moved.tolist(), strict=True) if it] == [
        pytest.approx((0.5, 0.52))
    ]


def test_wavlm_reports_the_mean_of_its_heads() -> None:
    model = tiny("WavLMModel", "WavLMConfig", WAV2VEC)
    encoded = encode_audio(model, sound(9_000), RATE, WAVEFORM)
    attention = traced(model, encoded).attention(1)
    assert np.abs(attention[0] - attention[1]).max() > 0.1
    np.testing.assert_allclose(
        attention.mean(0), own(model, encoded).attentions[1][0, 0], atol=1e-5
    )


def test_feature_extractors_with_steps_of_their_own() -> None:
    """Mel features of 10 ms, taken in pairs."""
    settings_of = {**SIZES, "feature_projection_input_dim": 160}
    model = tiny("Wav2Vec2BertModel", "Wav2Vec2BertConfig", settings_of)
    extractor = transformers.SeamlessM4TFeatureExtractor()
    encoded = encode_audio(model, sound(RATE), RATE, extractor)
    assert len(encoded.tokens) == 49
    assert encoded.tokens[48].time == pytest.approx((0.96, 0.98))
    trace = traced(model, encoded)
    weights = own(tiny("Wav2Vec2BertModel", "Wav2Vec2BertConfig", settings_of), encoded)
    np.testing.assert_allclose(trace.attention(1), weights.attentions[1][0], atol=1e-5)


class TestWhisper:
    def test_silence_after_the_sound_has_frames_too(self) -> None:
        tokens = encode_audio(load("WhisperModel"), sound(4_000), RATE, MEL).tokens
        assert len(tokens) == 50
        assert tokens[-1].time == pytest.approx((0.98, 1.0))

    def test_longer_sound_is_refused_or_cut(self) -> None:
        model, samples = load("WhisperModel"), sound(20_000)
        with pytest.raises(ValueError, match=r"must last at most 1 s, .*, got 1\.25 s"):
            encode_audio(model, samples, RATE, MEL)
        cut = encode_audio(model, samples, RATE, MEL, truncation=True)
        expected = encode_audio(model, samples[:16_000], RATE, MEL)
        torch.testing.assert_close(cut.inputs, expected.inputs)

    def test_the_whole_model_has_the_tokens_of_its_encoder(self) -> None:
        model = tiny("WhisperModel", "WhisperConfig", WHISPER)
        assert len(encode_audio(model, sound(4_000), RATE, MEL).tokens) == 50


class TestGivenSound:
    def test_arrays_tensors_lists_and_rows_of_datasets_are_the_same(self) -> None:
        model, samples = load("Wav2Vec2Model"), sound(2_000)
        expected = encode_audio(model, samples, RATE, WAVEFORM)
        for form in (samples.astype(np.float64), torch.from_numpy(samples), samples.tolist()):
            found = encode_audio(model, form, RATE, WAVEFORM)
            torch.testing.assert_close(found.inputs, expected.inputs)
        row = {"array": samples, "sampling_rate": RATE, "path": None}
        torch.testing.assert_close(
            encode_audio(model, row, processor=WAVEFORM).inputs, expected.inputs
        )

    @pytest.mark.parametrize(
        ("audio", "message"),
        [
            ("speech.wav", "audio must be one channel of floats .* got str"),
            (np.zeros((2, 9)), r"shape \(2, 9\).*take the mean of the channels"),
            (np.zeros(0), r"shape \(0,\)"),
            (np.zeros(9, np.int16), "array of int16; divide by 32768"),
            (np.array([0.0, np.nan]), "values that are not finite"),
        ],
    )
    def test_other_sound_is_refused(self, audio: object, message: str) -> None:
        with pytest.raises((TypeError, ValueError), match=message):
            samples_of(audio)

    @pytest.mark.parametrize(
        ("rate", "message"),
        [
            (44_100, "must be 16000, .* Wav2Vec2Model takes, got 44100; resample"),
            (None, "sampling_rate must be 16000, .*, got None"),
        ],
    )
    def test_another_sampling_rate_is_refused(self, rate: int | None, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            encode_audio(load("Wav2Vec2Model"), sound(2_000), rate, WAVEFORM)

    def test_sound_too_short_for_one_frame_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"cannot read input_values \(1, 100\)"):
            encode_audio(load("Wav2Vec2Model"), sound(100), RATE, WAVEFORM)


class TestFeatureExtractor:
    def test_it_is_found_in_the_folder_of_the_model(self, tmp_path: Path) -> None:
        load("Wav2Vec2Model").save_pretrained(tmp_path)
        WAVEFORM.save_pretrained(tmp_path)
        model = transformers.Wav2Vec2Model.from_pretrained(tmp_path)
        assert len(encode_audio(model, sound(2_000), RATE).tokens) == 6
        # The model has a part that is called feature_extractor, too.
        assert len(capture(model, sound(2_000), sampling_rate=RATE).tokens) == 6

    def test_without_one_the_error_says_what_to_pass(self) -> None:
        with pytest.raises(ValueError, match=r"built from a config.*processor=AutoFeatureExtr"):
            encode_audio(load("Wav2Vec2Model"), sound(2_000), RATE)

    def test_others_are_refused(self) -> None:
        with pytest.raises(TypeError, match=r"must be a transformers feature extractor .* got str"):
            encode_audio(load("Wav2Vec2Model"), sound(2_000), RATE, "wav2vec2")

    def test_one_of_another_model_is_refused(self) -> None:
        with pytest.raises(
            ValueError, match=r"must make input_values of sound, .*; pass the model's own"
        ):
            encode_audio(load("Wav2Vec2Model"), sound(2_000), RATE, MEL)


def test_a_spectrogram_in_patches_is_refused_with_the_reason() -> None:
    model = tiny("ASTModel", "ASTConfig", {**SIZES, "max_length": 64, "num_mel_bins": 32})
    extractor = transformers.ASTFeatureExtractor(max_length=64, num_mel_bins=32)
    with pytest.raises(UnsupportedModelError, match="not frames of equal length: it makes 12 of"):
        encode_audio(model, sound(9_000), RATE, extractor)


def test_a_model_for_text_is_refused() -> None:
    model = tiny("BertModel", "BertConfig", {**SIZES, "vocab_size": 9})
    with pytest.raises(ValueError, match="must take sound, got BertModel, which takes input_ids"):
        encode_audio(model, sound(2_000), RATE, WAVEFORM)
