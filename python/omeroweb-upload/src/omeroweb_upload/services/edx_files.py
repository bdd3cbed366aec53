"""Images and files that can be brought together: those of a dataset in OMERO, or those of an upload."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import container_names, images_of
from omero_plugin_common.web.errors import UserError
from omeroweb_upload.association import SpectrumFile, associate, is_spectrum_name
from omeroweb_upload.junk import skip_reason
from omeroweb_upload.paths import folder_of, name_of
from omeroweb_upload.services.attachments_find import AttachedFile, attached_files
from omeroweb_upload.services.edx_sources import find_sources
from omeroweb_upload.services.edx_uploads import imported_images, session_of, staged_files
from omeroweb_upload.spectra import names
from omeroweb_upload.spectra.peek import PEEK_BYTES, peek

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_plugin_common.web.caller import Caller

MAX_IMAGES = 5000
MAX_FILES = 2000
ALREADY = "attached to this image already"


@dataclass(frozen=True, slots=True)
class ImageToChoose:
    """An image with the path that rules by name look at."""

    id: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class FileToPlace:
    """A file, and the image it seems to belong to, with the rule that says so; None where no rule does."""

    token: str
    path: str
    size: int
    title: str = ""
    image_id: int | None = None
    rule: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What a wizard starts from."""

    title: str
    images: tuple[ImageToChoose, ...]
    files: tuple[FileToPlace, ...]
    left_out: int = 0


def of_dataset(caller: Caller, dataset_id: int, *, spectra: bool) -> Collection:
    """Images of a dataset, and files attached to it or, for spectra, to its images; raises UserError 404."""
    conn = caller.conn
    with in_group(conn, ALL_GROUPS):
        title = container_names(conn, "Dataset", [dataset_id]).get(dataset_id)
        if title is None:
            raise UserError("There is no such dataset, or it is not yours to see.", status=404)
        rows = images_of(conn, "Dataset", [dataset_id])
        images = _distinct([ImageToChoose(row.id, row.name, row.name) for row in rows[:MAX_IMAGES]])
        attached = attached_files(conn, "Dataset", [dataset_id])
        if spectra:
            attached += attached_files(conn, "Image", [image.id for image in images])
    files = [
        _attached(file, carrier_is_image=file.object_id != dataset_id)
        for file in _useful(attached, spectra=spectra)
    ]
    left_out = len(rows) - len(images) + max(0, len(files) - MAX_FILES)
    return Collection(title, images, _placed(caller, images, files[:MAX_FILES], spectra=spectra), left_out)


def _useful(attached: Iterable[AttachedFile], *, spectra: bool) -> list[AttachedFile]:
    """Each annotation once, without what was made of spectra; spectra only where those are wanted."""
    found: dict[int, AttachedFile] = {}
    for file in attached:
        made = file.namespace == names.TABLE_NAMESPACE or file.name.endswith(("_edx.png", "_edx.pdf"))
        if not made and (is_spectrum_name(file.name) or not spectra):
            found[file.annotation_id] = file
    return list(found.values())


def _attached(file: AttachedFile, *, carrier_is_image: bool) -> FileToPlace:
    token = f"annotation:{file.annotation_id}"
    if carrier_is_image:
        return FileToPlace(token, file.name, file.size, "", file.object_id, ALREADY, fixed=True)
    return FileToPlace(token, file.name, file.size)


def of_upload(caller: Caller, session_id: str, *, spectra: bool) -> Collection:
    """Images that an upload's import made, and its files that are no images; raises UserError 404."""
    session = session_of(session_id, caller.owner)
    if session is None:
        raise UserError("There is no such upload, or it belongs to somebody else.", status=404)
    imported = {image.image_id: image.path for image in imported_images(session)}
    with in_group(caller.conn, ALL_GROUPS):
        rows = images_of(caller.conn, "Image", imported)
    images = _distinct([ImageToChoose(row.id, row.name, imported[row.id]) for row in rows[:MAX_IMAGES]])
    files = [
        FileToPlace(f"staged:{row.id}", row.path, row.size)
        for row in staged_files(session)
        if (is_spectrum_name(row.path) if spectra else skip_reason(row.path) is None)
    ]
    left_out = len(rows) - len(images) + max(0, len(files) - MAX_FILES)
    title = session.title or "Upload"
    return Collection(title, images, _placed(caller, images, files[:MAX_FILES], spectra=spectra), left_out)


def _distinct(images: list[ImageToChoose]) -> tuple[ImageToChoose, ...]:
    """Each image once, under a path of its own: images of one file get their names behind it."""
    once = {image.id: image for image in images}
    counts: dict[str, int] = {}
    for image in once.values():
        counts[image.path] = counts.get(image.path, 0) + 1
    return tuple(
        image if counts[image.path] == 1 else replace(image, path=f"{image.path} [{image.name} {image.id}]")
        for image in once.values()
    )


def _placed(
    caller: Caller, images: tuple[ImageToChoose, ...], files: list[FileToPlace], *, spectra: bool
) -> tuple[FileToPlace, ...]:
    """Files with their titles and images; for spectra, only what looks like one inside."""
    if spectra:
        files = _with_titles(caller, files)
    ids = {image.path: image.id for image in images}
    free = [SpectrumFile(file.path, file.title) for file in files if not file.fixed]
    matches = {match.spectrum: match for match in associate(free, ids).matches}
    return tuple(
        file
        if file.fixed or file.path not in matches
        else replace(file, image_id=ids[matches[file.path].image], rule=matches[file.path].rule)
        for file in files
    )


def _with_titles(caller: Caller, files: list[FileToPlace]) -> list[FileToPlace]:
    sources = find_sources(caller.conn, caller.owner, [file.token for file in files])
    seen = [(file, peek(sources[file.token].read(PEEK_BYTES))) for file in files if file.token in sources]
    return [replace(file, title=found.title) for file, found in seen if found.is_spectrum]


def collection_json(found: Collection) -> dict[str, Any]:
    """A collection as the wizard wants it."""
    return {
        "title": found.title,
        "left_out": found.left_out,
        "images": [
            {"id": image.id, "name": image.name, "path": image.path, "folder": folder_of(image.path)}
            for image in found.images
        ],
        "files": [
            {
                "source": file.token,
                "name": name_of(file.path),
                "path": file.path,
                "folder": folder_of(file.path),
                "size": file.size,
                "title": file.title,
                "image_id": file.image_id,
                "rule": file.rule,
                "fixed": file.fixed,
            }
            for file in found.files
        ],
    }
