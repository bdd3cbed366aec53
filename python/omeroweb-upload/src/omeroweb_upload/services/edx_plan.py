"""From links that a user chose to a job: checked against the user, compared with what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from omero_plugin_common.jobs import service
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import images_of
from omero_plugin_common.omero_access.permissions import refused
from omero_plugin_common.web.errors import UserError
from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.emsa.text import MAX_BYTES
from omeroweb_upload.services.edx_items import (
    MAX_ITEMS,
    METHOD_KEY,
    Item,
    JobParameters,
    Link,
    MethodSettings,
    Output,
)
from omeroweb_upload.services.edx_present import present_outputs
from omeroweb_upload.services.edx_sources import find_sources
from omeroweb_upload.services.edx_undo import UNDOABLE
from omeroweb_upload.services.edx_uploads import make_items
from omeroweb_upload.spectra.analyse import UnknownElementError, labels_of_elements

if TYPE_CHECKING:
    from omero_plugin_common.models import Job
    from omero_plugin_common.omero_access.images import ImageRow
    from omero_plugin_common.web.caller import Caller

KINDS = {METHOD_KEY: "upload.spectra", "": "upload.attach"}
# Beyond, files are read by the job only: a preview should come at once.
READ_FOR_PREVIEW = 200


class LinksRequest(BaseModel):
    """What the browser sends: links, what to make, and a key under which a repeated request is the same job."""

    links: list[Link] = Field(min_length=1, max_length=MAX_ITEMS)
    settings: MethodSettings = MethodSettings()
    key: str | None = Field(default=None, max_length=100)
    upload: str = Field(default="", max_length=32)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job would do; `missing` are links whose file is gone."""

    items: list[Item]
    images: dict[int, ImageRow]
    group_id: int
    missing: list[Link]


def make_plan(caller: Caller, request: LinksRequest, method: str) -> Plan:
    """Check links and look at what is there.

    Raises UserError: 404 for an image that isn't the caller's to see, 403 for one not to annotate, 400 for images of
    several groups.
    """
    conn = caller.conn
    image_ids = sorted({link.image_id for link in request.links})
    with in_group(conn, ALL_GROUPS):
        images = {row.id: row for row in images_of(conn, "Image", image_ids, with_owners=True)}
        unknown = [str(number) for number in image_ids if number not in images]
        if unknown:
            raise UserError(
                f"There is no image {', '.join(unknown[:5])}, or it is not yours to see.", status=404
            )
        not_allowed = refused(conn, "Image", image_ids, "canAnnotate")
        if not_allowed:
            named = ", ".join(images[number].name for number in not_allowed[:5])
            raise UserError(f"You may not attach anything to {named}.", status=403)
        groups = {row.group_id for row in images.values()}
        if len(groups) > 1:
            raise UserError("The images are in several groups. Attach files group by group.")
        outputs = request.settings.outputs() if method else [Output.ORIGINAL]
        items = make_items(conn, caller.owner, _once(request.links), outputs)
        namespace = UNDOABLE[KINDS[method]]
        for item, found in zip(items, present_outputs(conn, items, namespace), strict=True):
            item.existing = list(found)
    kept = {item.source for item in items}
    missing = [link for link in request.links if link.source not in kept]
    return Plan(items, images, groups.pop() or caller.group_id, missing)


def _once(links: list[Link]) -> list[Link]:
    """Each file once per image, the first counts."""
    return list({(link.image_id, link.source): link for link in reversed(links)}.values())[::-1]


def plan_json(caller: Caller, plan: Plan, method: str) -> dict[str, Any]:
    """What a preview shows: per link what will be made, what is there, and what keeps a file from being read."""
    problems = _problems(caller, plan) if method else {}
    rows = [
        {
            "image_id": item.image_id,
            "image": plan.images[item.image_id].name,
            "source": item.source,
            "name": item.name,
            "make": [output for output in item.outputs if output not in item.existing],
            "existing": item.existing,
            "problem": problems.get(item.source, ""),
        }
        for item in plan.items
    ]
    return {
        "rows": rows,
        "to_make": sum(len(item.outputs) - len(item.existing) for item in plan.items),
        "existing": sum(len(item.existing) for item in plan.items),
        "missing": [{"image_id": link.image_id, "source": link.source} for link in plan.missing],
    }


def _problems(caller: Caller, plan: Plan) -> dict[str, str]:
    items = {item.source: item for item in plan.items[:READ_FOR_PREVIEW]}
    found: dict[str, str] = {}
    for token, source in find_sources(caller.conn, caller.owner, items).items():
        try:
            spectrum = parse_emsa(source.read(MAX_BYTES + 1), source.name)
            labels_of_elements(spectrum, items[token].elements or ()) if spectrum.is_energy else None
        except (EmsaError, UnknownElementError) as error:
            found[token] = str(error)
    return found


def start(caller: Caller, request: LinksRequest, method: str) -> Job:
    """Start the job; raises UserError as for a plan, and when nothing is left to attach."""
    plan = make_plan(caller, request, method)
    if not plan.items:
        raise UserError("None of these files is there any more. Load the page again.", status=409)
    parameters = JobParameters(method=method, items=plan.items, upload=request.upload)  # type: ignore[arg-type]
    return service.submit(
        KINDS[method],
        caller.owner,
        parameters.model_dump(mode="json"),
        group_id=plan.group_id,
        total=sum(len(item.outputs) for item in plan.items),
        idempotency_key=request.key,
    )
