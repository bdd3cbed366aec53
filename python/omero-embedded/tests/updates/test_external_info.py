"""Where an object comes from: saved, replaced and taken away with the object."""

from __future__ import annotations

from typing import Any

import omero
import omero.all
from omero.rtypes import rstring


def test_external_info_is_saved_with_its_object(alice: Any) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("from elsewhere")
    info = omero.model.ExternalInfoI()
    info.entityId = omero.rtypes.rlong(7)
    info.entityType = rstring("com.example.Thing")
    info.uuid = rstring("abc")
    dataset.details.externalInfo = info

    saved = alice.save(dataset)

    found = alice.one(
        f"select d from Dataset d join fetch d.details.externalInfo where d.id = {saved.id.val}"
    )
    assert found.details.externalInfo.uuid.val == "abc"


def external_info(kind: str) -> Any:
    info = omero.model.ExternalInfoI()
    info.entityId = omero.rtypes.rlong(7)
    info.entityType = rstring(kind)
    return info


def kind_of(alice: Any, dataset: Any) -> str | None:
    found = alice.one(
        f"select d from Dataset d left join fetch d.details.externalInfo where d.id = {dataset.id.val}"
    )
    info = found.details.externalInfo
    return None if info is None else str(info.entityType.val)


def test_external_info_is_replaced_and_taken_away(alice: Any) -> None:
    dataset = alice.dataset()
    dataset.details.externalInfo = external_info("first")
    dataset = alice.save(dataset)
    assert kind_of(alice, dataset) == "first"

    dataset.details.externalInfo = external_info("second")
    dataset = alice.save(dataset)
    assert kind_of(alice, dataset) == "second"

    dataset.details.externalInfo = None
    assert alice.save(dataset).details.externalInfo is None
    assert kind_of(alice, dataset) is None


def test_external_info_itself_never_changes(alice: Any) -> None:
    dataset = alice.dataset()
    dataset.details.externalInfo = external_info("first")
    dataset = alice.save(dataset)

    dataset.details.externalInfo.entityType = rstring("other")
    alice.save(dataset)

    assert kind_of(alice, dataset) == "first"


def test_external_info_stays_when_the_object_was_read_without_it_or_made_up(alice: Any) -> None:
    dataset = alice.dataset()
    dataset.details.externalInfo = external_info("kept")
    dataset = alice.save(dataset)

    plain = alice.query.get("Dataset", dataset.id.val)
    plain.name = rstring("renamed")
    alice.save(plain)
    assert kind_of(alice, dataset) == "kept"

    made_up = omero.model.DatasetI(dataset.id.val, True)
    made_up.name = rstring("made up")
    again = alice.save(made_up)
    again.name = rstring("and saved again")
    alice.save(again)
    assert kind_of(alice, dataset) == "kept"
