"""A reverse proxy as stands before a JupyterLab of SageMaker Studio.

The browser sees its address alone. It hands on what lies under one prefix, WebSockets included,
knows nothing else (404), and adds its own headers to all that it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping

_LARGEST_HEAD = 2**18


class Proxy:
    """Serves ``prefix`` of a server on this machine at a port of its own, until :meth:`stop`."""

    def __init__(self, server_port: int, prefix: str, headers: Mapping[str, str]) -> None:
        self.strays: list[str] = []
        """What was asked for outside of the prefix, in vain."""
        self.websockets = 0
        """How many were handed on."""
        self._server_port = server_port
        self._prefix = prefix.encode()
        self._headers = b"".join(f"{name}: {said}\r\n".encode() for name, said in headers.items())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._answer, "127.0.0.1", 0, limit=_LARGEST_HEAD)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        own = asyncio.current_task()
        while others := [task for task in asyncio.all_tasks() if task is not own]:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0.05)  # what had been accepted by then

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._hand_on(reader, writer)
        writer.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request: connections are not kept, so that all behind its head belongs to it."""
        first, lines = _head(await reader.readuntil(b"\r\n\r\n"))
        path = first.split(b" ")[1]
        if not path.startswith(self._prefix):
            self.strays.append(path.decode("latin-1"))
            answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n"
            writer.write(answer + self._headers + b"\r\n")
            return
        is_websocket = any(line.lower() == b"upgrade: websocket" for line in lines)
        self.websockets += is_websocket
        kept = b"" if is_websocket else b"Connection: close\r\n"
        behind, ahead = await asyncio.open_connection(
            "127.0.0.1", self._server_port, limit=_LARGEST_HEAD
        )
        try:
            ahead.write(_written(first, lines, kept, not is_websocket))
            asking = asyncio.ensure_future(_copy(reader, ahead))
            status, said = _head(await behind.readuntil(b"\r\n\r\n"))
            writer.write(_written(status, said, self._headers + kept, not is_websocket))
            await _copy(behind, writer)
            asking.cancel()
        finally:
            ahead.close()


def _head(raw: bytes) -> tuple[bytes, list[bytes]]:
    first, *lines = raw.rstrip(b"\r\n").split(b"\r\n")
    return first, lines


def _written(first: bytes, lines: list[bytes], more: bytes, closes: bool) -> bytes:
    left = [line for line in lines if not (closes and line.lower().startswith(b"connection:"))]
    return b"\r\n".join([first, *left, more + b"\r\n"])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
