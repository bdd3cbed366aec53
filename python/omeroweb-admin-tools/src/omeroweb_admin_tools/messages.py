"""Every text that the scripts of the pages show."""

from __future__ import annotations


def searching() -> str:
    return "Searching…"


def entries_found(count: str) -> str:
    return f"{count} entries"


def entries_truncated(count: str) -> str:
    return f"The newest {count} entries; there are more. Narrow the search to see older ones."


def nothing_found() -> str:
    return "Nothing was found in this time range."


def following(count: str) -> str:
    return f"Following, {count} entries"


def follow() -> str:
    return "Follow"


def stop_following() -> str:
    return "Stop following"


def show_context() -> str:
    return "Around"


def context_of(container: str) -> str:
    return f"Around this entry of {container}"


def own_output() -> str:
    return "own output"


def all_services() -> str:
    return "All services"


def chosen_sources(count: str) -> str:
    return f"{count} chosen"
