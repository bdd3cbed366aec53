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


def service_up() -> str:
    return "well"


def service_warn() -> str:
    return "warning"


def service_down() -> str:
    return "down"


def no_services() -> str:
    return "The stack's description is not configured (ADMIN_TOOLS_STACK_FILE), so no services are listed."


def no_figures() -> str:
    return "No figures for this time."


def figure_cpu() -> str:
    return "Processor"


def figure_memory() -> str:
    return "Memory"


def figure_disk() -> str:
    return "Disk /"


def figure_received() -> str:
    return "Network in"


def figure_sent() -> str:
    return "Network out"


def figure_targets() -> str:
    return "Scrape targets up"


def figure_targets_note() -> str:
    return "as Prometheus sees them"


def dashboard_server() -> str:
    return "Server dashboard"


def dashboard_database() -> str:
    return "Database dashboard"


def dashboard_plugin() -> str:
    return "Plugin database dashboard"


def dashboard_redis() -> str:
    return "Redis dashboard"


def link_targets() -> str:
    return "Prometheus targets"


def not_running_here(name: str) -> str:
    return f"{name} is not running here."


def not_answering(name: str, error: str) -> str:
    return f"{name} doesn't answer ({error})."
