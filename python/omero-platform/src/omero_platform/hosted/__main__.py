"""`python -m omero_platform.hosted web`: prepare one part of the platform, then become its process."""

from __future__ import annotations

import importlib
import logging
import os
import sys

from omero_platform.errors import PlatformError

COMMANDS = {
    "secrets": "make the secrets that do not exist yet",
    "database": "make or update a PostgreSQL data folder before its server starts",
    "server": "prepare OMERO.server's folder and become it",
    "embedded": "become the embedded OMERO",
    "setup": "make the job-service account and register scripts, once the OMERO API answers",
    "web": "prepare OMERO.web's folder and become it",
    "worker": "become the Celery worker",
    "care": "back up both databases, or try the newest backup",
    "maintenance": "clean up both databases whenever stack.toml says so",
    "caretaker": "serve metrics about the health of services, databases, queues and disks",
    "health": "tell whether the part in this container is well",
    "exec": "read secrets from their files into the environment, and become another program",
}


def main(words: list[str]) -> int:
    """Run one command; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    if not words or words[0] not in COMMANDS:
        lines = [f"  {name:<10} {what}" for name, what in COMMANDS.items()]
        sys.stderr.write("Which part? One of:\n" + "\n".join(lines) + "\n")
        return 2
    module = importlib.import_module(f"omero_platform.hosted.{MODULES.get(words[0], words[0])}")
    try:
        module.run(dict(os.environ), words[1:])
    except PlatformError as error:
        sys.stderr.write(f"{error}\n{error.advice}\n" if error.advice else f"{error}\n")
        return 1
    return 0


MODULES = {"secrets": "secret_files", "exec": "execute", "care": "dumps"}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
