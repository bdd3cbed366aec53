"""Sessions as OMERO's clients use them: over real Ice, SSL and TCP."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import Glacier2
import Ice
import omero
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rstring

from omero_embedded.testing import HOST, PASSWORD, Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob", owners=("oscar",))
    site.administrator("carol")
    return site


def login(site: Site, name: str, password: str) -> Any:
    client = omero.client(host=site.address)
    client.createSession(name, password)
    return client


def left_open(folder: Path) -> str:
    """The key of a session of root's on a server that stopped meanwhile."""
    site = Site(folder)
    client = login(site, "root", PASSWORD)
    key: str = client.getSessionId()
    client.getSession().detachOnDestroy()
    client.closeSession()
    site.stop()
    return key


def test_alice_logs_in_over_ssl_with_the_stock_settings(tmp_path: Path) -> None:
    site = Site(tmp_path, ssl=True)
    try:
        port = site.server.ports()["ssl"]
        conn = BlitzGateway("root", PASSWORD, host=HOST, port=port, secure=True)
        assert conn.connect()
        assert conn.getEventContext().userName == "root"
        conn.close()
    finally:
        site.stop()


def test_a_user_named_like_a_session_key_logs_in_with_the_name_as_password(lab: Site) -> None:
    name = str(uuid.uuid4())
    lab.group("robots", "rw----", name)
    with lab.client("root") as root:
        root.sf.getAdminService().changeUserPassword(name, rstring(name))

    client = login(lab, name, name)
    assert client.sf.getAdminService().getEventContext().userName == name
    client.closeSession()


def test_switching_to_the_insecure_port_keeps_the_session(tmp_path: Path) -> None:
    site = Site(tmp_path, ssl=True)
    try:
        ports = site.server.ports()
        client = omero.client(HOST, ports["ssl"])
        client.createSession("root", PASSWORD)
        plain = client.createClient(False)
        assert plain.getSessionId() == client.getSessionId()
        plain.closeSession()
        client.closeSession()
    finally:
        site.stop()


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "wrong"),
        ("mallory", PASSWORD),
        ("alice", "' or 1=1 --"),
        ("alice", "alice"),
        ("mallory", "mallory"),
    ],
)
def test_wrong_credentials_are_refused_without_telling_which_part_was_wrong(
    lab: Site, name: str, password: str
) -> None:
    with pytest.raises(Glacier2.PermissionDeniedException) as refused:
        login(lab, name, password)
    assert refused.value.reason == "wrong user name or password"


def test_a_session_is_joined_with_its_key_and_survives_the_first_client_that_detaches(lab: Site) -> None:
    first = login(lab, "alice", PASSWORD)
    key = first.getSessionId()
    first.getSession().detachOnDestroy()
    first.closeSession()
    second = omero.client(host=lab.address)
    second.joinSession(key)
    assert second.getSession().getAdminService().getEventContext().userName == "alice"
    second.closeSession()


def test_a_session_ends_with_its_last_client(lab: Site) -> None:
    client = login(lab, "alice", PASSWORD)
    key = client.getSessionId()
    client.closeSession()
    with pytest.raises(Glacier2.PermissionDeniedException, match="no open session"):
        omero.client(host=lab.address).joinSession(key)


def test_an_idle_session_expires(lab: Site) -> None:
    with lab.client("carol") as admin:
        principal = omero.sys.Principal("alice", "lab", "Test", None)
        session = admin.sf.getSessionService().createSessionWithTimeouts(principal, 0, 1)
    with pytest.raises(Glacier2.PermissionDeniedException):
        omero.client(host=lab.address).joinSession(session.uuid.val)


def test_sessions_outlive_a_restart_of_the_server(tmp_path: Path) -> None:
    key = left_open(tmp_path)
    again = Site(tmp_path)
    try:
        client = omero.client(host=again.address)
        client.joinSession(key)
        assert client.getSession().getAdminService().getEventContext().sessionUuid == key
        client.closeSession()
    finally:
        again.stop()


def test_carol_works_as_alice_through_sudo_and_bob_may_not(lab: Site) -> None:
    principal = omero.sys.Principal("alice", "lab", "Sudo", None)
    with lab.client("carol") as admin:
        session = admin.sf.getSessionService().createSessionWithTimeout(principal, 60_000)
        as_alice = omero.client(host=lab.address)
        as_alice.joinSession(session.uuid.val)
        context = as_alice.getSession().getAdminService().getEventContext()
        assert (context.userName, context.sudoerName.val, context.isAdmin) == ("alice", "carol", False)
        as_alice.closeSession()
    with lab.client("bob") as bob, pytest.raises(omero.SecurityViolation, match="may not become alice"):
        bob.sf.getSessionService().createSessionWithTimeout(principal, 60_000)


