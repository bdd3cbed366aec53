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
    return "healthy"


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


def measured_at(time: str, seconds: str) -> str:
    return f"Measured {time}, in {seconds} s."


def never_measured() -> str:
    return "Nothing was measured yet. A measurement starts by itself, or press “Measure now”."


def measuring() -> str:
    return "Measuring storage"


def total_data() -> str:
    return "Data"


def total_images(count: str) -> str:
    return f"{count} images"


def total_managed() -> str:
    return "Uploaded"


def total_in_place() -> str:
    return "In place"


def total_other() -> str:
    return "Attachments and tables"


def total_on_disk() -> str:
    return "Imports on disk"


def total_on_disk_note() -> str:
    return "what they really take"


def total_free() -> str:
    return "Free"


def total_free_note(total: str, folder: str) -> str:
    return f"of {total}, {folder}"


def trend_title() -> str:
    return "Storage"


def forecast_none() -> str:
    return "There are too few measurements for a forecast; it takes three, over more than a day."


def forecast_growth(growth: str) -> str:
    return f"Grows by {growth} a day."


def forecast_full(growth: str, day: str) -> str:
    return f"Grows by {growth} a day; at this rate the disk is full on {day}."


def view_caption() -> str:
    return "Storage use"


def largest_caption() -> str:
    return "Largest imports"


def coldest_caption() -> str:
    return "Coldest imports"


def column_total() -> str:
    return "Total"


def column_managed() -> str:
    return "Uploaded"


def column_in_place() -> str:
    return "In place"


def column_other() -> str:
    return "Other files"


def column_disk() -> str:
    return "On disk"


def column_images() -> str:
    return "Images"


def column_changed() -> str:
    return "Last change"


def column_project() -> str:
    return "Project"


def column_user() -> str:
    return "User"


def column_name() -> str:
    return "Name"


def column_group() -> str:
    return "Group"


def column_permissions() -> str:
    return "Permissions"


def column_import() -> str:
    return "Import"


def quota_ok() -> str:
    return "fits"


def quota_warn() -> str:
    return "nearly full"


def quota_full() -> str:
    return "full"


def quota_none() -> str:
    return "no quota"


def quota_of(group: str) -> str:
    return f"Quota of {group} in GB"


def share_of(group: str) -> str:
    return f"Share of its quota that {group} uses"


def quota_hard(filesystem: str, point: str, percent: str) -> str:
    return f"At {percent} % groups are warned, at 100 % new uploads are refused, and the file system ({filesystem} at {point}) enforces the same."


def quota_soft(filesystem: str, point: str, percent: str) -> str:
    return f"At {percent} % groups are warned, at 100 % new uploads are refused. The file system ({filesystem} at {point}) does not enforce quotas here."


def quota_read_only() -> str:
    return "Changing quotas needs the privilege ModifyGroup."


def nothing_done() -> str:
    return "Nothing yet."


def no_quota() -> str:
    return "none"


def nothing_to_change() -> str:
    return "Nothing would change."


def change_title(count: str) -> str:
    return f"Change {count} quotas?"


def change_action() -> str:
    return "Change"


def quotas_changed(count: str) -> str:
    return f"{count} quotas were changed."


def enforce_title() -> str:
    return "Enforce the quotas on the file system?"


def enforce_action() -> str:
    return "Enforce"


def what_to_do() -> str:
    return "What to do:"


def checks_summary(warn: str, fail: str, passed: str) -> str:
    return f"{fail} failed, {warn} warnings, {passed} passed"


def column_check() -> str:
    return "Check"


def column_result() -> str:
    return "Result"


def column_found() -> str:
    return "What was found"


def column_time() -> str:
    return "Time"


def choose_checks() -> str:
    return "Choose at least one."


def checking() -> str:
    return "Checking…"


def checked(reference: str) -> str:
    return f"Done. The log has this under {reference}."
