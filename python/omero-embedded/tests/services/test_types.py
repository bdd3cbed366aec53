"""ITypes: enumerations grow, change and go back to what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from omero_embedded.testing import Site


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwr---", "alice")
    site.administrator("carol")
    return site


def medium(value: str, entry_id: int | None = None) -> Any:
    entry = omero.model.MediumI(entry_id, True) if entry_id is not None else omero.model.MediumI()
    entry.value = rstring(value)
    return entry


def media(client: Any) -> list[str]:
    return [entry.value.val for entry in client.sf.getTypesService().allEnumerations("Medium")]


def test_alice_adds_an_entry_that_her_objects_can_use(lab: Site) -> None:
    with lab.client("alice") as client:
        made = client.sf.getTypesService().createEnumeration(medium("Honey"))
        settings = omero.model.ObjectiveSettingsI()
        settings.objective = omero.model.ObjectiveI()
        settings.objective.instrument = omero.model.InstrumentI()
        settings.medium = medium("Honey")
        settings.objective.immersion = omero.model.ImmersionI()
        settings.objective.immersion.value = rstring("Oil")
        settings.objective.correction = omero.model.CorrectionI()
        settings.objective.correction.value = rstring("Other")
        saved = client.sf.getUpdateService().saveAndReturnObject(settings)

    assert saved.medium.id.val == made.id.val


def test_a_value_that_is_there_is_not_added_twice(lab: Site) -> None:
    with lab.client("alice") as client:
        types = client.sf.getTypesService()
        there = types.getEnumeration("Medium", "Air")

        assert types.createEnumeration(medium("Air")).id.val == there.id.val
        assert media(client).count("Air") == 1


def test_only_administrators_change_and_delete_entries(lab: Site) -> None:
    with lab.client("alice") as client:
        types = client.sf.getTypesService()
        entry = types.createEnumeration(medium("Syrup"))
        for attempt in (
            lambda: types.updateEnumeration(medium("Sirup", entry.id.val)),
            lambda: types.updateEnumerations([entry]),
            lambda: types.deleteEnumeration(entry),
            lambda: types.resetEnumerations("Medium"),
        ):
            with pytest.raises(omero.SecurityViolation, match="administrators"):
                attempt()
        assert "Syrup" in media(client)


def test_carol_renames_and_deletes_an_entry(lab: Site) -> None:
    with lab.client("carol") as client:
        types = client.sf.getTypesService()
        entry = types.createEnumeration(medium("Jelly"))
        renamed = types.updateEnumeration(medium("Gelatine", entry.id.val))
        assert (renamed.id.val, renamed.value.val) == (entry.id.val, "Gelatine")
        assert "Jelly" not in media(client)
        types.deleteEnumeration(renamed)
        assert "Gelatine" not in media(client)


def test_two_entries_do_not_share_a_value(lab: Site) -> None:
    with lab.client("carol") as client:
        types = client.sf.getTypesService()
        entry = types.createEnumeration(medium("Foam"))
        with pytest.raises(omero.ValidationException, match="already"):
            types.updateEnumeration(medium("Air", entry.id.val))


def test_an_entry_in_use_is_neither_deleted_nor_reset_away(lab: Site) -> None:
    with lab.client("carol") as client:
        types = client.sf.getTypesService()
        used, unused = (types.createEnumeration(kind(value)) for value in ("telepathic", "unused"))
        experiment = omero.model.ExperimentI()
        experiment.type = used
        experiment = client.sf.getUpdateService().saveAndReturnObject(experiment)
        for attempt in (
            lambda: types.deleteEnumeration(used),
            lambda: types.resetEnumerations("ExperimentType"),
        ):
            with pytest.raises(omero.ValidationException, match="cannot be deleted while Experiment"):
                attempt()
        assert types.getEnumeration("ExperimentType", "unused").id.val == unused.id.val
        client.sf.getUpdateService().deleteObject(experiment)
        types.resetEnumerations("ExperimentType")
        left = {entry.value.val for entry in types.allEnumerations("ExperimentType")}
        assert not left & {"telepathic", "unused"}


def kind(value: str) -> Any:
    entry = omero.model.ExperimentTypeI()
    entry.value = rstring(value)
    return entry


def test_a_reset_brings_back_what_was_deleted_and_renamed(lab: Site) -> None:
    with lab.client("carol") as client:
        types = client.sf.getTypesService()
        pixel_types = {entry.value.val: entry.bitSize.val for entry in types.allEnumerations("PixelsType")}
        types.deleteEnumeration(types.getEnumeration("PixelsType", "double-complex"))

        types.resetEnumerations("omero.model.PixelsTypeI")

        now = {entry.value.val: entry.bitSize.val for entry in types.allEnumerations("PixelsType")}
        assert now == pixel_types


def test_what_is_no_entry_is_refused(lab: Site) -> None:
    with lab.client("carol") as client:
        types = client.sf.getTypesService()
        for wrong in (None, omero.model.ImageI(), omero.model.MediumI(1, False)):
            with pytest.raises((omero.ApiUsageException, omero.ValidationException)):
                types.createEnumeration(wrong)
            with pytest.raises(omero.ApiUsageException):
                types.updateEnumerations([wrong])
        with pytest.raises(omero.ValidationException, match="empty"):
            types.createEnumeration(medium(" "))
        with pytest.raises(omero.ApiUsageException, match="with an id"):
            types.deleteEnumeration(medium("Air"))
        with pytest.raises(omero.ApiUsageException, match="not an enumeration"):
            types.resetEnumerations("Image")