def test_a_groups_owner_becomes_a_member_within_the_own_groups_only(lab: Site) -> None:
    led = lab.group("led", "rwr---", "mia", owners=("oscar",))
    elsewhere = lab.group("away", "rwr---", "mia")
    with lab.client("oscar") as oscar:
        service = oscar.sf.getSessionService()
        with pytest.raises(omero.SecurityViolation, match="may not become mia"):
            service.createSessionWithTimeout(omero.sys.Principal("mia", "away", "Sudo", None), 60_000)
        session = service.createSessionWithTimeout(omero.sys.Principal("mia", "led", "Sudo", None), 60_000)
        as_mia = omero.client(host=lab.address)
        as_mia.joinSession(session.uuid.val)
        try:
            admin = as_mia.sf.getAdminService()
            context = admin.getEventContext()
            assert context.userName == "mia"
            assert led in context.memberOfGroups
            assert elsewhere not in context.memberOfGroups
            with pytest.raises(omero.SecurityViolation, match="groups of that owner"):
                admin.getEventContext({"omero.group": "-1"})
        finally:
            as_mia.closeSession()


def test_who_became_another_is_named_even_after_becoming_a_third(lab: Site) -> None:
    with lab.client("carol") as carol:
        session = carol.sf.getSessionService().createSessionWithTimeout(
            omero.sys.Principal("root", "system", "Sudo", None), 60_000
        )
        as_root = omero.client(host=lab.address)
        as_root.joinSession(session.uuid.val)
        try:
            again = as_root.sf.getSessionService().createSessionWithTimeout(
                omero.sys.Principal("alice", "lab", "Sudo", None), 60_000
            )
            assert again.sudoer.id.val == lab.user_id("carol")
        finally:
            as_root.closeSession()


@pytest.mark.parametrize("group", ["-1", "system"])
def test_nobody_logs_in_to_all_groups_or_to_that_of_strangers(lab: Site, group: str) -> None:
    with pytest.raises(Glacier2.CannotCreateSessionException), lab.client("alice", group=group):
        pass


def test_a_session_cannot_work_in_all_groups(lab: Site) -> None:
    with lab.client("alice") as client, pytest.raises(omero.ApiUsageException, match="single calls"):
        client.sf.setSecurityContext(omero.model.ExperimenterGroupI(-1, False))


def test_a_session_changes_its_group_only_while_no_stateful_service_is_open(lab: Site) -> None:
    other = omero.model.ExperimenterGroupI(lab.group("second", "rw----", "alice"), False)
    with lab.client("alice") as client:
        store = client.sf.createRawFileStore()
        with pytest.raises(omero.SecurityViolation, match="RawFileStore"):
            client.sf.setSecurityContext(other)
        store.close()

        client.sf.setSecurityContext(other)

        assert client.sf.getAdminService().getEventContext().groupName == "second"


def test_a_program_says_for_which_address_it_logs_in(lab: Site) -> None:
    client = omero.client(host=lab.address)
    client.setIP("2001:db8::1")
    session = client.createSession("alice", PASSWORD)
    try:
        found = session.getSessionService().getSession(client.getSessionId())
        assert found.userIP.val == "2001:db8::1"
    finally:
        client.closeSession()


