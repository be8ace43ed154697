"""A trace that an earlier version saved opens as the trace that this version makes.

The files in old_traces/ were written by the version before kinds had one name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from support.traces import as_maps, encoder_decoder, trace, windowed

from attention_widget.trace.positions import Positions
from attention_widget.trace.storage import digest_of
from attention_widget.trace.trace import Trace

OLD = Path(__file__).with_name("old_traces")


def decoder() -> Trace:
    return trace(heads=(2, 0, 1), dim=4, causal=True)


MADE: dict[str, Callable[[], Trace]] = {
    "decoder": decoder,
    "mixed": decoder,  # the file says that one of the layers is an encoder's
    "encoder_decoder": lambda: encoder_decoder(kv_heads=1),
    "windows": lambda: windowed(count=12, length=8, stride=4, heads=1),
    "words": lambda: encoder_decoder(kv_heads=1).without_special(renormalise=True).words(),
    "maps": lambda: as_maps(encoder_decoder(kv_heads=1)),
}


def alike(a: object, b: object) -> bool:
    """Whether two values are equal, sums of floats within rounding."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and torch.allclose(a, b, atol=1e-6)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if is_dataclass(a) and is_dataclass(b):
        names = [each.name for each in fields(a)]
        return type(a) is type(b) and all(alike(getattr(a, n), getattr(b, n)) for n in names)
    return a == b


@pytest.mark.parametrize("name", MADE)
def test_an_old_file_opens_as_what_it_was(name: str, tmp_path: Path) -> None:
    path, made = OLD / f"{name}.safetensors", MADE[name]()
    with safe_open(str(path), "pt") as file:
        assert file.metadata()["version"] == "1"
        assert '"stack": ' in file.metadata()["content"]
    loaded = Trace.load(path)
    assert alike(loaded, made)
    assert loaded.kinds == made.kinds
    loaded.save(tmp_path / "new")
    assert alike(Trace.load(tmp_path / "new"), loaded)
    if not made.windows:
        for kind in made.kinds:
            for layer in made.layers_with_attention(kind):
                np.testing.assert_allclose(
                    loaded.attention(layer, kind), made.attention(layer, kind), atol=1e-6
                )


@pytest.mark.parametrize("kind", ["encoder", "cross", "self", 3, None])
@pytest.mark.parametrize("stack", ["other", ["decoder"], {}, None])
def test_an_old_file_that_was_changed_is_refused_or_read(
    kind: object, stack: object, tmp_path: Path
) -> None:
    with safe_open(str(OLD / "decoder.safetensors"), "pt") as file:
        content = json.loads(file.metadata()["content"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    content["fields"]["blocks"][0]["fields"] |= {"kind": kind, "stack": stack}
    text = json.dumps(content)
    changed = {**metadata, "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "t", changed)
    if kind in ("encoder", "cross", "self"):
        assert isinstance(Trace.load(tmp_path / "t"), Trace)
        return
    with pytest.raises(ValueError, match="is no "):
        Trace.load(tmp_path / "t")


@pytest.mark.parametrize("name", MADE)
def test_a_file_from_before_pieces_opens_without_them(name: str, tmp_path: Path) -> None:
    made = MADE[name]()
    made.save(tmp_path / "new")
    with safe_open(str(tmp_path / "new"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "piece": null', "")
    assert "piece" not in text
    assert text != metadata["content"]
    second = {**metadata, "version": "2", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "second", second)
    assert alike(Trace.load(tmp_path / "second"), made)


def test_a_file_of_the_third_version_is_of_a_pass_without_edits(tmp_path: Path) -> None:
    made = windowed(count=12, length=8, stride=4, heads=1)
    made.save(tmp_path / "new")
    with safe_open(str(tmp_path / "new"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "edits": []', "").replace(', "passages": []', "")
    assert text != metadata["content"]
    third = {**metadata, "version": "3", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "third", third)
    assert alike(Trace.load(tmp_path / "third"), made)


def test_a_file_of_the_fourth_version_has_no_word_embeddings(tmp_path: Path) -> None:
    made = encoder_decoder()
    made.save(tmp_path / "new")
    with safe_open(str(tmp_path / "new"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "word_rows": null', "")
    assert "word_rows" not in text
    assert text != metadata["content"]
    fourth = {**metadata, "version": "4", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "fourth", fourth)
    loaded = Trace.load(tmp_path / "fourth")
    assert alike(loaded, made)
    with pytest.raises(LookupError, match="are not known in this trace"):
        loaded.word_embeddings()


def test_files_from_before_there_were_passages(tmp_path: Path) -> None:
    made = decoder()
    made.save(tmp_path / "now")
    with safe_open(str(tmp_path / "now"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "passages": []', "")
    assert text != metadata["content"]
    fourth = {**metadata, "version": "4", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "fourth", fourth)
    assert alike(Trace.load(tmp_path / "fourth"), made)


def test_files_from_before_there_were_positions(tmp_path: Path) -> None:
    made = decoder()
    made.save(tmp_path / "now")
    with safe_open(str(tmp_path / "now"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "positions": []', "").replace(', "padding": false', "")
    assert "padding" not in text
    assert "positions" not in text
    fifth = {**metadata, "version": "5", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "fifth", fifth)
    assert alike(Trace.load(tmp_path / "fifth"), made)


def test_a_file_of_the_fifth_version_keeps_no_weights(tmp_path: Path) -> None:
    made = windowed(count=12, length=8, stride=4, heads=1)
    made.save(tmp_path / "now")
    with safe_open(str(tmp_path / "now"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "projections": []', "")
    assert text != metadata["content"]
    fifth = {**metadata, "version": "5", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "fifth", fifth)
    assert alike(Trace.load(tmp_path / "fifth"), made)


def test_positions_of_the_sixth_version_are_counted_from_the_first_token(tmp_path: Path) -> None:
    turned = Positions("decoder", "rotary", 6, "rotary", (0,), frequencies=torch.ones(2))
    made = replace(decoder(), positions=(turned,))
    made.save(tmp_path / "now")
    with safe_open(str(tmp_path / "now"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "first": 0', "")
    assert text != metadata["content"]
    sixth = {**metadata, "version": "6", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "sixth", sixth)
    assert Trace.load(tmp_path / "sixth").positions[0].first == 0


def test_positions_of_the_seventh_version_have_no_buckets(tmp_path: Path) -> None:
    turned = Positions("decoder", "rotary", 6, "rotary", (0,), frequencies=torch.ones(2))
    replace(decoder(), positions=(turned,)).save(tmp_path / "now")
    with safe_open(str(tmp_path / "now"), "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["content"].replace(', "buckets": null', "")
    assert text != metadata["content"]
    seventh = {**metadata, "version": "7", "content": text, "sha256": digest_of(text, tensors)}
    save_file(tensors, tmp_path / "seventh", seventh)
    assert Trace.load(tmp_path / "seventh").positions[0].buckets is None


def test_edits_are_saved(tmp_path: Path) -> None:
    made = replace(decoder(), edits=("Layer 0, head 1 is switched off: it gives out zero.",))
    made.save(tmp_path / "t")
    assert Trace.load(tmp_path / "t").edits == made.edits
    assert ", 1 edit, " in repr(made)
    assert "edit" not in repr(decoder())


def test_what_is_saved_now_says_the_kind_alone(tmp_path: Path) -> None:
    made = replace(encoder_decoder(), hidden=())
    made.save(tmp_path / "t")
    with safe_open(str(tmp_path / "t"), "pt") as file:
        assert file.metadata()["version"] == "8"
        assert '"stack"' not in file.metadata()["content"]
