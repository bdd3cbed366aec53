"""Choosing images, reading their names, looking at what would change, writing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.config import omp_settings, signer
from omeroweb_omp_plugin.parsing.suggest import suggest as suggest_recipe
from omeroweb_omp_plugin.parsing.variables import DEFAULT_NAMES
from omeroweb_omp_plugin.services import browse
from omeroweb_omp_plugin.services.preview import Wanted
from omeroweb_omp_plugin.services.preview import preview as preview_of
from omeroweb_omp_plugin.services.recipes import ReadingModel, RecipeModel, Text, read_names
from omeroweb_omp_plugin.services.sources import Target, find_images
from omeroweb_omp_plugin.services.starting import entries_of, start_write
from omeroweb_omp_plugin.services.user_settings import batch_size
from omeroweb_omp_plugin.views.access import user_api
from omeroweb_omp_plugin.views.errors import told

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller
    from omeroweb_omp_plugin.services.sources import Source

MISMATCHES_SHOWN = 50


class SuggestModel(BaseModel):
    """For which images, from which text, and with which variable names."""

    targets: list[Target] = Field(max_length=20_000)
    recipe: RecipeModel = Field(default_factory=RecipeModel)
    names: list[Text] = Field(default_factory=lambda: list(DEFAULT_NAMES), max_length=100)


class WriteModel(ReadingModel):
    """What was previewed; `image_ids` are the ticked ones (all when missing), `key` makes clicking twice harmless."""

    image_ids: list[int] | None = None
    key: str | None = Field(default=None, max_length=64)
    dry_run: bool = False


@user_api("GET")
def sources(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return containers by class, or with `?under=Project:5` what is inside one."""
    under = request.GET.get("under")
    if under is not None:
        kind, _, number = under.partition(":")
        if kind not in (*browse.CHILDREN, "Plate") or not number.isdecimal() or len(number) > 18:
            raise UserError("`under` is a class and an id: Project:5, Screen:3 or Plate:7.")
        if kind == "Plate":
            return {"type": "Well", "children": browse.wells_of(caller, int(number))}
        return {"type": browse.CHILDREN[kind][0], "children": browse.children(caller, kind, int(number))}
    answer: dict[str, Any] = {kind: browse.containers(caller, kind) for kind in browse.ROOTS}
    return answer | {"orphans": {"id": caller.owner.user_id, "count": browse.orphan_count(caller)}}


@user_api("POST", body=SuggestModel)
def suggest(_request: HttpRequest, caller: Caller, *, body: SuggestModel) -> dict[str, Any]:
    """Return the built-in suggester's recipe for the names, and why each other name doesn't fit."""
    images = chosen(caller, body.targets, with_paths=body.recipe.needs_paths)
    with told():
        source = body.recipe.recipe().source
    names = [source.text(image.name, image.path) for image in images]
    found = suggest_recipe(names, body.names, body.recipe.base_rules, omp_settings().terms)
    rule = found.inference.rule
    return {
        "source": found.source,
        "explanation": found.explanation,
        "recipe": {
            "mode": rule.mode,
            "separators": rule.separators,
            "pattern": rule.pattern,
            "labels": list(rule.labels),
            "names": list(found.names),
        },
        "regex": found.regex,
        "strict_regex": found.strict_regex,
        "matched": found.inference.matched,
        "total": len(names),
        "mismatches": [
            {"id": images[entry.index].id, "name": entry.name, "reason": entry.reason}
            for entry in found.inference.mismatches[:MISMATCHES_SHOWN]
        ],
    }


@user_api("POST", body=ReadingModel)
def preview(_request: HttpRequest, caller: Caller, *, body: ReadingModel) -> dict[str, Any]:
    """Return what writing would do to each image, without writing anything."""
    images = chosen(caller, body.targets, with_paths=body.recipe.needs_paths)
    with told():
        rows = read_names(body, images, omp_settings().terms)
    wanted = [Wanted(row.id, row.name, row.pairs, row.problems) for row in rows]
    return preview_of(caller.conn, images, wanted, body.policy, signer(), caller.owner.user_id)


@user_api("POST", body=WriteModel, major=True)
def write(_request: HttpRequest, caller: Caller, *, body: WriteModel) -> dict[str, Any]:
    """Start writing the pairs that the preview of the same request shows."""
    images = chosen(caller, body.targets, with_paths=body.recipe.needs_paths)
    if body.image_ids is not None:
        images = only(images, body.image_ids)
    with told():
        entries = entries_of(body, images, omp_settings().terms)
    if body.dry_run:
        wanted = [Wanted(number, name, pairs) for _, number, name, pairs, _ in entries]
        plan = preview_of(caller.conn, images, wanted, body.policy, signer(), caller.owner.user_id)
        return {"dry_run": True, "total": plan["total"], "counts": plan["counts"]}
    job = start_write(caller.owner, entries, body.policy, key=body.key, batch=batch_size(caller.owner))
    return {"job_id": job.id, "total": job.total}


def chosen(caller: Caller, targets: list[Target], *, with_paths: bool = False) -> list[Source]:
    """The images of the targets. Raises UserError when there are none."""
    images = find_images(caller.conn, targets, most=omp_settings().most_images, with_paths=with_paths)
    if not images:
        raise UserError("There are no images in what is chosen, or you may not see them.", status=404)
    return images


def only(images: list[Source], ids: list[int]) -> list[Source]:
    """The images with these ids. Raises UserError when one is not among them or none is asked for."""
    wanted = set(ids)
    if not wanted:
        raise UserError("No image is ticked. Tick at least one.")
    strangers = sorted(wanted - {image.id for image in images})
    if strangers:
        raise UserError(
            f"Image {strangers[0]} is not in what is chosen ({len(strangers)} such). Load the preview again.",
            status=409,
        )
    return [image for image in images if image.id in wanted]
