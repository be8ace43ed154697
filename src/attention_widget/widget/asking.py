"""Questions of the browser, each answered once; a long one leaves the kernel free between steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import AttentionWidgetError, RefusedError, TextTooLongError
from attention_widget.widget.steps import Steps

_CANCELLED: Final = "cancelled"


def reason_of(error: BaseException) -> dict[str, Any] | None:
    """Why something is refused, where the browser can offer a way out or has words of its own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TextTooLongError):
            return {"code": "too_long", "tokens": cause.tokens, "limit": cause.limit}
        if isinstance(told := getattr(cause, "reason", None), dict):
            return told  # HeldBackError, HeadlessError
        if isinstance(cause, RefusedError) and cause.code is not None:
            return {"code": cause.code}
        cause = cause.__cause__
    return None


def failure_of(error: BaseException) -> dict[str, Any]:
    """What is said of an error; ``refused`` where nothing went wrong, and the model merely has no
    answer to this; ``reason`` where the browser can offer a way out."""
    words: dict[str, Any] = {"error": in_one_line(error)}
    if reason := reason_of(error):
        words["reason"] = reason
    return {**words, "refused": True} if isinstance(error, AttentionWidgetError) else words


class Asking:
    """Takes the steps to answers: in the loop that runs, so that other messages are heard in
    between, else at once.

    A question gets any number of messages ``{id, progress}``, then one ``{id, answer}`` or
    ``{id, error}``; a cancelled one that is still being answered gets an error.

    Args:
        send: takes a reply.
        steps: takes the number of a forward pass, a question, and whether it is answered though
            memory is short; it may raise, and so may each of its steps.
        is_over: whether a forward pass is no longer shown.
    """

    def __init__(
        self,
        send: Callable[[dict[str, Any]], object],
        steps: Callable[[int, object, bool], Steps],
        is_over: Callable[[int], bool],
    ) -> None:
        self._send, self._steps, self._is_over = send, steps, is_over
        self._open: dict[int, bool] = {}  # ids that are being answered, and whether they go on
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, ident: int, run: int, question: object, anyway: bool = False) -> None:
        """Begin to answer; a question that is sent again while it is being answered is not begun
        again."""
        if ident in self._open:
            return
        self._open[ident] = True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in self._answering(ident, run, question, anyway):
                pass
            return
        task = loop.create_task(self._in_loop(ident, run, question, anyway))
        self._tasks.add(task)  # the loop alone would let go of it
        task.add_done_callback(self._tasks.discard)

    def cancel(self, ident: int) -> None:
        if ident in self._open:
            self._open[ident] = False

    async def _in_loop(self, ident: int, run: int, question: object, anyway: bool) -> None:
        for _ in self._answering(ident, run, question, anyway):
            await asyncio.sleep(0)

    def _answering(self, ident: int, run: int, question: object, anyway: bool) -> Any:
        """A turn for each step; the last reply is sent whatever happens."""
        reply: Mapping[str, Any] = {"error": _CANCELLED}
        try:
            steps = self._steps(run, question, anyway)
            while True:
                try:
                    progress = next(steps)
                except StopIteration as end:
                    reply = {"answer": end.value}
                    return
                told = {"done": progress.done, "of": progress.of}
                if progress.partial is not None:
                    told["partial"] = progress.partial
                self._send({"id": ident, "progress": told})
                yield
                if not self._open[ident]:
                    return
                if self._is_over(run):
                    raise RefusedError(f"run {run} is over")
        except BaseException as error:
            reply = failure_of(error)
            if not isinstance(error, Exception | GeneratorExit | asyncio.CancelledError):
                raise
        finally:
            self._open.pop(ident, None)
            self._send({"id": ident, **reply})
