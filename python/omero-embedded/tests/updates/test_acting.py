"""Calls for somebody else: omero.user in the context of a call."""

from __future__ import annotations

from typing import Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring


def test_an_administrator_makes_things_for_the_user_that_the_call_names(
    site: Any, group: int, root: Any, alice: Any
) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("for alice")
    context = {"omero.group": str(group), "omero.user": str(alice.user_id)}

    saved = root.update.saveAndReturnObject(dataset, context)

    assert saved.details.owner.id.val == alice.user_id


def test_bob_cannot_call_as_alice(alice: Any, bob: Any) -> None:
    with pytest.raises(omero.SecurityViolation, match="not an admin"):
        bob.client.sf.getAdminService().getEventContext({"omero.user": str(alice.user_id)})


def test_nobody_calls_as_a_user_that_there_is_not(root: Any) -> None:
    with pytest.raises(omero.ApiUsageException, match="no such user"):
        root.client.sf.getAdminService().getEventContext({"omero.user": "987654"})
