"""The account that the worker uses on behalf of users: an administrator who may do nothing but sudo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import AdminPrivilegeI, ExperimenterI
from omero.rtypes import rbool, rstring

from omero_platform.milestones import JOB_SERVICE_READY, reach
from omero_platform.omero_session import root_session
from omero_platform.secret_files import secret
from omero_platform.services.omeroweb import JOB_SERVICE_USER

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def ensure_job_service(instance: Instance) -> None:
    """Make the account unless it is there."""
    with root_session(instance) as gateway:
        ensure_account(gateway, JOB_SERVICE_USER, secret(instance, JOB_SERVICE_USER))
    reach(instance, JOB_SERVICE_READY)


def ensure_account(gateway: Any, name: str, password: str) -> None:
    """Make a light administrator who may only sudo; one that is there gets this password and these rights."""
    admin = gateway.c.sf.getAdminService()
    sudo = AdminPrivilegeI()
    sudo.value = rstring("Sudo")
    present = [user for user in admin.lookupExperimenters() if user.omeName.val == name]
    if present:
        admin.changeUserPassword(name, rstring(password))
        admin.setAdminPrivileges(present[0], [sudo])
        return
    account = ExperimenterI()
    account.omeName = rstring(name)
    account.firstName = rstring("Job")
    account.lastName = rstring("Service")
    account.ldap = rbool(False)
    admin.createRestrictedSystemUserWithPassword(account, [sudo], rstring(password))
