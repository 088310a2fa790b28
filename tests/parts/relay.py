"""A relay of TCP connections on loopback: whoever is behind it can come, go, and be another one tomorrow."""

import socket
import socketserver
import threading
from collections.abc import Mapping
from itertools import count
from typing import Self

_CONNECTING = 5.0
"""Seconds to reach the one behind."""


class Relay:
    """A context manager. Each connection goes to one of those behind it, in turn; with nobody there it is closed.

    Who leaves gets no new connections; those that it has go on.
    """

    def __init__(self) -> None:
        self._behind: tuple[int, ...] = ()
        self._turn = count()
        self._server = _Server(self)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The same for HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, port: int) -> None:
        """Send connections there from now on."""
        self._behind = (*self._behind, port)

    def remove(self, port: int) -> None:
        """Send no more connections there."""
        self._behind = tuple(one for one in self._behind if one != port)

    def connect(self) -> socket.socket:
        """A connection to whose turn it is; OSError if nobody is there, or does not answer."""
        behind = self._behind
        if not behind:
            raise ConnectionRefusedError
        there = socket.create_connection(("127.0.0.1", behind[next(self._turn) % len(behind)]), _CONNECTING)
        there.settimeout(None)
        return there

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Door(Relay):
    """The way to a Kafka that runs and that nobody finds before the door is open.

    It is the way of who asks first: a client that has found the cluster goes to its brokers' own addresses.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        super().__init__()
        self._there = int(bootstrap_servers.split(",")[0].rpartition(":")[2])

    @property
    def settings(self) -> Mapping[str, str]:
        """Those of a gateway that has to come this way."""
        return {"KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{self.port}"}

    def open(self) -> None:
        """Let everybody through from now on."""
        self.add(self._there)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.relay = relay


class _Passage(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Carry one connection to its end."""
        try:
            there = self.server.relay.connect()
        except OSError:
            return
        with there:
            back = threading.Thread(target=_pass, args=(there, self.request), daemon=True)
            back.start()
            _pass(self.request, there)
            back.join()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    """Everything from one side to the other, until its end."""
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # A connection that breaks is closed on both sides, or the other direction would wait for ever.
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
