"""OMERO script: export an image as an Imaris file (.ims) and attach it to the image."""

import sys

from omero import scripts
from omero.gateway import BlitzGateway
from omero.rtypes import rint, rlong, robject, rstring

from omeroweb_imaris_connector.conversion.errors import ExportError, ExportStoppedError
from omeroweb_imaris_connector.conversion.export import Exported, export_image
from omeroweb_imaris_connector.conversion.options import (
    AUTOMATIC,
    BUILT_IN,
    CONVERTERS,
    DEFAULT_COMPRESSION,
    PIXEL_TYPES,
    ExportOptions,
)

FAILED = 1
STOPPED = 3


def client() -> scripts.client:
    """Declare the parameters, and take what the person chose."""
    return scripts.client(
        "IMS_Export.py",
        "Exports an image as an Imaris 5.5 file (.ims) with all channels, planes, time points and resolution levels, "
        "and attaches the file to the image.",
        scripts.Long("Image_ID", optional=False, grouping="1", description="The image to export."),
        scripts.Int(
            "Compression", grouping="2", default=rint(DEFAULT_COMPRESSION), min=rint(0), max=rint(9),
            description="gzip level: 0 for none, 1 fast, 9 small.",
        ),
        scripts.String(
            "Pixel_Type", grouping="3", default=rstring(AUTOMATIC), values=[rstring(one) for one in PIXEL_TYPES],
            description="Type of the stored values; automatic keeps every value where .ims can.",
        ),
        scripts.String(
            "Converter", grouping="4", default=rstring(BUILT_IN), values=[rstring(one) for one in CONVERTERS],
            description="ImarisConvertBioformats must be installed on the server.",
        ),
        scripts.String(
            "Work_Folder", grouping="5", optional=True,
            description="Prepared folder on the server for files under construction.",
        ),
        namespaces=["omero.export"],
        version="1.0.0",
        authors=["OMERO Platform"],
        contact="the administrators of this OMERO",
    )  # fmt: skip


def tell(session: scripts.client, exported: Exported) -> None:
    """Hand over the results."""
    attached = exported.attached
    annotation = BlitzGateway(client_obj=session).getObject("FileAnnotation", attached.annotation_id)
    session.setOutput("Message", rstring(exported.message))
    session.setOutput("File_Annotation", robject(annotation._obj))  # noqa: SLF001 - results are model objects
    session.setOutput("File_Annotation_Id", rlong(attached.annotation_id))
    session.setOutput("Export_Name", rstring(attached.name))
    session.setOutput("Export_Path", rstring(f"OriginalFile:{attached.file_id}"))


def run() -> int:
    """Export; the exit code is 0 only when there is a file."""
    session = client()
    try:
        asked = session.getInputs(unwrap=True)
        conn = BlitzGateway(client_obj=session)
        job = session.getProperty("omero.job")
        options = ExportOptions(asked["Compression"], asked["Pixel_Type"], asked["Converter"])
        exported = export_image(
            conn,
            asked["Image_ID"],
            options,
            job_id=int(job) if job else None,
            work_folder=asked.get("Work_Folder", ""),
        )
        tell(session, exported)
    except (ExportError, ExportStoppedError) as error:
        session.setOutput("Message", rstring(str(error)))
        print(f"IMS export: {error}", file=sys.stderr)  # noqa: T201 - OMERO keeps what scripts print
        return STOPPED if isinstance(error, ExportStoppedError) else FAILED
    finally:
        session.closeSession()
    return 0


if __name__ == "__main__":
    sys.exit(run())
