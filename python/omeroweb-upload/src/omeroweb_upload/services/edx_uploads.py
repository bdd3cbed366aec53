"""The spectra of an upload, and the images its import made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omeroweb_upload.association import SpectrumFile, associate, is_spectrum_name
from omeroweb_upload.models import SetState, UploadFile, UploadSession, UploadSet
from omeroweb_upload.paths import name_of
from omeroweb_upload.services.edx_items import Item, Link, MethodSettings, Output
from omeroweb_upload.services.edx_sources import ARRIVED, find_sources
from omeroweb_upload.spectra.peek import PEEK_BYTES, peek

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_plugin_common.database.owned import Owner

MAX_FILES = 5000


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What to make of an upload's spectra, and the paths of those without an image."""

    items: list[Item]
    unmatched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """An image of an upload: the path it came from, and its id in OMERO."""

    path: str
    image_id: int


def session_of(session_id: str, owner: Owner) -> UploadSession | None:
    """The caller's upload."""
    return UploadSession.objects.filter(pk=session_id, owner_id=owner.user_id).first()


def imported_images(session: UploadSession) -> list[ImportedImage]:
    """Every image that the upload's import made, by the path of its set's main file."""
    sets = UploadSet.objects.filter(session=session, state=SetState.IMPORTED).order_by("position")
    return [ImportedImage(row.main, image_id) for row in sets for image_id in row.image_ids]


def paths_to_images(session: UploadSession) -> dict[str, int]:
    """The first image of the set that each imported path belongs to."""
    sets = {row.pk: row for row in UploadSet.objects.filter(session=session, state=SetState.IMPORTED)}
    files = UploadFile.objects.filter(session=session, file_set_id__in=sets).values_list(
        "path", "file_set_id"
    )
    found = {path: sets[set_id].image_ids[0] for path, set_id in files if sets[set_id].image_ids}
    return found | {row.main: row.image_ids[0] for row in sets.values() if row.image_ids}


def staged_files(session: UploadSession) -> list[UploadFile]:
    """Files of the upload that have arrived and were not imported as images."""
    rows = UploadFile.objects.filter(session=session, state__in=ARRIVED).order_by("path")
    imported = set(paths_to_images(session))
    return [row for row in rows[:MAX_FILES] if row.path not in imported]


def follow_up_items(conn: Any, owner: Owner, session_id: str) -> FollowUp:
    """Links that were chosen before the upload, or else those the rules by name find; nothing exists yet."""
    session = session_of(session_id, owner)
    if session is None:
        return FollowUp([], ())
    settings = MethodSettings.model_validate(session.special_settings or {})
    staged = {row.path: row for row in staged_files(session) if is_spectrum_name(row.path)}
    images = paths_to_images(session)
    chosen = session.associations or automatic(conn, owner, staged, images)
    links = {
        path: Link(image_id=images[image], source=f"staged:{staged[path].id}")
        for image, paths in chosen.items()
        if image in images
        for path in paths
        if path in staged
    }
    items = make_items(conn, owner, list(links.values()), settings.outputs())
    return FollowUp(items, tuple(sorted(set(staged) - set(links))))


def automatic(
    conn: Any, owner: Owner, staged: Mapping[str, UploadFile], images: Mapping[str, int]
) -> dict[str, tuple[str, ...]]:
    """Spectra by image path, as the rules by name and folder find them."""
    sources = find_sources(conn, owner, [f"staged:{row.id}" for row in staged.values()])
    spectra = []
    for path, row in staged.items():
        source = sources.get(f"staged:{row.id}")
        seen = peek(source.read(PEEK_BYTES)) if source else None
        if seen is not None and seen.is_spectrum:
            spectra.append(SpectrumFile(path, seen.title))
    return associate(spectra, images).by_image()


def make_items(conn: Any, owner: Owner, links: Sequence[Link], outputs: Sequence[Output]) -> list[Item]:
    """Links with what is known of their files; those whose file is gone are left out."""
    sources = find_sources(conn, owner, [link.source for link in links])
    return [
        Item(
            **link.model_dump(),
            name=name_of(sources[link.source].name),
            sha1=sources[link.source].sha1,
            outputs=list(outputs),
        )
        for link in links
        if link.source in sources
    ]


def save_follow_up(session_id: str, job_id: str, result: Mapping[str, Any]) -> None:
    """Leave what became of the spectra with the upload."""
    shown = {key: result.get(key) for key in ("linked", "images", "failures", "unmatched")}
    UploadSession.objects.filter(pk=session_id).update(follow_up={"job_id": job_id, **shown})


def choose_automatically(spectra: Sequence[tuple[str, str]], images: Sequence[str]) -> dict[str, Any]:
    """Spectra (path and title) and images brought together by name and folder, as the browser wants it."""
    found = associate([SpectrumFile(path, title) for path, title in spectra], images)
    return {
        "matches": [
            {"spectrum": match.spectrum, "image": match.image, "rule": match.rule} for match in found.matches
        ],
        "unmatched_spectra": list(found.unmatched_spectra),
        "images_without_spectra": list(found.images_without_spectra),
    }
