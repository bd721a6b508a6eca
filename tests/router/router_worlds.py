"""Models whose prices are easy to reckon with, a clock that is set by hand, and a real server of Redis."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from llm_tradeoffs import Model

NOON = 1_800_014_400.0  # 2027-01-15 12:00 UTC


class Clock:
    """Says what it was told."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class RedisServer:
    """A server of its own, whose data survive a restart."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.port = _free_port()
        while self.port > 55_000:  # a node of a cluster takes the port 10,000 above, too
            self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as talk:
                    talk.sendall(b"PING\r\n")
                    if talk.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("redis-server does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def client(self) -> Any:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return redis.Redis(port=self.port, retry=Retry(NoBackoff(), 1))

    def async_client(self) -> Any:
        import redis.asyncio

        return redis.asyncio.Redis(port=self.port)


# A dollar a million tokens is a millionth of a dollar a token: 1,000,000 pico-dollars.
SMALL = Model(
    "acme/small",
    usd_per_mtok={"input_tokens": "1.00", "output_tokens": "2.00", "cache_read_tokens": "0.10"},
    context_window=10_000,
    max_output_tokens=2_000,
    supports_vision=False,
    supports_tools=True,
    supports_structured_output=True,
    scores={"mmlu": "70 %"},
    ttft=200,
    output_tokens_per_second=100,
)
LARGE = Model(
    "acme/large",
    usd_per_mtok={"input_tokens": "3.00", "output_tokens": "15.00", "cache_read_tokens": "0.30"},
    context_window=100_000,
    max_output_tokens=8_000,
    supports_vision=True,
    supports_tools=True,
    supports_structured_output=True,
    scores={"mmlu": "90 %"},
    ttft=400,
    output_tokens_per_second=50,
)
# A third of a dollar, and a seventh: no whole number of pico-dollars a token.
THIRDS = SMALL.with_(id="acme/thirds", usd_per_mtok={"input_tokens": "1/3", "output_tokens": "2/7"})
