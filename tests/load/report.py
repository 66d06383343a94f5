"""The tables of script/load, from what it leaves in latest.json."""

from collections.abc import Iterable
from typing import Any

HEADINGS = (
    *("act", "count", "/s", "p50 ms", "p95 ms", "max ms", "errors"),
    *("web ms", "pg ms", "statements", "wal B", "redis"),
)
COSTS = ("act alone", "n", "wall ms", "web ms", "pg ms", "db ms", "statements", "wal B", "db B", "redis", "sent B")


def errors_of(day: dict[str, Any]) -> int:
    """Everything that went wrong on a day, also while people came in and after the measured time."""
    missing = day["batches asked"] - day["batches"]
    return int(sum(one["times"] for one in day["errors"]) + day["early_errors"] + missing)


def whole(content: dict[str, Any]) -> str:
    """What it says on the screen."""
    costs = {one["name"]: one for one in content["costs"]}
    parts = [_table([COSTS, *(_cost(one) for one in costs.values())])] if costs else []
    if content["handovers"]:
        parts.append("a handover: " + ", ".join(f"{name} {value:.4g}" for name, value in content["handovers"].items()))
    for day in content["days"]:
        rows = sorted(day["rows"], key=lambda row: row["name"])
        parts.append(f"{day['students']} students typing, {day['seconds']:.0f} s")
        parts.append(_table([HEADINGS, *(_row(row, costs) for row in rows)]))
        parts += _in_all(day, costs)
    machine = f"{content['cores']} cores, Python {content['python']}, {content['versions']}"
    parts.append(content["ledger"] or "the ledger is whole")
    return "\n".join([*parts, f"{machine}, {content['shape']}, {content['seeded']} students seeded"])


def _cost(one: dict[str, Any]) -> tuple[str, ...]:
    keys = ("times", "wall", "web", "postgres", "db", "statements", "wal", "grown", "redis", "sent")
    return one["name"], *(_figure(one[key]) for key in keys)


def _row(row: dict[str, Any], costs: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    own = [_figure(row[key]) for key in ("count", "rate", "p50", "p95", "max", "errors")]
    cost = costs.get(row["name"])
    alone = [_figure(cost[key]) for key in ("web", "postgres", "statements", "wal", "redis")] if cost else [""] * 5
    return row["name"], *own, *alone


def _in_all(day: dict[str, Any], costs: dict[str, dict[str, Any]]) -> list[str]:
    spent, seconds = day["spent"], day["seconds"]
    if not spent:
        return ["the day did not begin"]
    cores = {name[4:]: value / seconds for name, value in spent.items() if name.startswith("cpu ")}
    cores["people"] = day["cpu people"] / seconds
    told = sum(row["count"] * costs[row["name"]]["web"] / 1000 for row in day["rows"] if row["name"] in costs)
    saves = next((row["count"] for row in day["rows"] if row["name"] == "student: save"), 0) or 1
    lines = [
        "processors busy: "
        + ", ".join(f"{name} {value:.2f}" for name, value in cores.items())
        + f"; the whole machine {100 * spent['busy'] / spent['ticks']:.0f} %",
        f"statements {spent['statements'] / seconds:.0f} /s, WAL {spent['wal'] / seconds / 1000:.0f} kB/s and "
        f"{spent['wal'] / saves:.0f} B for each save, databases grew {spent['bytes'] / 1e6:.1f} MB, "
        f"Redis {spent['redis'] / seconds:.0f} /s",
        f"connections {day['connections']}, working at once {day['working']}; "
        f"batches ready {day['batches']} of {day['batches asked']}",
        "memory MB " + ", ".join(f"{name} {value:.0f}" for name, value in day["memory"].items()),
        f"errors: {errors_of(day)}",
    ]
    if told:
        lines[0] += f"; the acts alone say web {told / seconds:.2f}"
    return lines + [f"  {one['name']}: {one['times']} × {one['error']}" for one in day["errors"]]


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.2f}"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
