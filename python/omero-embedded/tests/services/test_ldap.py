"""ILdap where no directory service is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero
import omero.all
import pytest
from omero.rtypes import rlong

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omero_embedded.testing import Site


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwr---", "alice")
    site.administrator("carol")
    return site


CALLS: list[Callable[[Any], Any]] = [
    lambda ldap: ldap.searchAll(),
    lambda ldap: ldap.searchDnInGroups("member", "alice"),
    lambda ldap: ldap.searchByAttribute("", "uid", "alice"),
    lambda ldap: ldap.searchByAttributes("", ["uid"], ["alice"]),
    lambda ldap: ldap.searchByDN("cn=alice"),
    lambda ldap: ldap.findDN("alice"),
    lambda ldap: ldap.findGroupDN("lab"),
    lambda ldap: ldap.findExperimenter("alice"),
    lambda ldap: ldap.findGroup("lab"),
    lambda ldap: ldap.createUser("newcomer"),
]


def test_administrators_hear_that_ldap_is_not_configured(lab: Site) -> None:
    with lab.client("carol") as client:
        ldap = client.sf.getLdapService()
        assert ldap.getSetting() is False
        assert (ldap.discover(), ldap.discoverGroups()) == ([], [])
        for call in CALLS:
            with pytest.raises(omero.ApiUsageException, match="not configured"):
                call(ldap)


def test_alice_hears_that_this_is_for_administrators(lab: Site) -> None:
    with lab.client("alice") as client:
        ldap = client.sf.getLdapService()
        for call in (*CALLS, lambda ldap: ldap.getSetting(), lambda ldap: ldap.setDN(rlong(1), "cn=x")):
            with pytest.raises(omero.SecurityViolation, match="administrators"):
                call(ldap)


def test_a_search_for_nothing_finds_nothing(lab: Site) -> None:
    with lab.client("carol") as client:
        ldap = client.sf.getLdapService()
        assert ldap.searchDnInGroups("", "alice") == []
        assert ldap.searchByAttribute("", "uid", "") == []
        assert ldap.searchByAttributes("", ["uid", "mail"], ["alice"]) == []


def test_somebody_who_exists_is_not_made_again(lab: Site) -> None:
    with lab.client("carol") as client, pytest.raises(omero.ValidationException, match="already exists"):
        client.sf.getLdapService().createUser("alice")


def test_carol_marks_alice_as_one_of_the_directory_and_takes_it_back(lab: Site) -> None:
    with lab.client("carol") as client:
        ldap, admin = client.sf.getLdapService(), client.sf.getAdminService()
        alice = rlong(lab.user_id("alice"))
        ldap.setDN(alice, "cn=alice")
        assert admin.lookupExperimenter("alice").ldap.val is True
        ldap.setDN(alice, "")
        assert admin.lookupExperimenter("alice").ldap.val is False
        for wrong in (rlong(10**9), None):
            with pytest.raises((omero.ValidationException, omero.ApiUsageException)):
                ldap.setDN(wrong, "cn=nobody")