def test_bob_cannot_read_alices_session(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("bob") as bob, pytest.raises(omero.SecurityViolation):
        bob.sf.getSessionService().getSession(alice.getSessionId())


def test_session_inputs_are_kept_for_the_next_client(lab: Site) -> None:
    with lab.client("alice") as client:
        client.setInput("note", omero.rtypes.rstring("hello"))
        assert client.getInput("note").val == "hello"
        assert client.getInputKeys() == ["note"]


def test_omero_group_of_a_stranger_is_refused(lab: Site) -> None:
    lab.group("other", "rw----", "dave")
    other = lab.server.directory.group_named("other")
    assert other is not None
    with lab.client("alice") as client, pytest.raises(omero.SecurityViolation, match="not a member of group"):
        client.sf.getAdminService().getEventContext({"omero.group": str(other.id)})


def test_the_name_of_a_group_counts_at_login_and_not_for_later_calls(lab: Site) -> None:
    lab.group("first", "rw----", "frank")
    lab.group("then", "rw----", "frank")
    then = lab.server.directory.group_named("then")
    assert then is not None
    client = omero.client(args=["--omero.group=first"], host=lab.address)
    admin = client.createSession("frank", PASSWORD).getAdminService()
    assert admin.getEventContext().groupName == "first"
    client.sf.setSecurityContext(omero.model.ExperimenterGroupI(then.id, False))
    assert admin.getEventContext().groupName == "then"
    client.closeSession()


def test_an_unknown_operation_says_what_is_missing(lab: Site) -> None:
    with (
        lab.client("alice") as client,
        pytest.raises(omero.ApiUsageException, match="not supported by the embedded OMERO"),
    ):
        client.sf.getAdminService().changeExpiredCredentials("alice", "a", "b")


def test_a_closed_stateful_service_is_gone(lab: Site) -> None:
    with lab.client("alice") as client:
        store = client.sf.createRawFileStore()
        store.close()
        with pytest.raises(Ice.ObjectNotExistException):
            store.close()


def test_the_services_of_a_session_that_another_client_ended_are_gone(lab: Site) -> None:
    import Ice

    first = login(lab, "alice", PASSWORD)
    query = first.getSession().getQueryService()
    second = omero.client(host=lab.address)
    second.joinSession(first.getSessionId())
    second.killSession()
    with pytest.raises(Ice.ObjectNotExistException):
        query.findAllByQuery("from Project", None)
    with pytest.raises(omero.RemovedSessionException, match="log in again"):
        first.getSession(False).getQueryService()


def test_services_of_a_lost_connection_are_released(lab: Site) -> None:
    client = login(lab, "alice", PASSWORD)
    client.getSession().detachOnDestroy()
    key = client.getSessionId()
    client.getSession().createRawFileStore()
    session = lab.server.sessions.get(key)
    assert len(session.servants) == 1
    client.closeSession()
    assert session.servants == {}


@pytest.mark.parametrize("secure", [True, False])
def test_the_gateway_starts_in_the_group_that_is_asked_for(lab: Site, secure: bool) -> None:
    group = f"second-{secure}"
    lab.group(group, "rwra--", "alice")
    conn = BlitzGateway("alice", PASSWORD, host=lab.address, secure=secure, group=group)
    assert conn.connect()
    assert conn.getEventContext().groupName == group
    conn.close()


def test_guests_log_in_and_see_nothing_of_others(lab: Site) -> None:
    with lab.client("alice") as alice:
        dataset = omero.model.DatasetI()
        dataset.name = omero.rtypes.rstring("alice's")
        alice.sf.getUpdateService().saveObject(dataset)
    guest = login(lab, "guest", "guest")
    found = (
        guest.getSession()
        .getQueryService()
        .findAllByQuery("select d from Dataset d", None, {"omero.group": "-1"})
    )
    assert found == []
    guest.closeSession()


def test_the_group_is_changed_when_all_stateful_services_are_closed(lab: Site) -> None:
    lab.group("elsewhere", "rwra--", "alice")
    with lab.client("alice") as client:
        groups = {
            group.name.val: group.id.val
            for group in client.sf.getAdminService().containedGroups(lab.user_id("alice"))
        }
        target = omero.model.ExperimenterGroupI(groups["elsewhere"], False)
        other = omero.client(host=lab.address)
        session = other.joinSession(client.getSessionId())
        session.detachOnDestroy()
        session.createThumbnailStore()
        client.sf.createSearchService()
        with pytest.raises(omero.SecurityViolation, match=r"Search, omero\.api\.ThumbnailStore"):
            client.sf.setSecurityContext(target)

        opened = client.getStatefulServices()
        assert len(opened) == 2
        for service in opened:
            service.close()

        assert client.getStatefulServices() == []
        client.sf.setSecurityContext(target)
        assert client.sf.getAdminService().getEventContext().groupName == "elsewhere"
        other.closeSession()


def test_a_second_wrong_password_is_answered_late_until_the_right_one_was_given(tmp_path: Path) -> None:
    site = Site(tmp_path, config={"omero.security.login_failure_throttle_time": "400"})
    site.group("lab", "rw----", "alice", "bob")

    def seconds(name: str, password: str) -> float:
        began = time.monotonic()
        with pytest.raises(Glacier2.PermissionDeniedException):
            login(site, name, password)
        return time.monotonic() - began

    try:
        assert seconds("alice", "wrong") < 0.4 <= seconds("alice", "wrong again")
        assert seconds("bob", "wrong") < 0.4
        login(site, "alice", PASSWORD).closeSession()
        assert seconds("alice", "wrong") < 0.4
    finally:
        site.stop()


def test_a_refusal_that_is_held_back_does_not_hold_up_the_end_of_the_server(tmp_path: Path) -> None:
    site = Site(tmp_path, config={"omero.security.login_failure_throttle_time": "60000"})
    with pytest.raises(Glacier2.PermissionDeniedException):
        login(site, "root", "wrong")
    client = omero.client(host=site.address)
    router = Glacier2.RouterPrx.uncheckedCast(client.getCommunicator().getDefaultRouter())
    pending = router.begin_createSession("root", "wrong again")
    pending.waitForSent()
    began = time.monotonic()

    site.stop()

    assert time.monotonic() - began < 30
    with pytest.raises(Ice.Exception):
        router.end_createSession(pending)


def test_an_interface_without_service_is_not_supported(lab: Site) -> None:
    with (
        lab.client("alice") as client,
        pytest.raises(omero.ApiUsageException, match="not supported by the embedded OMERO: MetadataStore"),
    ):
        client.sf.createByName("omero.api.MetadataStore")
