"""What the servers themselves say they spent: processor time per kind of process, statements, WAL and Redis."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

TICKS = os.sysconf("SC_CLK_TCK")
STATEMENTS = """
SELECT coalesce(sum(calls), 0), coalesce(sum(total_exec_time), 0)
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname IN ('passport', 'keys')"""
# Straight from the log and the files: the counters in pg_stat_database and pg_stat_wal come seconds late.
WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
SIZE = "SELECT sum(pg_database_size(datname)) FROM pg_database WHERE datname IN ('passport', 'keys')"
CLIENTS = """
SELECT count(*), count(*) FILTER (WHERE state = 'active') FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname IN ('passport', 'keys')"""


@dataclass(frozen=True)
class Reading:
    """Counters at a moment, or what they grew by between two."""

    figures: dict[str, float] = field(default_factory=dict)

    def since(self, before: "Reading") -> "Reading":
        return Reading({name: value - before.figures[name] for name, value in self.figures.items()})

    def less(self, idle: "Reading", times: float) -> "Reading":
        """Without what the servers do anyway, told per second; what they write anyway comes in bursts and stays in."""
        kept = {"wal", "bytes"}
        return Reading(
            {name: value - (0 if name in kept else times * idle[name]) for name, value in self.figures.items()}
        )

    def per(self, number: float) -> "Reading":
        return Reading({name: value / number for name, value in self.figures.items()})

    def __getitem__(self, name: str) -> float:
        return self.figures[name]


class Meter:
    """Reads the counters of a site that runs; `processes` are its roots by kind."""

    def __init__(self, processes: dict[str, int], postgres: str, redis_url: str) -> None:
        self.processes = processes
        self.postgres = psycopg.connect(postgres, autocommit=True)
        self.postgres.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.redis = redis.Redis.from_url(redis_url)

    def read(self) -> Reading:
        """All of them now."""
        [statements, took], [wal], [size] = self._row(STATEMENTS), self._row(WAL), self._row(SIZE)
        info: Any = self.redis.info("stats")
        busy, in_all = _machine()
        return Reading(
            {f"cpu {kind}": cpu_of(pid) for kind, pid in self.processes.items()}
            | {"statements": float(statements), "db ms": float(took), "wal": float(wal), "bytes": float(size)}
            | {"redis": float(info["total_commands_processed"]), "busy": busy, "ticks": in_all}
        )

    def connections(self) -> tuple[int, int]:
        """Connections of the site with PostgreSQL, and how many of them work this moment."""
        there, active = self._row(CLIENTS)
        return int(there), int(active)

    def memory(self) -> dict[str, float]:
        """Megabytes that no other process shares with them, per kind; Redis says its own."""
        found = {kind: sum(map(_private_mb, family(pid))) for kind, pid in self.processes.items()}
        info: Any = self.redis.info("memory")
        return found | {"redis data": info["used_memory"] / 2**20}

    def _row(self, sql: str) -> tuple[Any, ...]:
        row = self.postgres.execute(sql).fetchone()
        if row is None:
            raise RuntimeError("PostgreSQL said nothing")
        return row


def family(root: int) -> list[int]:
    """A process and all that came of it."""
    children: dict[int, list[int]] = {}
    for pid, fields in _all_stats():
        children.setdefault(int(fields[1]), []).append(pid)
    found, left = list[int](), [root]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def cpu_of(root: int) -> float:
    """Seconds of processor time of a process and all that came of it, those that ended included."""
    alive = set(family(root))
    return sum(sum(map(int, fields[11:15])) for pid, fields in _all_stats() if pid in alive) / TICKS


def _machine() -> tuple[float, float]:
    """Processor time of the whole machine that was used, and that there was."""
    times = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return float(sum(times) - times[3] - times[4]), float(sum(times))


def _all_stats() -> Iterable[tuple[int, list[str]]]:
    """Per process the fields of /proc/PID/stat from the state on: 1 is the parent, 11 to 14 are times."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile


def _private_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
