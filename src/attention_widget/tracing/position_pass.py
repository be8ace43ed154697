"""positions(): how a model tells positions apart, found in a pass of its own."""

from __future__ import annotations

from typing import Any, Final

import torch

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.positions import Positions
from attention_widget.trace.token import Token
from attention_widget.tracing.decoder_input import DecoderInput
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.inputs.validation import check_model
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

_USUAL: Final = 64


def positions(
    model: Any, n: int | None = None, *, kind: Kind | None = None
) -> tuple[Positions, ...]:
    """How a model tells positions apart: its learned or sinusoidal tables, the angles by which it
    turns queries and keys, or the bias that it adds by distance.

    The model runs once, on ``n`` tokens of no meaning, and is left as it was. What its modules are
    heard to give, and what is added to its scores, is kept: nothing is computed from a config. A
    trace has the same of its own tokens, ``trace.positions``.

    Args:
        model: what :func:`capture` takes that reads text.
        n: positions, from 0 on; 64 by default, or as many as the model takes.
        kind: of the stack of this kind of attention alone, "encoder" or "decoder".

    Returns:
        A :class:`Positions` for each way, as a model may have several: another for local layers, a
        table and a bias.

    >>> from attention_widget import positions
    >>> [table] = positions(model, 16)
    >>> table.encoding, table.table.shape  # (position, dimension)
    ('learned', (16, 384))

    Raises:
        UnsupportedModelError: what the model does is none of these, or capture cannot read it.
        TypeError, ValueError: ``n`` is no whole number from 1 to the model's limit; the model takes
            no text.
    """
    if kind is not None:
        check_kind(kind)
        if kind == "cross":
            raise InvalidValueError(
                "kind must be encoder or decoder, got 'cross'; cross-attention has no positions"
            )
    wanted = None if n is None else _checked(n)
    tracer = Tracer(model, progress=False)
    check_model(tracer.model, tracer.modules.values())
    limits = [tracer.limit, tracer.target_limit if tracer.two_stacks else None]
    limit = min((each for each in limits if each is not None), default=None)
    if wanted is not None and limit is not None and wanted > limit:
        raise InvalidValueError(
            f"n must be at most {limit}, as many tokens as {type(tracer.model).__name__} takes, "
            f"got {wanted}"
        )
    count = wanted or min(_USUAL, limit or _USUAL)
    ids = _ids(tracer.model, count)
    tokens = tuple(Token(index, id, str(index)) for index, id in enumerate(ids.tolist()))
    encoded = Encoded({"input_ids": ids[None]}, tokens, ("",))
    decoder = DecoderInput(ids[None], tokens, ("",)) if tracer.two_stacks else None
    with ONE_AT_A_TIME:
        trace = tracer.trace(encoded, decoder)[0]
    found = tuple(one for one in trace.positions if kind in (None, one.kind))
    if not found or all(one.encoding == "other" for one in found):
        raise UnsupportedModelError(
            tracer.model,
            "tells positions apart in a way that is not known here: no table or rotation of its "
            "modules was heard, and what is added to its scores is no function of the distance",
        )
    return found


def _checked(n: object) -> int:
    count = as_integer(n)
    if count is None:
        raise InvalidTypeError(f"n must be a whole number, or None, got {type(n).__name__}")
    if count < 1:
        raise InvalidValueError(f"n must be at least 1, got {count}")
    return count


def _ids(model: Any, count: int) -> torch.Tensor:
    """Ids of different tokens, none of which the config names: padding has no position."""
    config = model.config.get_text_config()
    named: set[object] = set()
    for name, value in vars(config).items():
        if name.endswith("_token_id"):
            named.update(value if isinstance(value, list) else [value])
    size = int(getattr(config, "vocab_size", 0) or count + 8)
    free = [id for id in range(min(size, count + 64)) if id not in named] or [0]
    ids = [free[index % len(free)] for index in range(count)]
    return torch.tensor(ids, dtype=torch.long, device="cpu")
