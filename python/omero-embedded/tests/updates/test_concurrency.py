"""Several people saving at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rstring

if TYPE_CHECKING:
    from omero_embedded.testing import Site


def test_of_many_changes_to_the_same_version_exactly_one_wins(site: Site, alice: Any) -> None:
    dataset_id = alice.dataset().id.val

    def change(client: Any, number: int) -> bool:
        found = client.sf.getQueryService().find("Dataset", dataset_id)
        if found.version.val != 0:
            return False
        found.description = rstring(f"change {number}")
        try:
            client.sf.getUpdateService().saveObject(found)
        except omero.OptimisticLockException:
            return False
        return True

    with ExitStack() as stack, ThreadPoolExecutor(6) as pool:
        clients = [stack.enter_context(site.client("alice")) for _ in range(6)]
        won = list(pool.map(change, clients, range(6)))

    assert sum(won) == 1
    found = alice.one(f"select d from Dataset d where d.id = {dataset_id}")
    assert found.version.val == 1
    assert found.description.val == f"change {won.index(True)}"


def test_nothing_is_lost_when_everybody_saves_and_deletes_at_once(site: Site, alice: Any) -> None:
    def work(client: Any, number: int) -> list[int]:
        update = client.sf.getUpdateService()
        kept = []
        for step in range(10):
            dataset = omero.model.DatasetI()
            dataset.name = rstring(f"worker {number} step {step}")
            saved = update.saveAndReturnObject(dataset)
            if step % 2:
                update.deleteObject(saved)
            else:
                kept.append(saved.id.val)
        return kept

    with ExitStack() as stack, ThreadPoolExecutor(6) as pool:
        clients = [stack.enter_context(site.client("alice")) for _ in range(6)]
        kept = [dataset_id for ids in pool.map(work, clients, range(6)) for dataset_id in ids]

    rows = alice.query.projection("select d.id from Dataset d where d.name like 'worker %'", None)
    assert sorted(row[0].val for row in rows) == sorted(kept)
    assert len(set(kept)) == 30
