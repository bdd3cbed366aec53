"""A lab with images in OMERO, spectra in files, uploads whose files are staged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.testing.servers import wait_until

FIXTURES = Path(__file__).parents[1] / "emsa" / "fixtures"


def spectrum_bytes(title="Site 1 Spectrum 1", energies=(0.525, 1.487, 6.404), labelled=("O", "Fe"), seed=1):
    """An EMSA file of 1,024 channels with three peaks: oxygen, aluminium (not labelled), iron."""
    from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
    from omeroweb_upload.emsa.write import write_emsa
    from omeroweb_upload.xray.elements import ATOMIC_NUMBERS

    x = np.round(0.01 * np.arange(1024), 5)
    y = 40 * np.exp(-x / 3) + 2
    for number, energy in enumerate(energies):
        y += (900 + 500 * number) * np.exp(-(((x - energy) / 0.05) ** 2))
    counts = np.random.default_rng(seed).poisson(y).astype(float)
    known = {"O": 0.525, "Al": 1.487, "Fe": 6.404}
    labels = tuple(ElementLabel(ATOMIC_NUMBERS[symbol], known[symbol], symbol) for symbol in labelled)
    spectrum = Spectrum(
        x=x, y=counts, x_unit="keV", y_unit="counts", title=title, channel_width=0.01, signal_type="EDS",
        metadata={"beam_energy_kev": 20.0, "live_time_s": 30.0, "owner": "alice"}, labels=labels,
    )  # fmt: skip
    return write_emsa(spectrum)


def sha1(data):
    return hashlib.sha1(data).hexdigest()


@pytest.fixture
def alice(people):
    with people.gateway("alice") as conn:
        yield conn


@pytest.fixture
def bob(people):
    with people.gateway("bob") as conn:
        yield conn


def owner_of(conn):
    return Owner(conn.getUserId(), conn.getUser().getName())


def dataset_with_images(conn, *image_names, name="grains"):
    """A dataset's id and its images' ids; the images have pixels, so that pages can show them."""
    import omero.model
    from omero.rtypes import rstring

    dataset = omero.model.DatasetI()
    dataset.name = rstring(name)
    dataset = conn.getUpdateService().saveAndReturnObject(dataset)
    ids = []
    for image_name in image_names:
        plane = np.random.default_rng(len(image_name)).integers(0, 255, (48, 64)).astype("uint8")
        image = conn.createImageFromNumpySeq(
            iter([plane]), image_name, dataset=conn.getObject("Dataset", dataset.id.val)
        )
        ids.append(image.getId())
    return dataset.id.val, ids


def attach_to_dataset(conn, dataset_id, name, data, namespace=None):
    """What users have from older days: a file attached to a dataset; the annotation's id."""
    return _attach(conn, conn.getObject("Dataset", dataset_id), name, data, namespace)


def attach_to_image(conn, image_id, name, data, namespace=None):
    return _attach(conn, conn.getObject("Image", image_id), name, data, namespace)


def _attach(conn, carrier, name, data, namespace):
    import io

    import omero.gateway
    import omero.model
    from omero.rtypes import rstring

    file = conn.createOriginalFileFromFileObj(io.BytesIO(data), "/home/alice/", name, len(data), "text/plain")
    annotation = omero.model.FileAnnotationI()
    annotation.file = omero.model.OriginalFileI(file.getId(), False)
    if namespace:
        annotation.ns = rstring(namespace)
    saved = conn.getUpdateService().saveAndReturnObject(annotation)
    carrier.linkAnnotation(omero.gateway.FileAnnotationWrapper(conn, saved))
    return saved.id.val


@dataclass
class Upload:
    """An upload whose files have arrived and whose images are imported."""

    session: Any
    files: dict[str, str] = field(default_factory=dict)

    def token(self, path):
        return f"staged:{self.files[path]}"


@pytest.fixture
def upload(plugin_database, staging):
    """Make an upload: `files` by path with their bytes, `images` by path with the ids their import gave."""
    from omeroweb_upload.config import upload_settings
    from omeroweb_upload.models import FileState, SetState, Status, UploadFile, UploadSession, UploadSet
    from omeroweb_upload.store.places import files_folder

    def make(owner, group_id, *, files=None, images=None, **columns):
        session = UploadSession.objects.create(
            owner_id=owner.user_id, username=owner.username, group_id=group_id, status=Status.ERROR, **columns
        )
        made = Upload(session)
        folder = files_folder(upload_settings(), session.id)
        for position, (path, data) in enumerate((files or {}).items()):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            row = UploadFile.objects.create(
                session=session, position=position, path=path, stored_path=path, size=len(data), offset=len(data),
                sha1=sha1(data), sha256=hashlib.sha256(data).hexdigest(), state=FileState.SKIPPED,
            )  # fmt: skip
            made.files[path] = row.id
        for position, (path, ids) in enumerate((images or {}).items()):
            found = UploadSet.objects.create(
                session=session,
                position=position,
                kind="single",
                main=path,
                state=SetState.IMPORTED,
                image_ids=ids,
            )
            UploadFile.objects.create(
                session=session, position=1000 + position, path=path, stored_path=path, size=1,
                state=FileState.IMPORTED, file_set=found,
            )  # fmt: skip
        return made

    return make


def finished(job_id, timeout=120):
    """Wait for a job's end; its row."""
    from omero_plugin_common.models import FINISHED, Job

    wait_until(lambda: Job.objects.get(pk=job_id).state in FINISHED, f"the end of job {job_id}", timeout)
    return Job.objects.get(pk=job_id)


@pytest.fixture
def lab():
    """Helpers as attributes, since test folders are no packages."""

    class Helpers:
        spectrum = staticmethod(spectrum_bytes)
        sha1 = staticmethod(sha1)
        owner = staticmethod(owner_of)
        dataset = staticmethod(dataset_with_images)
        attach_to_dataset = staticmethod(attach_to_dataset)
        attach_to_image = staticmethod(attach_to_image)
        finished = staticmethod(finished)
        fixtures = FIXTURES

    return Helpers
