"""Loading the demo: each person stores their own data, as they would; what is there already stays as it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from omero_platform.demo import catalogue, notes
from omero_platform.demo.accounts import ensure_accounts
from omero_platform.demo.images import ensure_dataset, ensure_project, missing_names, store_picture
from omero_platform.demo.people import PRIVATE, READ_ANNOTATE, READ_ONLY, READ_WRITE
from omero_platform.demo.pictures import generator, stack_cells
from omero_platform.demo.plate import ensure_plate
from omero_platform.milestones import DEMO_LOADED, reach
from omero_platform.omero_session import root_session, session
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_platform.demo.images import Picture
    from omero_platform.demo.people import Group
    from omero_platform.instance import Instance


def load_demo(instance: Instance) -> None:
    """Make whatever is missing of the demo."""
    password = secret(instance, "demo")
    with root_session(instance) as root:
        ensure_accounts(root, password)

    def as_person(login: str, group: Group, work: Callable[[Any], None]) -> None:
        with session(instance, login, password, group.name) as gateway:
            work(gateway)

    as_person("alice", READ_ANNOTATE, alices_microscopy)
    as_person("bob", READ_ANNOTATE, bobs_histology)
    as_person("alice", READ_ANNOTATE, ensure_plate)
    as_person("dora", READ_ONLY, calibration)
    as_person("bob", READ_WRITE, shared_benchmark)
    for login in catalogue.PRIVATE_IMAGES:
        as_person(login, PRIVATE, partial(notebook, login=login))
    reach(instance, DEMO_LOADED)


def store_missing(gateway: Any, pictures: Mapping[str, Callable[[], Picture]], dataset: Any = None) -> None:
    """Store the pictures that are not there yet."""
    missing = missing_names(gateway, list(pictures), dataset)
    for name, make in pictures.items():
        if name in missing:
            store_picture(gateway, make(), dataset)


def alices_microscopy(gateway: Any) -> None:
    """Fixed cells and time series, with everything that people attach to images."""
    project = ensure_project(
        gateway, "2026_mitosis-inhibitors", "How inhibitors of mitosis change spindle and cortex."
    )
    fixed = ensure_dataset(
        gateway, "20260312_HeLa_DAPI-Tubulin-Actin_63x", "Fixed cells, three replicates each.", project
    )
    living = ensure_dataset(
        gateway, "20260318_HeLa-H2B-mCherry_live_20x", "Time series of living cells.", project
    )
    store_missing(
        gateway, {name: partial(catalogue.fixed_cells, name) for name in catalogue.FIXED_CELLS}, fixed
    )
    store_missing(
        gateway, {name: partial(catalogue.living_cells, name) for name in catalogue.LIVING_CELLS}, living
    )
    store_missing(gateway, {catalogue.ORPHAN: partial(catalogue.living_cells, catalogue.ORPHAN)})
    images = sorted(
        gateway.getObject("Dataset", fixed.getId()).listChildren(), key=lambda image: image.getName()
    )
    annotate_fixed_cells(gateway, project, images)


def annotate_fixed_cells(gateway: Any, project: Any, images: list[Any]) -> None:
    """Tags, key-value pairs, a comment, a protocol and regions of interest; once."""
    control = [image for image in images if "_ctrl_" in image.getName()]
    treated = [image for image in images if image not in control]
    notes.tag(gateway, "control", control, "Untreated cells")
    notes.tag(gateway, "nocodazole", treated, "Depolymerises microtubules")
    if any(True for _ in project.listAnnotations()):
        return
    for image in images:
        compound = "none" if image in control else "nocodazole"
        dose = "0 nM" if image in control else "100 nM"
        notes.key_values(
            gateway,
            image,
            {"Cell line": "HeLa", "Compound": compound, "Concentration": dose, "Fixation": "4 % PFA"},
        )
    notes.comment(
        gateway, treated[0], "Spindles are gone, as expected; see replicate 2 for a cell that escaped."
    )
    cells = stack_cells(generator(catalogue.seed(images[0].getName())), catalogue.STACK_SIZE)
    notes.draw_regions(
        gateway, images[0].getId(), [(float(x), float(y), float(radius)) for x, y, radius, *_ in cells[:5]]
    )
    notes.attach_protocol(gateway, project)


def bobs_histology(gateway: Any) -> None:
    """The tiles of a stained section."""
    project = ensure_project(gateway, "2026_kidney-histology", "Sections of mouse kidney, scanned in tiles.")
    tiles = ensure_dataset(gateway, f"{catalogue.TISSUE}_tiles", "Nine tiles of one section.", project)
    store_missing(gateway, catalogue.tissue_tiles(catalogue.TISSUE), tiles)
    notes.tag(gateway, "H&E", [gateway.getObject("Dataset", tiles.getId())], "Haematoxylin and eosin")


def calibration(gateway: Any) -> None:
    """Beads that everybody in the facility may look at."""
    dataset = ensure_dataset(
        gateway, "2026_PSF-calibration_spinning-disk", "Point spread functions, twice a year."
    )
    store_missing(
        gateway, {name: partial(catalogue.bead_stack, name) for name in catalogue.BEAD_STACKS}, dataset
    )


def shared_benchmark(gateway: Any) -> None:
    """An image that all members may change."""
    dataset = ensure_dataset(gateway, "2026_segmentation-benchmark", "Everybody corrects the outlines here.")
    store_missing(
        gateway, {catalogue.SHARED_IMAGE: partial(catalogue.fixed_cells, catalogue.SHARED_IMAGE)}, dataset
    )


def notebook(gateway: Any, login: str) -> None:
    """What somebody keeps to themselves."""
    dataset = ensure_dataset(gateway, f"2026_notebook_{login}", "Pilot experiments.")
    name = catalogue.PRIVATE_IMAGES[login]
    store_missing(gateway, {name: partial(catalogue.fixed_cells, name)}, dataset)
