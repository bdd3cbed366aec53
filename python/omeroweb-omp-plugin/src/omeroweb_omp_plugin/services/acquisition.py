"""How images were taken, as key-value pairs: from OMERO's model, and the metadata of the imported file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from omero.rtypes import unwrap

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import chunks
from omeroweb_omp_plugin.services.existing import find_all
from omeroweb_omp_plugin.services.fitting import Fitted, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE_PREFIX = "BF_"
WAIT_LOOPS, WAIT_MILLISECONDS = 600, 500
DETAILED = (
    "select distinct image from Image image "
    "left outer join fetch image.objectiveSettings settings left outer join fetch settings.objective "
    "left outer join fetch image.pixels pixels left outer join fetch pixels.channels channel "
    "left outer join fetch channel.logicalChannel logical "
    "left outer join fetch logical.detectorSettings detection left outer join fetch detection.detector "
    "left outer join fetch detection.binning where image.id in (:ids)"
)


def acquisition_pairs(conn: Any, image_ids: Iterable[int]) -> dict[int, Fitted]:
    """The pairs of each image: one query for all, and one request to the server for the metadata of their files."""
    found: dict[int, Fitted] = {}
    with in_group(conn, ALL_GROUPS):
        for chunk in chunks(image_ids):
            images = {unwrap(image.id): image for image in find_all(conn, DETAILED, chunk)}
            files = file_metadata(conn, images)
            for number, image in images.items():
                pairs = {
                    **dict(model_pairs(image)),
                    **{f"{FILE_PREFIX}{key}": value for key, value in files.get(number, {}).items()},
                }
                found[number] = fitted(pairs)
    return found


def model_pairs(image: Any) -> Iterator[tuple[str, str]]:
    """What OMERO's own model knows."""
    if image.acquisitionDate is not None and unwrap(image.acquisitionDate):
        taken = datetime.fromtimestamp(unwrap(image.acquisitionDate) / 1000, UTC)
        yield "acquisition_date", taken.isoformat(sep=" ", timespec="seconds")
    settings = image.objectiveSettings
    if settings is not None:
        if settings.objective is not None:
            yield "objective_id", text(settings.objective.id)
        yield "objective_collar", text(settings.correctionCollar)
    for pixels in image.copyPixels():
        for place, channel in enumerate(pixels.copyChannels()):
            if channel is not None:
                yield from channel_pairs(place, channel.logicalChannel)


def channel_pairs(place: int, logical: Any) -> Iterator[tuple[str, str]]:
    """What is known of one channel and its detector."""
    if logical is None:
        return
    yield f"channel_{place}_label", text(logical.name)
    yield f"channel_{place}_emission", length(logical.emissionWave)
    yield f"channel_{place}_excitation", length(logical.excitationWave)
    detection = logical.detectorSettings
    if detection is not None and detection.detector is not None:
        number = text(detection.detector.id)
        binning = None if detection.binning is None else detection.binning.value
        yield f"detector_{number}_binning", text(binning)
        yield f"detector_{number}_gain", text(detection.gain)


def file_metadata(conn: Any, images: Mapping[int, Any]) -> dict[int, dict[str, str]]:
    """The original metadata of the imported files, global and of the series, in one request."""
    numbers = [number for number, image in images.items() if image.fileset is not None]
    if not numbers:
        return {}
    request = omero.cmd.DoAll([omero.cmd.OriginalMetadataRequest(number) for number in numbers])
    callback = omero.callbacks.CmdCallbackI(conn.c, conn.c.sf.submit(request, conn.SERVICE_OPTS))
    try:
        callback.loop(WAIT_LOOPS, WAIT_MILLISECONDS)
        answers = callback.getResponse()
    finally:
        callback.close(True)
    if isinstance(answers, omero.cmd.ERR):
        return {}
    found = {}
    for number, answer in zip(numbers, answers.responses, strict=False):
        if isinstance(answer, omero.cmd.OriginalMetadataResponse):
            both = {**(answer.globalMetadata or {}), **(answer.seriesMetadata or {})}
            found[number] = {key: text(both[key]) for key in sorted(both)}
    return found


def text(value: Any) -> str:
    """An rtype as text; empty for none."""
    plain = unwrap(value)
    return "" if plain is None else str(plain)


def length(value: Any) -> str:
    """A length with its unit as text; empty for none."""
    if value is None:
        return ""
    return f"{value.getValue():g} {value.getSymbol()}"
