"""The storage page with many users: `python python/benchmarks/admin_storage.py [users] [images]`.

Makes that many imports in memory, turns them into figures, stores them in a PostgreSQL of its own and reads them back
as the page does. Goals: under 300 ms, the same number of queries as for one user.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from omero_plugin_common.testing.environment import prepare_django

GOAL_SECONDS = 0.3
ROUNDS = 5
environment = prepare_django("omeroweb_admin_tools")


def facts_of(users: int, images: int):
    from omeroweb_admin_tools.services.storage.facts import Facts, Files, Group, User

    chance = random.Random(1)
    found = Facts()
    groups = max(1, users // 10)
    found.groups = {number: Group(f"group{number}", "Read-only") for number in range(groups)}
    found.users = {number: User(f"user{number}", f"User {number}") for number in range(users)}
    now = datetime.now(UTC)
    for number in range(users):
        found.members[number % groups].append(number)
    for number in range(1, images + 1):
        user = chance.randrange(users)
        found.filesets[number] = Files(user, user % groups, "", chance.randrange(10**9), number % 20 == 0)
        found.images[number] += 1
        found.image_counts[user, user % groups] += 1
        found.first_image[number] = (number, f"image {number}")
        found.changed[number] = now - timedelta(days=chance.randrange(2000))
        project = user * 3 + number % 3
        found.projects[project] = (f"project {project}", user, user % groups)
        found.project_filesets[project].add(number)
    return found


def main() -> int:
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    images = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    environment.postgres.create()
    environment.postgres.start()
    try:
        environment.postgres.create_database()
        return measure(users, images)
    finally:
        environment.postgres.stop()


def measure(users: int, images: int) -> int:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from omero_plugin_common.database.migrate import migrate_plugin_database
    from omeroweb_admin_tools.models import StorageMeasurement
    from omeroweb_admin_tools.services.storage.measure import save
    from omeroweb_admin_tools.services.storage.report import report

    migrate_plugin_database()
    folder = environment.folder
    counts, times, size = [], [], 0
    for many in ((1, 1), (users, images)):
        began = time.perf_counter()
        save(facts_of(*many), folder, "", datetime.now(UTC), lambda: None, {})
        print(f"{many[0]} users, {many[1]} images: counted and saved in {time.perf_counter() - began:.1f} s")
        with CaptureQueriesContext(connections["plugins"]) as queries:
            report(Path("/"), datetime.now(UTC))
        counts.append(len(queries))
    for day in range(365):
        StorageMeasurement.objects.create(
            at=datetime.now(UTC) - timedelta(days=day + 1), managed_bytes=10**12 - day
        )
    for _ in range(ROUNDS):
        began = time.perf_counter()
        size = len(json.dumps(report(Path("/"), datetime.now(UTC))))
        times.append(time.perf_counter() - began)
    print(
        f"the page: worst {max(times) * 1000:.0f} ms, best {min(times) * 1000:.0f} ms, {size / 1024:.0f} KiB, "
        f"{counts[1]} queries ({counts[0]} for one user)"
    )
    return 0 if max(times) < GOAL_SECONDS and counts[0] == counts[1] else 1


if __name__ == "__main__":
    sys.exit(main())
