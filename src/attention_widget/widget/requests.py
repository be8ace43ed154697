"""What the browser asks, which may be anything: each wish gets exactly one reply, and each message
that is not made of wishes."""

from __future__ import annotations

import reprlib
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidValueError
from attention_widget.protocol.tensors import Header
from attention_widget.widget.asking import Asking, reason_of
from attention_widget.widget.target import KEPT

T = TypeVar("T")


@dataclass
class Reply:
    header: dict[str, Any]
    buffers: list[bytes] = field(default_factory=list)
    done: bool = False
    """What was asked is done: an error after it is no matter of the browser's."""


class Requests:
    """What a browser can ask: nothing ("ready"), tensors, a forward pass on another text, or a
    question to the model.

    Args:
        send: takes the header and buffers of a reply.
        heard: called for each message that makes sense.
        tensor: takes the number of a forward pass and a key.
        run: takes text, second text, whether a text that is too long is cut, the reply, which
            is ``done`` once the text is read, and the target.
        held: while it lasts, a text is held back where memory is short, unless it is to be read
            anyway.
        asking: answers questions in replies of its own.
    """

    def __init__(
        self,
        send: Callable[[dict[str, Any], list[bytes]], object],
        *,
        heard: Callable[[], object],
        tensor: Callable[[int, str], tuple[Header, bytes]],
        run: Callable[[str, Any, bool, Reply, Any], object],
        held: Callable[[bool], AbstractContextManager[None]],
        asking: Asking,
    ) -> None:
        self._send, self._heard, self._tensor, self._run = send, heard, tensor, run
        self._held, self._asking = held, asking
        self._runs = Once()

    def receive(self, message: object) -> None:
        fields: Mapping[str, Any] = message if isinstance(message, dict) else {}
        wishes = fields.get("wishes")
        if fields.get("kind") == "tensors" and isinstance(wishes, list) and wishes:
            self._grant(fields, wishes)
        elif fields.get("kind") in ("ask", "cancel") and type(fields.get("id")) is int:
            self._ask(fields)
        else:
            self._answer(fields)

    def _grant(self, fields: Mapping[str, Any], wishes: list[Any]) -> None:
        """A reply to each wish, in their order: the browser draws what has come while the next is
        computed. An interrupt is the answer to all that are left."""
        interrupt: BaseException | None = None
        for each in wishes:
            wish: Mapping[str, Any] = each if isinstance(each, dict) else {}
            ident = wish.get("id")
            reply = Reply({"id": ident if type(ident) is int else None})
            try:
                if interrupt is not None:
                    raise interrupt
                required(wish, "id", int)
                number, key = required(fields, "run", int), required(wish, "key", str)
                self._heard()
                header, data = self._tensor(number, key)
                reply.header.update(header)
                reply.buffers.append(data)
            except BaseException as error:
                reply.header["error"] = in_one_line(error)
                if not isinstance(error, Exception):
                    interrupt = error
            self._send(reply.header, reply.buffers)
        if interrupt is not None:
            raise interrupt

    def _ask(self, fields: Mapping[str, Any]) -> None:
        ident = required(fields, "id", int)
        if fields["kind"] == "cancel":
            self._asking.cancel(ident)
            return
        try:
            number, question = required(fields, "run", int), required(fields, "question", dict)
            anyway = _anyway(fields)
        except InvalidValueError as error:
            self._send({"id": ident, "error": in_one_line(error)}, [])
            return
        self._heard()
        self._asking.ask(ident, number, question, anyway)

    def _answer(self, fields: Mapping[str, Any]) -> None:
        ident = fields.get("id")
        reply = Reply({"id": ident if type(ident) is int else None})
        if fields.get("kind") == "run" and type(ident) is int and not self._runs.begin(ident):
            if earlier := self._runs.reply(ident):
                self._send(earlier, [])
            return
        try:
            required(fields, "id", int)
            kind = required(fields, "kind", str)
            self._heard()
            if kind == "tensors":
                must = "wishes of a message must be a list of at least one"
                raise InvalidValueError(f"{must}, got {reprlib.repr(fields.get('wishes'))}")
            if kind == "run":
                text, pair = required(fields, "text", str), fields.get("text_pair")
                cut = required({"truncation": False, **fields}, "truncation", bool)
                with self._held(_anyway(fields)):
                    self._run(text, pair, cut, reply, fields.get("target", KEPT))
            elif kind != "ready":
                must = "kind of a message must be ready, tensors, run, ask or cancel"
                raise InvalidValueError(f"{must}, got {reprlib.repr(kind)}")
        except BaseException as error:
            if not reply.done:
                reply.header["error"] = in_one_line(error)
                if reason := reason_of(error):
                    reply.header["reason"] = reason
            if reply.done or not isinstance(error, Exception):
                raise
        finally:
            self._runs.end(ident, reply.header)
            self._send(reply.header, reply.buffers)


def required(message: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A field of a message; ValueError if it is not there or of another type."""
    value = message.get(name)
    if type(value) is not kind:
        must = f"{name} of a message must be {kind.__name__}"
        raise InvalidValueError(f"{must}, got {reprlib.repr(value)}")
    return value


def _anyway(message: Mapping[str, Any]) -> bool:
    """Whether it is to be done though memory is short."""
    return required({"anyway": False, **message}, "anyway", bool)


class Once:
    """Requests that must not be done twice. The browser sends one again where it saw no reply,
    which may be lost, or the request was, or Python is not done with it."""

    _REMEMBERED: Final = 16

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: dict[int, dict[str, Any] | None] = {}

    def begin(self, ident: int) -> bool:
        """Whether the request is new."""
        with self._lock:
            if ident in self._replies:
                return False
            self._replies[ident] = None
            for oldest in list(self._replies)[: -self._REMEMBERED]:
                del self._replies[oldest]
            return True

    def end(self, ident: object, reply: dict[str, Any]) -> None:
        with self._lock:
            if isinstance(ident, int) and ident in self._replies:
                self._replies[ident] = reply

    def reply(self, ident: int) -> dict[str, Any] | None:
        """What was replied; None as long as it is being done."""
        with self._lock:
            return self._replies.get(ident)
