"""Edits on a tiny model of every type with a language-model head, held against other ways.

``python -m pytest tests/experiments/test_all_types.py``; it takes some minutes.
"""

from __future__ import annotations

import warnings

import pytest
from examine_edits import examine_edits
from transformers.models.auto import modeling_auto

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CAUSAL = modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
MASKED = modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
SEQ2SEQ = modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES

# types of which no tiny instance is made here, and one that reads sound
UNBUILT = {
    *("dots3_note", "dots3_note_text", "emu3", "gemma3n", "gemma4_assistant", "musicgen"),
    *("gemma4_unified_assistant", "musicgen_melody", "whisper", "perceiver", "vibevoice_asr"),
    "voxtral_realtime",
}
NO_TRACE = {
    *("blt", "falcon_mamba", "mamba", "mamba2", "rwkv", "xlstm", "fnet", "funnel"),
    *("mra", "pegasus_x", "yoso"),
}
MAPS_ALONE = {"cpmant", "longt5", "reformer", "t5gemma2"}


@pytest.mark.parametrize("model_type", sorted({*CAUSAL, *MASKED, *SEQ2SEQ} - UNBUILT))
def test_edits_of_a_type(model_type: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        finding = examine_edits(model_type)
    if model_type in MAPS_ALONE:
        assert "known by the maps that the model reports alone" in finding.refusal
        return
    if model_type in NO_TRACE:
        assert finding.refusal
        assert not finding.places
        return
    assert not finding.refusal, finding
    assert finding.right, finding
    assert finding.places
    assert finding.batches, finding
    assert finding.columns is not None or finding.row is not None, finding
