"""Putting pictures into OMERO as images: pixels, channels, sizes, a place in a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.model import DatasetI, LengthI, ProjectDatasetLinkI, ProjectI, TimeI
from omero.model.enums import UnitsLength, UnitsTime
from omero.rtypes import rint, rstring
from omero_sys_ParametersI import ParametersI

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omero_platform.demo.pictures import Plane


@dataclass(frozen=True)
class Channel:
    """A channel: its name, its colour as (red, green, blue), and the emission wavelength in nanometres."""

    name: str
    colour: tuple[int, int, int]
    emission_nm: float | None = None


DAPI = Channel("DAPI", (0, 80, 255), 461)
TUBULIN = Channel("Tubulin-AF488", (0, 255, 0), 519)
ACTIN = Channel("Actin-AF594", (255, 40, 0), 617)
H2B = Channel("H2B-mCherry", (255, 0, 128), 610)
REPORTER = Channel("p21-GFP", (0, 255, 80), 509)
BEADS = Channel("TetraSpeck-505/515", (0, 255, 160), 515)
RED = Channel("Red", (255, 0, 0))
GREEN = Channel("Green", (0, 255, 0))
BLUE = Channel("Blue", (0, 0, 255))


@dataclass(frozen=True)
class Picture:
    """An image to be: planes as [channel][time][z], and what is known about it."""

    name: str
    description: str
    channels: Sequence[Channel]
    planes: Sequence[Sequence[Sequence[Plane]]]
    pixel_size_um: float
    z_step_um: float | None = None
    time_step_s: float | None = None

    def in_upload_order(self) -> Iterator[Plane]:
        """The planes as BlitzGateway wants them: z outermost, time innermost."""
        for z in range(len(self.planes[0][0])):
            for channel in self.planes:
                for stack in channel:
                    yield stack[z]


def store_picture(gateway: Any, picture: Picture, dataset: Any = None) -> int:
    """Make an image with its metadata; returns its id."""
    image = gateway.createImageFromNumpySeq(
        picture.in_upload_order(),
        picture.name,
        sizeZ=len(picture.planes[0][0]),
        sizeC=len(picture.planes),
        sizeT=len(picture.planes[0]),
        description=picture.description,
        dataset=dataset,
    )
    describe_pixels(gateway, int(image.getId()), picture)
    return int(image.getId())


def describe_pixels(gateway: Any, image_id: int, picture: Picture) -> None:
    """Write sizes and channels to an image's pixels."""
    query = (
        "select p from Pixels p join fetch p.channels c join fetch c.logicalChannel "
        "where p.image.id = :id order by index(c)"
    )
    pixels = gateway.c.sf.getQueryService().findByQuery(
        query, ParametersI().addId(image_id), gateway.SERVICE_OPTS
    )
    pixels.physicalSizeX = LengthI(picture.pixel_size_um, UnitsLength.MICROMETER)
    pixels.physicalSizeY = LengthI(picture.pixel_size_um, UnitsLength.MICROMETER)
    if picture.z_step_um:
        pixels.physicalSizeZ = LengthI(picture.z_step_um, UnitsLength.MICROMETER)
    if picture.time_step_s:
        pixels.timeIncrement = TimeI(picture.time_step_s, UnitsTime.SECOND)
    for channel, known in zip(pixels.copyChannels(), picture.channels, strict=True):
        channel.red, channel.green, channel.blue = (rint(part) for part in known.colour)
        channel.alpha = rint(255)
        channel.logicalChannel.name = rstring(known.name)
        if known.emission_nm:
            channel.logicalChannel.emissionWave = LengthI(known.emission_nm, UnitsLength.NANOMETER)
    gateway.c.sf.getUpdateService().saveObject(pixels, gateway.SERVICE_OPTS)


def ensure_project(gateway: Any, name: str, description: str) -> Any:
    """The user's project of that name; made when it is missing."""
    return find_own(gateway, "Project", name) or save_named(gateway, ProjectI(), name, description)


def ensure_dataset(gateway: Any, name: str, description: str, project: Any = None) -> Any:
    """The user's dataset of that name, in a project; made when it is missing."""
    dataset = find_own(gateway, "Dataset", name)
    if dataset is None:
        made = DatasetI()
        if project is not None:
            link = ProjectDatasetLinkI()
            link.parent = ProjectI(project.getId(), False)
            link.child = made
            made.addProjectDatasetLink(link)
        dataset = save_named(gateway, made, name, description)
    return dataset


def save_named(gateway: Any, made: Any, name: str, description: str) -> Any:
    """Save a container with its name; returns its wrapper."""
    made.name = rstring(name)
    made.description = rstring(description)
    saved = gateway.c.sf.getUpdateService().saveAndReturnObject(made, gateway.SERVICE_OPTS)
    return gateway.getObject(type(made).__name__.removesuffix("I"), saved.id.val)


def find_own(gateway: Any, kind: str, name: str) -> Any:
    """The user's own object of that name, or None."""
    found = gateway.getObjects(kind, attributes={"name": name}, opts={"owner": gateway.getUserId()})
    return next(iter(found), None)


def missing_names(gateway: Any, names: list[str], dataset: Any = None) -> set[str]:
    """Which images a dataset does not have yet; without a dataset, which the user does not have."""
    if dataset is not None:
        return set(names) - {image.getName() for image in dataset.listChildren()}
    return {name for name in names if find_own(gateway, "Image", name) is None}
