"""A sample of tools/survey.py: every way of recording, every kind of attention, exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examine import TOLERANCE, Finding, examine
from survey import survey
from survey_page import page
from tiny_models import model_types

KNOWN = model_types()
BENT = "makes its queries otherwise"
NO_EDITS = {
    **{"columns": None, "edge": None, "row": None},
    **{"batches": False, "resumed": 0},
}

# model type -> how it is recorded
CAPTURED = {
    # on the attention interface: encoders
    "albert": "interface",
    "bert": "interface",
    "camembert": "interface",
    "distilbert": "interface",
    "electra": "interface",
    "esm": "interface",
    "modernbert": "interface",
    "roberta": "interface",
    # decoders: grouped and multi-query, latent, windows, caps, sinks, hybrids, experts
    "bamba": "interface",
    "cohere2": "interface",
    "deepseek_v3": "interface",
    "deepseek_v4": "interface",
    "diffllama": "interface",
    "falcon": "sdpa",
    "gemma2": "interface",
    "gemma3_text": "interface",
    "gpt2": "interface",
    "gpt_bigcode": "interface",
    "gpt_neox": "interface",
    "gpt_oss": "interface",
    "granite_swa": "interface",
    "inkling2": "interface",
    "jamba": "interface",
    "llama": "interface",
    "mistral": "interface",
    "mixtral": "interface",
    "olmo2": "interface",
    "opt": "interface",
    "qwen3": "interface",
    "qwen3_next": "interface",
    # encoder-decoders
    "bart": "interface",
    "fsmt": "written out",
    "m2m_100": "interface",
    "t5": "interface",
    "t5gemma2": "reported maps",
    "umt5": "interface",
    "bigbird_pegasus": "written out",
    # attention in code of their own
    "bloom": "written out",
    "codegen": "written out",
    "convbert": "written out",
    "ctrl": "interface",
    "deberta": "written out",
    "deberta-v2": "written out",
    "flaubert": "written out",
    "gpt_neo": "written out",
    "gptj": "written out",
    "led": "written out",
    "longformer": "written out",
    "layoutlmv3": "written out",
    "mpnet": "written out",
    "mpt": "written out",
    "prophetnet": "written out",
    "rembert": "written out",
    "roformer": "written out",
    "squeezebert": "written out",
    "xlm": "written out",
    "xlnet": "written out",
    # more positions than tokens: what the model reports of the tokens
    "cpmant": "reported maps",
    # products that can't be seen
    "longt5": "reported maps",
    "reformer": "reported maps",
    # pictures, sound, and both beside text
    "clip": "interface",
    "vit": "interface",
    "wav2vec2": "interface",
    "wavlm": "multi-head",
    "whisper": "interface",
}

# model type -> part of the reason
REFUSED = {
    "canine": "attends over other positions than its tokens",
    "fnet": "has no attention",
    "funnel": "attends over other positions than its tokens",
    "mamba": "has no attention",
    "mra": "computes its attention in code of its own",
    "rwkv": "computes its attention in code of its own",
    "yoso": "computes its attention in code of its own",
}


def found(model_type: str) -> Finding:
    if model_type not in KNOWN:
        pytest.skip(f"transformers does not know {model_type}")
    return examine(model_type)


@pytest.mark.parametrize("model_type", CAPTURED)
def test_what_is_captured_is_what_the_model_computed(model_type: str) -> None:
    finding = found(model_type)
    assert CAPTURED[model_type] in finding.how
    assert finding.right
    assert finding.matched == finding.reported
    assert finding.difference is None or finding.difference <= TOLERANCE
    assert finding.reported or finding.product is not None


def test_encoder_decoders_have_all_three_kinds() -> None:
    for model_type in ("t5", "bart", "fsmt"):
        assert set(found(model_type).kinds) == {"encoder", "decoder", "cross"}


@pytest.mark.parametrize("model_type", REFUSED)
def test_what_is_not_captured_is_refused_with_the_reason(model_type: str) -> None:
    finding = found(model_type)
    assert not finding.how
    assert REFUSED[model_type] in finding.refusal


def test_the_sample_has_every_mechanism() -> None:
    assert len(CAPTURED) >= 40
    assert {"interface", "sdpa", "multi-head", "written out", "reported maps"} == set(
        CAPTURED.values()
    )


def test_the_page_counts_and_says_why_not() -> None:
    written = page(
        [
            Finding(
                "good",
                reads="text",
                how=["sdpa"],
                reported=2,
                matched=2,
                difference=2e-7,
                edits={
                    **{"columns": 0.0, "edge": 2e-7, "row": 3e-8},
                    **{"batches": True, "resumed": 1, "refusal": ""},
                },
                language=[
                    {
                        **{"sort": "masked", "predictions": 0.0, "lens": 3e-7, "refusal": ""},
                        "sums": {"direct": 4e-7, "score": None, "score_refusal": BENT},
                    },
                    {
                        **{"sort": "causal", "predictions": 0.2, "lens": None},
                        "refusal": "hands on 3 states in layer 7",
                        "sums": {"direct": float("inf"), "score": 5e-8},
                    },
                    {"sort": "causal", "failure": "RuntimeError"},
                ],
            ),
            Finding("bad", reads="text", how=["sdpa"], reported=2, matched=1, difference=0.3),
            Finding("none", reads="text", refusal="has no attention"),
            Finding("odd", failure="ImportError: it | needs timm"),
            Finding("maps", how=["sdpa"], edits={**NO_EDITS, "refusal": "is known by maps alone"}),
            Finding("crash", how=["sdpa"], edits={"failure": "RuntimeError: no"}),
        ]
    )
    assert "- 6 model types, of which 5 ran here" in written
    assert "Of types that read text, 2 report attention maps, and 1 of them (50.0%)" in written
    assert "- 1 are captured and wrong." in written
    assert "| bad | text | sdpa |  | **WRONG** 3e-01 |" in written
    ends = (
        "masked 0e+00, causal **WRONG** 2e-01 | masked 3e-07, causal refused | 2e-07 | "
        "masked 4e-07, causal **WRONG** inf | masked refused, causal 5e-08"
    )
    assert f"| good | text | sdpa |  | 2e-07 | {ends} |" in written
    assert "Of 2 language models of these types, 1 of them causal" in written
    assert "- 1, 0 of them causal: the last layer of the lens" in written
    assert "- 1, 0 of them causal: what heads, MLPs and embeddings write sums" in written
    assert "- 1, 1 of them causal: what wrote into query and key sums" in written
    assert written.count("- 2 are wrong. Goal: none.") == 1
    assert "Of 2 types with a language model, run again with something changed" in written
    assert "- 1: a head that is off gives what zeros" in written
    assert "- 1: several edits as a batch" in written
    assert "Refused by name, logit lens. The model …\n\n- hands on … states in a layer: good" in (
        written
    )
    assert "Refused by name, edits. The model …\n\n- is known by maps alone: maps" in written
    assert f"Refused by name, q·k by what wrote it. The model …\n\n- {BENT}: good" in written
    assert "| none | text |  |  | refused: has no attention |" in written
    assert r"not examined: ImportError: it \| needs timm" in written
    assert written.index("| bad") < written.index("| good") < written.index("| none")


def test_a_survey_goes_on_with_what_it_has(tmp_path: Path) -> None:
    keep = tmp_path / "findings.jsonl"
    keep.write_text('{"model_type": "bert", "model": "known before"}\n', encoding="utf-8")
    known, new = survey(["bert", "fnet"], 1, 300, keep)
    assert known["model"] == "known before"
    assert "has no attention" in new["refusal"]
    assert [json.loads(line) for line in keep.read_text("utf-8").splitlines()] == [known, new]
