"""The rules of the graph commands as tables: parts, shared objects, links."""

from __future__ import annotations

from dataclasses import dataclass

from omero_embedded.commands.graph.things import Edge, Step, Through
from omero_embedded.model.schema import SCHEMA

OWN, ABLE, ANY = "own", "able", "any"


def part(name: str) -> Edge:
    """`part("Pixels.image")`: Pixels are a part of the Image they point to."""
    holder, _, field = name.partition(".")
    return Edge(holder, field, to_holder=True)


def uses(name: str) -> Edge:
    """`uses("RenderingDef.quantization")`: what a RenderingDef points to there belongs to it."""
    holder, _, field = name.partition(".")
    return Edge(holder, field, to_holder=False)


# What shares the fate of its whole.
PARTS: tuple[Edge, ...] = (
    part("Detector.instrument"),
    part("Dichroic.instrument"),
    part("Filter.instrument"),
    part("FilterSet.instrument"),
    part("LightSource.instrument"),
    part("Objective.instrument"),
    part("OTF.instrument"),
    uses("Instrument.microscope"),
    uses("Filter.transmittanceRange"),
    uses("FilterSet.dichroic"),
    uses("Laser.pump"),
    uses("OTF.filterSet"),
    uses("OTF.objective"),
    part("DetectorSettings.detector"),
    part("LightSettings.lightSource"),
    part("ObjectiveSettings.objective"),
    part("MicrobeamManipulation.experiment"),
    part("Channel.logicalChannel"),
    part("Pixels.image"),
    part("Channel.pixels"),
    part("PlaneInfo.pixels"),
    part("ProjectionDef.renderingDef"),
    uses("RenderingDef.quantization"),
    part("ChannelBinding.renderingDef"),
    part("CodomainMapContext.channelBinding"),
    part("Image.fileset"),
    part("FilesetEntry.fileset"),
    uses("FilesetJobLink.child"),
    part("FilesetJobLink.parent"),
    part("Shape.roi"),
    part("Well.plate"),
    part("PlateAcquisition.plate"),
    part("WellSample.plateAcquisition"),
    part("WellSample.well"),
)

# An annotation is nothing without its file.
FILE_ANNOTATION = part("FileAnnotation.file")

# Parts that go whatever the caller may do with them: other people's settings of an image, annotations with the file.
DISPLAY: tuple[Edge, ...] = (part("RenderingDef.pixels"), part("Thumbnail.pixels"), FILE_ANNOTATION)


@dataclass(frozen=True, slots=True)
class Shared:
    """An object at the end of the step follows the last one at its source that goes.

    `need` says for which objects: OWN those of the same owner that the caller may delete, ABLE those that the caller
    may delete, ANY all. `child` narrows it to a class of objects; `above`, if given, to those classes at the source
    (others still hold the object back).
    """

    step: Step
    need: str = ANY
    child: str | None = None
    above: tuple[str, ...] = ()


ANNOTATION_NEEDS: tuple[tuple[str, str], ...] = (
    ("BasicAnnotation", ANY),
    ("CommentAnnotation", ANY),
    ("FileAnnotation", OWN),
    ("TagAnnotation", OWN),
    ("ListAnnotation", ABLE),
    ("MapAnnotation", ABLE),
    ("XmlAnnotation", ABLE),
)
ANNOTATION_LINKS: tuple[str, ...] = tuple(
    sorted(cls.name for cls in SCHEMA.values() if cls.is_link and cls.name.endswith("AnnotationLink"))
)

# Jobs that come with the files of an import; the files of script jobs are scripts and stay.
_FILE_JOBS = ("IndexingJob", "MetadataImportJob", "PixelDataJob", "ThumbnailGenerationJob", "UploadJob")

SHARED: tuple[Shared, ...] = (
    *(Shared(Through(link), need, child) for link in ANNOTATION_LINKS for child, need in ANNOTATION_NEEDS),
    Shared(Through("ProjectDatasetLink"), ABLE),
    Shared(Through("DatasetImageLink"), ABLE),
    Shared(Through("FolderImageLink"), ABLE),
    Shared(Through("FolderRoiLink"), ABLE),
    Shared(part("Folder.parentFolder"), ABLE),
    Shared(part("Roi.image"), ABLE),
    Shared(uses("WellSample.image"), ABLE),
    Shared(part("Reagent.screen"), ABLE),
    Shared(Through("WellReagentLink"), ABLE),
    Shared(Through("ScreenPlateLink"), ABLE),
    Shared(uses("Image.fileset")),
    Shared(uses("Image.imagingEnvironment")),
    Shared(uses("Image.instrument")),
    Shared(uses("Image.stageLabel")),
    Shared(uses("Image.experiment"), ABLE),
    Shared(uses("Image.objectiveSettings")),
    Shared(uses("LogicalChannel.detectorSettings")),
    Shared(uses("LogicalChannel.lightSourceSettings")),
    Shared(uses("LogicalChannel.lightPath")),
    Shared(uses("Channel.logicalChannel")),
    Shared(uses("Channel.statsInfo")),
    Shared(uses("Shape.transform")),
    Shared(uses("FileAnnotation.file")),
    Shared(uses("FilesetEntry.originalFile")),
    Shared(Through("PixelsOriginalFileMap", parent="child", child="parent")),
    Shared(uses("Roi.source")),
    Shared(Through("JobOriginalFileLink"), above=_FILE_JOBS),
)

LINKS: tuple[str, ...] = tuple(sorted(cls.name for cls in SCHEMA.values() if cls.is_link))

DELETE_TARGETS = (
    "AffineTransform",
    "Annotation",
    "Channel",
    "Dataset",
    "DetectorSettings",
    "Experiment",
    "ExternalInfo",
    "Fileset",
    "Folder",
    "GroupExperimenterMap",
    "Image",
    "ImagingEnvironment",
    "Instrument",
    "Job",
    "LightSettings",
    "LogicalChannel",
    "MicrobeamManipulation",
    "Microscope",
    "Namespace",
    "ObjectiveSettings",
    "OriginalFile",
    "Plate",
    "PlateAcquisition",
    "Project",
    "ProjectionDef",
    "Reagent",
    "RenderingDef",
    "Roi",
    "Screen",
    "Shape",
    "ShareMember",
    "StageLabel",
    "StatsInfo",
    "Thumbnail",
    "TransmittanceRange",
    "Well",
    "WellSample",
    *LINKS,
)
