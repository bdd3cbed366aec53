"""Texts that the pages' script shows."""

from __future__ import annotations


def job_running(done: str, total: str) -> str:
    return f"{done} %" if total else done


def download() -> str:
    return "Download"


def download_file(name: str) -> str:
    return f"Download {name}"


def file_facts(size: str, date: str) -> str:
    return f"{size}, exported {date}"


def from_cache() -> str:
    return "This image was exported before; the file is ready."


def starting() -> str:
    return "Starting…"


def started(count: str) -> str:
    return f"{count} exports started."


def nothing_exported() -> str:
    return "You have exported nothing yet. Select an image in OMERO.web and choose “Imaris”."


def show_image(name: str) -> str:
    return f"Show {name} in OMERO.web"


OWN = (
    job_running,
    download,
    download_file,
    file_facts,
    from_cache,
    starting,
    started,
    nothing_exported,
    show_image,
)
