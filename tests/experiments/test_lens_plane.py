"""Experiment.lens_plane: the logit lens at many positions, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from support import predicting, seq2seq
from support.models import TEXT, tiny, tokenizer
from support.reactions import REACTION
from support.surroundings import assert_equal, deep

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.experiments import HeadOff, LensInterruptedError, LensPlane, tail
from attention_widget.experiments.comparing import Comparison
from attention_widget.experiments.lens_plane import planes_of
from attention_widget.experiments.placed_states import with_states


@pytest.fixture(scope="module")
def gemma() -> Experiment:
    return Experiment(tiny("gemma2", "eager"), TEXT, tokenizer=tokenizer(), progress=False)


def assert_is_lens(plane: LensPlane, lab: Any) -> None:
    """Each column is the lens of its position, within the rounding of products of other shapes."""
    for column, position in enumerate(plane.positions):
        lens = lab.lens(position, top_k=1, follow=[int(plane.answer_ids[column])])
        np.testing.assert_array_equal(plane.ids[:, column], lens.ids[:, 0, 0])
        np.testing.assert_allclose(
            plane.probabilities[:, column], lens.probabilities[:, 0, 0], rtol=1e-5
        )
        np.testing.assert_allclose(
            plane.answer_probabilities[:, column], lens.followed_probabilities[:, 0, 1], rtol=1e-5
        )
        np.testing.assert_array_equal(plane.answer_ranks[:, column], lens.followed_ranks[:, 0, 1])
        assert [row[column] for row in plane.tokens] == [row[0][0] for row in lens.tokens]


def test_it_is_the_lens_position_by_position(gemma: Experiment) -> None:
    plane = gemma.lens_plane()
    n_tokens = len(gemma.read_tokens)
    assert (plane.layers, plane.n_layers) == ((0, 1, 2), 3)
    assert plane.positions == tuple(range(n_tokens))
    assert plane.read == tuple(token.label for token in gemma.read_tokens)
    assert_is_lens(plane, gemma)
    whole = gemma.lens(None, top_k=1)  # the same products: not even rounding differs
    np.testing.assert_array_equal(plane.probabilities[:-1], whole.probabilities[:-1, :, 0])


@pytest.mark.parametrize("positions", [None, [3, -1], range(5), 0])
def test_the_last_row_is_what_is_predicted_to_the_bit(gemma: Experiment, positions: Any) -> None:
    plane, found = gemma.lens_plane(positions), gemma.predictions(4, positions)
    assert plane.predicts == found.predicts
    assert plane.positions == found.positions
    np.testing.assert_array_equal(plane.ids[-1], found.ids[:, 0])
    np.testing.assert_array_equal(plane.probabilities[-1], found.probabilities[:, 0])
    np.testing.assert_array_equal(plane.answer_ids, found.ids[:, 0])
    np.testing.assert_array_equal(plane.answer_probabilities[-1], found.probabilities[:, 0])
    assert plane.answers == tuple(row[0] for row in found.tokens)
    assert (plane.answer_ranks[-1] == 1).all()
    assert_is_lens(plane, gemma)


def test_an_answer_may_be_chosen_for_all_positions_or_for_each(gemma: Experiment) -> None:
    novel = tokenizer().convert_tokens_to_ids("novel")
    one = gemma.lens_plane([0, 4, 2], answer="novel")
    np.testing.assert_array_equal(one.answer_ids, [novel] * 3)
    assert one.answers == ("novel",) * 3
    found = gemma.predictions(1, [0, 4, 2], follow=["novel"])
    np.testing.assert_array_equal(one.answer_ranks[-1], found.followed_ranks[:, 0])
    np.testing.assert_array_equal(one.answer_probabilities[-1], found.followed_probabilities[:, 0])
    assert_is_lens(one, gemma)
    each = gemma.lens_plane([0, 4, 2], answer=[5, "novel", 7])
    np.testing.assert_array_equal(each.answer_ids, [5, novel, 7])
    assert_is_lens(each, gemma)


def test_logits_are_never_held_of_more_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "_CHUNK", 4)
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer(), progress=False)
    _ = lab.trace  # whose pass has the logits of all
    sizes: list[int] = []
    hook = lab.model.lm_head.register_forward_hook(lambda _, __, out: sizes.append(out.shape[1]))
    try:
        plane = lab.lens_plane()
    finally:
        hook.remove()
    assert max(sizes) == 8  # with the model's own beside those of its last layer
    assert_is_lens(plane, lab)
    np.testing.assert_array_equal(plane.probabilities[-1], lab.predictions(1).probabilities[:, 0])


def test_a_masked_model_has_one_too(reactions: tuple[Any, Any]) -> None:
    model, own = reactions
    lab = Experiment(model, REACTION, tokenizer=own, progress=False).mask(9)
    plane = lab.lens_plane([8, 9, 10])
    assert (plane.predicts, plane.n_layers) == ("token", 12)
    assert_is_lens(plane, lab)
    assert plane.answer_ranks[0, 1] > plane.answer_ranks[-1, 1] == 1


def test_a_decoder_beside_an_encoder_has_one_of_its_own_tokens() -> None:
    model = seq2seq.tiny_seq2seq("T5ForConditionalGeneration")
    lab = Experiment(
        model, "a novel idea", target="a good novel", tokenizer=tokenizer(), progress=False
    )
    plane = lab.lens_plane()
    assert lab.decoder is not None
    assert plane.read == tuple(token.label for token in lab.decoder.tokens)
    assert_is_lens(plane, lab)


def test_with_edits_it_is_that_of_their_pass() -> None:
    model, own = predicting.causal()
    lab = Experiment(model, predicting.NOVEL, tokenizer=own, progress=False)
    edits = [HeadOff(1, 2)]
    edited = Comparison(lab, edits)
    before = lab.lens_plane()
    *_, after = planes_of(edited, None, before.answer_ids.tolist())
    assert_is_lens(after, edited)
    np.testing.assert_array_equal(after.answer_ids, before.answer_ids)
    np.testing.assert_allclose(after.probabilities[0], before.probabilities[0], rtol=1e-5)
    assert not np.allclose(after.probabilities[1:], before.probabilities[1:], rtol=1e-4)
    logits = torch.from_numpy(lab.without(*edits).after)
    np.testing.assert_allclose(
        after.answer_probabilities[-1],
        logits.softmax(-1).gather(-1, torch.from_numpy(before.answer_ids)[:, None])[:, 0],
        rtol=1e-5,
    )


def test_it_grows_from_the_last_layer_on(gemma: Experiment) -> None:
    whole = gemma.lens_plane()
    partial = list(planes_of(gemma))
    assert [each.layers for each in partial] == [(2,), (1, 2), (0, 1, 2)]
    for each in partial:
        np.testing.assert_array_equal(each.ids, whole.ids[-len(each.layers) :])
        np.testing.assert_array_equal(each.answer_ranks, whole.answer_ranks[-len(each.layers) :])
    few = list(planes_of(gemma, [1, 2]))
    assert [each.layers for each in few] == [(2,), (0, 1, 2)]  # several layers fit into a chunk


def test_an_interrupt_leaves_the_layers_that_were_read_and_the_model_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, own = predicting.causal()
    lab = Experiment(model, predicting.NOVEL, tokenizer=own, progress=False)
    whole, as_it_was = lab.lens_plane(), deep(model)
    of_states = tail.Tail.of_states
    calls: list[int] = []

    def breaking(self: tail.Tail, states: Any, beside: Any = ()) -> Iterator[torch.Tensor]:
        calls.append(len(states))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return of_states(self, states, beside)

    monkeypatch.setattr(tail.Tail, "of_states", breaking)
    with pytest.raises(LensInterruptedError, match="2 of 3 layers are read") as caught:
        lab.lens_plane()
    found = caught.value.plane
    assert found is not None
    assert found.layers == (1, 2)
    np.testing.assert_array_equal(found.probabilities, whole.probabilities[1:])
    monkeypatch.undo()
    assert_equal(deep(model), as_it_was)
    np.testing.assert_array_equal(lab.lens_plane().probabilities, whole.probabilities)


def test_the_table_is_for_a_data_frame(gemma: Experiment) -> None:
    plane = gemma.lens_plane([1, 4])
    rows = plane.table()
    assert [(row["layer"], row["position"]) for row in rows] == [
        *((0, 1), (0, 4), (1, 1), (1, 4), (2, 1), (2, 4))
    ]
    assert rows[-1]["prediction"] == rows[-1]["answer"] == plane.answers[1]
    assert rows[0]["answer_rank"] == plane.answer_ranks[0, 0]
    assert repr(plane) == "LensPlane(3 layers, 2 positions)"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"positions": 40}, IndexError, "position must be in 0–16, got 40"),
        ({"positions": []}, ValueError, "positions must name one token or more, got none"),
        ({"answer": "no such token"}, ValueError, "must be one entry of the vocabulary"),
        ({"answer": 10**6}, ValueError, "the id of a token must be in 0–"),
        ({"answer": [1, 2]}, ValueError, "one for each of the 17 positions, got a list of 2"),
        ({"answer": {}}, TypeError, "answer must be a token .*got dict"),
        ({"answer": True}, TypeError, "answer must be a token .*got bool"),
    ],
)
def test_bad_input_is_refused_before_a_layer_is_read(
    gemma: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("a layer was read")

    monkeypatch.setattr(tail.Tail, "of_states", never)
    with pytest.raises(error, match=words):
        gemma.lens_plane(**arguments)


def test_a_plane_that_does_not_end_in_the_prediction_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = Experiment(tiny("gpt2"), TEXT, tokenizer=tokenizer(), progress=False)
    own = with_states

    def off(output: Any, n_tokens: int, states: torch.Tensor) -> Any:
        return own(output, n_tokens, states.roll(1, -1))

    monkeypatch.setattr(tail, "with_states", off)
    with pytest.raises(UnsupportedModelError, match=r"GPT2LMHeadModel .*what its last layer gave"):
        lab.lens_plane()


def test_a_model_without_a_head_has_none(minilm: tuple[Any, Any]) -> None:
    lab = Experiment(minilm[0], TEXT, tokenizer=minilm[1], progress=False)
    with pytest.raises(ValueError, match="must have an output head"):
        lab.lens_plane()
