"""Many streams at once, read by one process over plain sockets: at once, slowly, or not to the end."""

import asyncio
import contextlib
import json
import socket
import urllib.parse

BEGINNING = b'"content":"'


class Streams:
    """Connections that asked a server for a stream each. Give `read_bytes` for the room that the system keeps for what is not read."""

    def __init__(self, url, model, count, receive_buffer_bytes=None):
        place = urllib.parse.urlsplit(url)
        self.address, self.path = (place.hostname, place.port), f"{place.path}/chat/completions"
        self.model, self.count, self.receive_buffer_bytes = model, count, receive_buffer_bytes
        self.open = []

    async def start(self, at_once=100):
        """Opens them, `at_once` at a time, and sends the requests."""
        while len(self.open) < self.count:
            wanted = min(at_once, self.count - len(self.open))
            self.open += await asyncio.gather(*(self._ask() for _ in range(wanted)))

    async def _ask(self):
        client = socket.socket()
        client.setblocking(False)
        if self.receive_buffer_bytes:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer_bytes)
        await asyncio.get_running_loop().sock_connect(client, self.address)
        # The reader keeps little itself, so that what is not read stays with the server.
        reader, writer = await asyncio.open_connection(sock=client, limit=1024 if self.receive_buffer_bytes else 2**16)
        body = json.dumps({"model": self.model, "stream": True, "messages": [{"role": "user", "content": "Say something."}]}).encode()
        head = f"POST {self.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        return reader, writer

    async def until_begun(self):
        """Waits until each stream has said something."""
        await asyncio.gather(*(self._read_until(reader, BEGINNING) for reader, _ in self.open))

    async def until_commented(self):
        """Waits until each stream has been kept alive by a comment."""
        await asyncio.gather(*(self._read_until(reader, b"\n:") for reader, _ in self.open))

    async def until_done(self):
        """Reads each to its end, and gives how many were whole."""
        async def is_whole(reader):
            with contextlib.suppress(asyncio.IncompleteReadError):
                await self._read_until(reader, b"data: [DONE]")
                return True
            return False

        return sum(await asyncio.gather(*(is_whole(reader) for reader, _ in self.open)))

    async def read_slowly(self, bytes_at_a_time, pause_s):
        """Takes a little from each, again and again, until cancelled."""
        while True:
            for reader, _ in self.open:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(reader.read(bytes_at_a_time), 0.01)
            await asyncio.sleep(pause_s)

    @staticmethod
    async def _read_until(reader, wanted):
        tail = b""
        while wanted not in tail:
            piece = await reader.read(4096)
            if not piece:
                raise asyncio.IncompleteReadError(tail, None)
            tail = tail[-len(wanted) :] + piece

    async def close(self):
        for _, writer in self.open:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in self.open), return_exceptions=True)
        self.open = []
