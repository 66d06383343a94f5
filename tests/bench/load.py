"""The measuring client: one kept-alive connection that costs next to nothing itself, and wrk for many at once."""

import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CSRF = "b" * 32
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")


class WrongAnswer(Exception):
    """A measured call did not answer what it should: a number about it would mean nothing."""


@dataclass(frozen=True)
class Call:
    """One request, ready to send."""

    path: str
    session: str = ""
    method: str = "GET"
    body: bytes = b""
    packed: bool = False  # asks for it gzipped, as a browser does; the client has to unpack it itself

    def as_bytes(self) -> bytes:
        cookies = f"csrf={CSRF}; session={self.session}" if self.session else f"csrf={CSRF}"
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}"]
        if self.packed:
            lines.append("Accept-Encoding: gzip")
        if self.body:
            kind = "application/json" if self.body.startswith(b"{") else "application/x-www-form-urlencoded"
            lines += [f"X-CSRFToken: {CSRF}", f"Content-Type: {kind}", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Connection:
    """A bare socket: http.client would cost a third of a millisecond a call, and so flatter every ratio."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, call: Call, expect: int = 200) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and the answer. Raises WrongAnswer."""
        took, status, _, body = self.ask(call)
        if status != expect:
            raise WrongAnswer(f"{call.method} {call.path}: {status} {body[:300]!r}")
        return took, body

    def ask(self, call: Call) -> tuple[float, int, bytes, bytes]:
        """Milliseconds, status, head and body of whatever was answered. Raises WrongAnswer when nothing was."""
        request = call.as_bytes()
        started = time.perf_counter()
        self.socket.sendall(request)
        answer = self._receive()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._receive()
        length = LENGTH.search(answer, 0, end + 2)
        whole = end + 4 + (int(length[1]) if length else 0)
        while len(answer) < whole:
            answer += self._receive()
        took = (time.perf_counter() - started) * 1000
        return took, int(answer.split(None, 2)[1]), answer[: end + 2], answer[end + 4 :]

    def _receive(self) -> bytes:
        received = self.socket.recv(1 << 18)
        if not received:
            raise WrongAnswer("the connection was closed")
        return received

    def close(self) -> None:
        self.socket.close()


@dataclass
class Times:
    """Milliseconds of the floor and of the site, measured in turns in one run."""

    floor: list[float] = field(default_factory=list)
    real: list[float] = field(default_factory=list)

    @property
    def floor_median(self) -> float:
        return statistics.median(self.floor)

    @property
    def real_median(self) -> float:
        return statistics.median(self.real)


def in_turns(samples: int, floor: Callable[[], float], real: Callable[[], float], warm_up: int = 15) -> Times:
    """Floor, real, floor, real …: what else the machine does hits both alike."""
    times = Times()
    for turn in range(-warm_up, samples):
        one, other = floor(), real()
        if turn < 0:
            continue
        times.floor.append(one)
        times.real.append(other)
    return times


def together(jobs: Sequence[Callable[[], None]]) -> float:
    """Seconds from the moment all may start until the last is done."""
    gate, failed = threading.Barrier(len(jobs) + 1), []

    def run(job: Callable[[], None]) -> None:
        gate.wait()
        try:
            job()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - started


@dataclass(frozen=True)
class Served:
    """What so many readers at once got: answers a second, and how long the slowest took."""

    per_second: float
    slowest: float  # milliseconds


def served(calls: Sequence[Call], port: int, readers: int, seconds: float) -> Served:
    """Readers going round these calls as fast as they are answered: wrk when it is installed, else threads."""
    if not shutil.which("wrk"):
        return _served_to_threads(calls, port, readers, seconds)
    paths = ", ".join(f'"{call.path}"' for call in calls)
    script = f"""local paths, place = {{{paths}}}, 0
request = function() place = place % #paths + 1 return wrk.format("GET", paths[place]) end
done = function(summary, latency) io.write("SLOWEST ", latency.max, "\\n") end"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        # Slow is no error here: it shows in the figures.
        command = ["wrk", "-t1", f"-c{readers}", f"-d{seconds:g}s", "--timeout", "60s", "-s", file.name]
        command += ["-H", f"Cookie: session={calls[0].session}", f"http://127.0.0.1:{port}"]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, slowest = re.search(r"Requests/sec:\s+([\d.]+)", out), re.search(r"SLOWEST ([\d.]+)", out)
    if "Non-2xx" in out or "Socket errors" in out or not rate or not slowest:
        raise WrongAnswer(f"{calls[0].path}: {' '.join(out.split())[-300:]}")
    return Served(float(rate[1]), float(slowest[1]) / 1000)


def _served_to_threads(calls: Sequence[Call], port: int, readers: int, seconds: float) -> Served:
    times: list[float] = []

    def read() -> None:
        connection, count, end = Connection(port), 0, time.monotonic() + seconds
        while time.monotonic() < end:
            times.append(connection.send(calls[count % len(calls)])[0])
            count += 1
        connection.close()

    took = together([read] * readers)
    return Served(len(times) / took, max(times))
