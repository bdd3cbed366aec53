"""The same user in several windows: saving, renaming, sharing and deleting variable sets at the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from omero_embedded.testing import PASSWORD

from ..helpers import BASE

THREADS, ROUNDS = 4, 5


@pytest.fixture
def windows(web):
    return [web.login("alice", PASSWORD) for _ in range(THREADS)]


def at_once(windows, act):
    """What each window is answered when all act at the same moment."""
    start = Barrier(len(windows))

    def one(number):
        start.wait(timeout=60)
        return act(windows[number], number)

    with ThreadPoolExecutor(len(windows)) as pool:
        return list(pool.map(one, range(len(windows))))


def save(client, name, variable, **more):
    return client.post(BASE + "varsets/save/", json={"set_name": name, "var_names": [variable], **more})


def test_of_several_saves_of_a_new_name_one_is_kept_and_the_others_are_told(windows, plugin_database):
    for turn in range(ROUNDS):
        answers = at_once(
            windows, lambda client, number, name=f"set {turn}": save(client, name, f"v{number}")
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 400: THREADS - 1}
        assert all("already" in answer.json()["error"] for answer in answers if answer.status_code == 400)
    assert len(windows[0].get(BASE + "varsets/").json()["sets"]) == ROUNDS


def test_saves_over_the_version_that_was_looked_at_give_one_new_version_and_clear_conflicts(
    windows, plugin_database
):
    save(windows[0], "screen", "first")
    for version in range(1, ROUNDS + 1):
        answers = at_once(
            windows,
            lambda client, number, version=version: save(
                client, "screen", f"v{version}-{number}", overwrite=True, replaces=version
            ),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: THREADS - 1}
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert f"it is version {version + 1} now, not {version}" in refused.json()["error"]
        (winner,) = [number for number, answer in enumerate(answers) if answer.status_code == 200]
        loaded = windows[0].get(BASE + "varsets/load/?set_name=screen").json()
        assert (loaded["version"], loaded["var_names"]) == (version + 1, [f"v{version}-{winner}"])


def test_saves_that_name_no_version_all_become_versions(windows, plugin_database):
    save(windows[0], "screen", "first")
    for _ in range(ROUNDS):
        answers = at_once(
            windows, lambda client, number: save(client, "screen", f"v{number}", overwrite=True)
        )
        assert [answer.status_code for answer in answers] == [200] * THREADS
    versions = windows[0].get(BASE + "varsets/versions/?set_name=screen").json()["versions"]
    assert [entry["version"] for entry in versions] == list(range(ROUNDS * THREADS + 1, 0, -1))


def test_renaming_sharing_deleting_and_saving_at_once_are_all_answered_clearly(windows, plugin_database):
    acts = [
        lambda client: save(client, "screen", "new", overwrite=True),
        lambda client: client.post(
            BASE + "varsets/rename/", json={"set_name": "screen", "new_name": "other"}
        ),
        lambda client: client.post(BASE + "varsets/share/", json={"set_name": "screen", "group_id": None}),
        lambda client: client.post(BASE + "varsets/delete/", json={"set_name": "screen"}),
    ]
    for _ in range(2 * ROUNDS):
        save(windows[0], "screen", "first", overwrite=True)
        answers = at_once(windows, lambda client, number: acts[number](client))
        assert {answer.status_code for answer in answers} <= {200, 400, 404}
        assert all(answer.json()["error"] for answer in answers if answer.status_code != 200)


def test_the_most_sets_hold_for_saves_at_once(windows, plugin_database):
    answers = at_once(windows * 2, lambda client, number: save(client, f"set {number}", "a", max_sets=5))
    assert Counter(answer.status_code for answer in answers) == {200: 5, 400: 3}
