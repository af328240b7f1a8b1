"""A small HTTP/1.1 client on one kept connection, with cookies: a browser's cost would drown what is measured."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer and how long it took, in seconds."""

    status: int
    body: bytes
    seconds: float
    headers: dict[str, str]  # names in small letters

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Connection:
    """One browser's connection to one server."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Make one request, send it and read its answer."""
        return await self.send(self.message(method, path, body))

    async def send(self, message: bytes) -> Answer:
        """Send a request that was made and read its answer. A connection that the server closed while idle is opened anew once."""
        async with self._turn:
            began = time.perf_counter()
            fresh = self._streams is None
            try:
                status, content, headers = await self._exchange(message)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()
                if fresh:
                    raise
                status, content, headers = await self._exchange(message)
            return Answer(status, content, time.perf_counter() - began, headers)

    async def keep_open(self) -> None:
        """Open the connection, anew where the server closed it while idle."""
        if self._streams is not None and self._streams[0].at_eof():
            await self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            _reader, writer = self._streams
            self._streams = None
            writer.close()
            try:
                await writer.wait_closed()
            except ConnectionError:
                return

    def message(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
        """A request as it goes over the wire, with the cookies and headers of this moment, and its own ``headers``."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address[0]}:{self._address[1]}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers.items(), *headers.items())]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        content = body if isinstance(body, bytes) else b""
        if content:
            lines += [f"Content-Length: {len(content)}"]
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content

    async def _exchange(self, message: bytes) -> tuple[int, bytes, dict[str, str]]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(message)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        length, headers = 0, {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                cookie, _, content = value.split(";", 1)[0].strip().partition("=")
                self.cookies[cookie] = content
        if headers.get("transfer-encoding") == "chunked":
            return status, await _chunks(reader), headers
        return status, await reader.readexactly(0 if status == 304 else length), headers


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        whole += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return whole
