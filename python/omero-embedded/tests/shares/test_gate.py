"""In a share things are looked at: every operation that is not known to look only is refused."""

from __future__ import annotations

import omero
import omero.all
import pytest
from omero.callbacks import CmdCallbackI
from omero.rtypes import rstring

from omero_embedded.shares.gate import check_allowed
from omero_embedded.support import reachable_interfaces
from omero_embedded.wire.operations import operations

SHARE = 5
WORDS = (
    "save",
    "create",
    "update",
    "delete",
    "change",
    "set",
    "add",
    "remove",
    "write",
    "reset",
    "make",
    "upload",
    "import",
)
# Settings of one client's view of an image, the session's own, and IShare, which has its own rules.
VIEWS = {
    "RenderingEngine",
    "ThumbnailStore",
    "RawPixelsStore",
    "ServiceFactory",
    "ISession",
    "IShare",
    "Handle",
}


def allowed(interface, name, *, with_key=False):
    try:
        check_allowed(interface, name, SHARE, with_key=with_key)
    except omero.SecurityViolation:
        return False
    return True


def test_no_service_is_written_through_in_a_share():
    writing = [
        f"{interface}.{operation.name}"
        for interface in reachable_interfaces()
        if interface.rpartition(".")[2] not in VIEWS
        for operation in operations(interface)
        if operation.name.startswith(WORDS) and allowed(interface, operation.name)
    ]

    assert writing == []


API = ("IUpdate", "RawFileStore", "Exporter", "Search", "IScript", "ITimeline", "IProjection")
GRID = ("SharedResources", "Table", "ManagedRepository", "Repository")


@pytest.mark.parametrize("interface", [*(f"api.{name}" for name in API), *(f"grid.{name}" for name in GRID)])
def test_some_services_are_not_for_looking_into_a_share(interface):
    full = f"omero.{interface}"

    assert [one.name for one in operations(full) if allowed(full, one.name)] == []


@pytest.mark.parametrize(
    "operation",
    [
        "RawPixelsStore.setPlane",
        "RenderingEngine.saveCurrentSettings",
        "IRenderingSettings.resetDefaults",
        "IQuery.findAllByFullText",
        "IAdmin.changePassword",
    ],
)
def test_operations_that_store_or_search_are_refused(operation):
    assert not allowed(*f"omero.api.{operation}".rsplit(".", 1))


@pytest.mark.parametrize(
    "operation", ["api.IQuery.get", "api.RawPixelsStore.getPlane", "api.IShare.addComment"]
)
def test_operations_that_look_are_allowed(operation):
    assert allowed(*f"omero.{operation}".rsplit(".", 1))


@pytest.mark.parametrize(
    "operation", ["api.ISession.getMyOpenSessions", "api.ServiceFactory.setSecurityContext"]
)
def test_the_key_of_a_share_gives_no_hold_on_its_owners_session(operation):
    interface, name = f"omero.{operation}".rsplit(".", 1)

    assert allowed(interface, name)
    assert not allowed(interface, name, with_key=True)


def test_nothing_is_saved_deleted_or_run_in_a_share(people, image):
    share = people.share(image)
    inside = {"omero.share": str(share)}
    alice = people.sessions["alice"].sf
    dataset = omero.model.DatasetI()
    dataset.name = rstring("not here")

    for attempt in (
        lambda: alice.getUpdateService().saveObject(dataset, inside),
        lambda: alice.getUpdateService().deleteObject(omero.model.ImageI(image, False), inside),
        lambda: alice.getRenderingSettingsService().resetDefaultsInSet("Image", [image], inside),
    ):
        with pytest.raises(omero.SecurityViolation, match="share"):
            attempt()


@pytest.mark.parametrize("activated", [False, True])
def test_requests_are_refused_in_a_share(people, image, activated):
    share = people.share(image)
    request = omero.cmd.Delete2(targetObjects={"Image": [image]})
    with people.site.client("alice") as alice:
        if activated:
            alice.sf.getShareService().activate(share)
        handle = alice.sf.submit(request, {} if activated else {"omero.share": str(share)})
        callback = CmdCallbackI(alice, handle)
        callback.loop(100, 50)

        assert callback.getResponse().name == "SecurityViolation"
        callback.close(True)
    assert people.query("alice").get("Image", image) is not None


def test_requests_cannot_be_sent_into_a_share_in_a_bundle(people, image):
    share = people.share(image)
    bundle = omero.cmd.DoAll(
        [omero.cmd.Delete2(targetObjects={"Image": [image]})], [{"omero.share": str(share)}]
    )

    callback = people.sessions["alice"].submit(bundle, loops=100, ms=50, failonerror=False)

    assert isinstance(callback.getResponse(), omero.cmd.ERR)
    assert people.query("alice").get("Image", image) is not None


def test_looking_leaves_no_trace_of_the_member(people, image):
    share = people.share(image)
    inside = {"omero.share": str(share)}
    bob = people.sessions["bob"].sf
    pixels = people.seen("bob", share, "select p.id from Pixels p")[0]

    store = bob.createThumbnailStore()
    store.setPixelsId(pixels, inside)
    store.resetDefaults(inside)
    assert store.getThumbnailByLongestSideSet(None, [pixels], inside)[pixels]
    engine = bob.createRenderingEngine()
    engine.lookupPixels(pixels, inside)
    engine.resetDefaultSettings(True, inside)

    for name in ("RenderingDef", "Thumbnail"):
        owners = people.query("root").projection(
            f"select o.details.owner.omeName from {name} o where o.pixels.id = {pixels}",
            None,
            {"omero.group": "-1"},
        )
        assert "bob" not in [row[0].val for row in owners], name
