"""Removing annotations: first what would go, then, after the person proved who they are, the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from omeroweb_omp_plugin.config import omp_settings, signer
from omeroweb_omp_plugin.services.reauth import confirm_identity
from omeroweb_omp_plugin.services.removal import removal_preview
from omeroweb_omp_plugin.services.sources import Target  # noqa: TC001 - pydantic reads the annotation
from omeroweb_omp_plugin.services.starting import start_acquisition, start_removal
from omeroweb_omp_plugin.services.user_settings import batch_size
from omeroweb_omp_plugin.views.access import user_api
from omeroweb_omp_plugin.views.reading import chosen

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class ImagesModel(BaseModel):
    """Which images."""

    targets: list[Target] = Field(max_length=20_000)


class RemovalModel(ImagesModel):
    """Own annotations, or with `everybodys` all that the caller may remove."""

    everybodys: bool = False


class ConfirmedRemovalModel(RemovalModel):
    """The caller's password; without one the login has to be fresh."""

    password: str | None = Field(default=None, max_length=1000, repr=False)


@user_api("POST", body=RemovalModel)
def preview(_request: HttpRequest, caller: Caller, *, body: RemovalModel) -> dict[str, Any]:
    """Return what a removal would take away."""
    images = chosen(caller, body.targets)
    names = {image.id: image.name for image in images}
    return removal_preview(
        caller.conn, names, names, signer(), writer=caller.owner.user_id, everybodys=body.everybodys
    )


@user_api("POST", body=ConfirmedRemovalModel, major=True)
def remove(request: HttpRequest, caller: Caller, *, body: ConfirmedRemovalModel) -> dict[str, Any]:
    """Start a removal."""
    confirm_identity(request, caller, body.password, omp_settings().fresh_login_seconds)
    images = chosen(caller, body.targets)
    job = start_removal(caller.owner, images, everybodys=body.everybodys, batch=batch_size(caller.owner))
    return {"job_id": job.id, "total": job.total}


@user_api("POST", body=ImagesModel, major=True)
def acquisition(_request: HttpRequest, caller: Caller, *, body: ImagesModel) -> dict[str, Any]:
    """Start copying acquisition metadata into pairs."""
    job = start_acquisition(caller.owner, chosen(caller, body.targets), batch=batch_size(caller.owner))
    return {"job_id": job.id, "total": job.total}
