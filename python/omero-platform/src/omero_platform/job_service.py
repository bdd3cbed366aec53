"""The account that the worker uses on behalf of users: an administrator who may do nothing but sudo."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        admin = gateway.c.sf.getAdminService()
        if not any(user.omeName.val == JOB_SERVICE_USER for user in admin.lookupExperimenters()):
            account = ExperimenterI()
            account.omeName = rstring(JOB_SERVICE_USER)
            account.firstName = rstring("Job")
            account.lastName = rstring("Service")
            account.ldap = rbool(False)
            sudo = AdminPrivilegeI()
            sudo.value = rstring("Sudo")
            admin.createRestrictedSystemUserWithPassword(
                account, [sudo], rstring(secret(instance, JOB_SERVICE_USER))
            )
    reach(instance, JOB_SERVICE_READY)
