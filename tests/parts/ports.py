"""Loopback ports: choosing a free one and asking what listens there."""

import http.client
import secrets
import socket

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up on Linux). A port inside
# it could be taken while its server is down, even by the very client that keeps trying to reach that server.
_LOWEST, _HIGHEST = 15_000, 32_000
_chosen: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens and which this process was not given before."""
    for _ in range(1_000):
        # Not `random`: pytest-randomly gives every xdist worker the same seed, so they would all choose alike.
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if port not in _chosen and _is_free(port):
            _chosen.add(port)
            return port
    raise RuntimeError(f"no free port between {_LOWEST} and {_HIGHEST} on 127.0.0.1")


def accepts(port: int) -> bool:
    """Whether something on 127.0.0.1 accepts a TCP connection on this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of GET on 127.0.0.1, without any proxy; OSError or HTTPException when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answers(port: int, path: str) -> bool:
    """Whether GET on 127.0.0.1 is answered with 200."""
    try:
        return get(port, path)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose old connections linger in TIME_WAIT is free, one that is listened on is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
