"""Counters and gauges in Prometheus' text format."""

from collections.abc import Mapping

GAUGES = {
    "queued": "Asks that wait.",
    "running": "Asks that are being answered.",
    "running_bytes": "Memory that the running asks take, by estimate.",
    "cached": "Answers that are kept.",
    "cached_bytes": "Memory that the kept answers take.",
}
COUNTERS = {
    "asked": "Asks accepted.",
    "answered": "Asks answered by computing.",
    "joined": "Asks that joined the same ask under way.",
    "from_cache": "Asks answered from what was kept.",
    "batched": "Asks that shared a forward pass.",
    "cancelled": "Asks whose last listener left.",
    "failed": "Asks that failed.",
}


def prometheus(metrics: Mapping[str, int]) -> str:
    """The engine's figures as text."""
    lines = []
    for name, meaning in GAUGES.items():
        lines += entry(f"convscope_asks_{name}", "gauge", meaning, metrics[name])
    for name, meaning in COUNTERS.items():
        lines += entry(f"convscope_asks_{name}_total", "counter", meaning, metrics[name])
    return "\n".join(lines) + "\n"


def entry(name: str, kind: str, meaning: str, value: int) -> list[str]:
    """One metric."""
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value}"]
