"""Every operation that a share lets through is asked for what is not shared, and for what hangs on what is."""

from __future__ import annotations

import itertools
from collections import Counter

import Ice
import omero
import omero.all
import omero.romio
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rdouble, rint, rlong, rstring
from omero.sys import ParametersI

from omero_embedded.shares.gate import OBJECTS, SERVICES, check_allowed
from omero_embedded.testing_images import make_dataset, make_image
from omero_embedded.wire.operations import operations

SECRET = "secret"
CLASSES = ("Image", "Dataset", "Pixels", "CommentAnnotation", "Roi", "OriginalFile", "ome.model.core.Image")
OTHERS = {
    "RTime": None,
    "RLong": None,
    "ByteSeq": b"",
    "bool": False,
    "float": 1.0,
    "double": 1.0,
    "StringArray": [],
}
MOST = 200


@pytest.fixture(scope="module")
def hidden(people):
    """Ids of things of alice's with secret in their names; the first image is shared, what hangs on it is not."""
    sessions = people.sessions["alice"]
    conn = BlitzGateway(client_obj=sessions)
    dataset = make_dataset(conn, f"{SECRET} dataset")
    shown = make_image(conn, "open.tif", shape=(1, 1, 1, 8, 8), dataset=dataset)
    closed = make_image(conn, f"{SECRET}.tif", shape=(1, 1, 1, 8, 8), dataset=dataset)
    save = sessions.sf.getUpdateService().saveAndReturnObject
    note = omero.model.ImageAnnotationLinkI()
    note.parent, note.child = omero.model.ImageI(shown, False), omero.model.CommentAnnotationI()
    note.child.textValue = rstring(f"{SECRET} note")
    roi = omero.model.RoiI()
    roi.name, roi.image, point = (
        rstring(f"{SECRET} roi"),
        omero.model.ImageI(shown, False),
        omero.model.PointI(),
    )
    point.textValue, point.x, point.y, point.theZ, point.theT = (
        rstring(SECRET),
        rdouble(1),
        rdouble(1),
        rint(0),
        rint(0),
    )
    roi.addShape(point)
    saved, link = save(roi), save(note)
    query = sessions.sf.getQueryService()
    pixels = query.projection(
        f"select p.id from Pixels p where p.image.id in ({shown}, {closed}) order by p.id", None
    )
    ids = [dataset, shown, closed, saved.id.val, saved.copyShapes()[0].id.val, link.id.val, link.child.id.val]
    return shown, sorted({*ids, *(row[0].val for row in pixels)})


def argument(kind, ids):
    """What may stand for an argument of a Slice type: ids, names of classes, or nothing."""
    name = kind.rpartition("_t_")[2]
    one = {
        "long": ids,
        "RLong": [rlong(ids[0])],
        "int": [0],
        "RInt": [None, rint(8)],
        "string": [*CLASSES, "select o from Image o", "select o from Annotation o", "name", "%secret%", ""],
        "LongList": [ids],
        "StringSet": [[], list(CLASSES)],
        "Parameters": [None, ParametersI()],
        "ParametersI": [None, ParametersI()],
        "RString": [rstring("Image")],
        "IObject": [omero.model.ImageI(number, False) for number in ids],
        "Pixels": [omero.model.PixelsI(number, False) for number in ids],
        "StringLongListMap": [{"Image": ids, "Dataset": ids}],
        "PlaneDef": [omero.romio.PlaneDef(omero.romio.XY, 0, 0, 0, 0, None, -1)],
    }
    return one.get(name, [OTHERS.get(name)])


def attempts(operation, ids):
    choices = [argument(kind, ids) for kind in operation.takes]
    return itertools.islice(itertools.product(*choices), MOST)


def allowed(interface, name):
    try:
        check_allowed(interface, name, 1, with_key=False)
    except omero.SecurityViolation:
        return False
    return name not in ("close", "activate", "passivate")


def reach(client, interface):
    name = interface.rpartition(".")[2]
    return getattr(client.sf, f"create{name}", None) or getattr(client.sf, GETTERS[name])


GETTERS = {
    name.rpartition(".")[2]: f"get{name.rpartition('.')[2].removeprefix('I')}Service" for name in SERVICES
} | {
    "IConfig": "getConfigService",
    "ITypes": "getTypesService",
    "IRenderingSettings": "getRenderingSettingsService",
}


def ask_everything(client, interface, ids, context):
    """What tells of hidden things among the answers of a service, and how often it answered how."""
    answers: Counter[str] = Counter()
    told = []
    service = reach(client, interface)()
    for operation in operations(interface):
        for arguments in attempts(operation, ids) if allowed(interface, operation.name) else ():
            try:
                answer = repr(getattr(service, operation.name)(*arguments, context))
            except (omero.ServerError, Ice.Exception, ValueError) as error:
                answers[type(error).__name__] += 1
                answer = str(error)
            else:
                answers["answer"] += 1
            if SECRET in answer.replace("%secret%", ""):
                told.append((operation.name, arguments, answer[:300]))
    return told, answers


@pytest.mark.parametrize("interface", sorted({*SERVICES, *OBJECTS}))
def test_no_operation_tells_of_what_is_not_shared(people, hidden, interface):
    shown, ids = hidden
    inside = {"omero.share": str(people.share(shown)), "omero.group": "-1"}
    with people.site.client("bob") as bob:
        told, answers = ask_everything(bob, interface, ids, inside)

    assert told == []
    assert answers["answer"] > 0
    assert answers["InternalException"] == 0


@pytest.mark.parametrize("service", ["IQuery", "IContainer", "IMetadata", "IRoi"])
def test_the_same_questions_outside_of_the_share_tell_its_owner(people, hidden, service):
    with people.site.client("alice") as alice:
        told, _ = ask_everything(alice, f"omero.api.{service}", hidden[1], {"omero.group": "-1"})

    assert told
