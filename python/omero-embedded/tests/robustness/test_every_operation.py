"""Every operation of every service gets arguments that fit its signature and make no sense.

What a client refuses to send proves nothing; these arguments all arrive. Nothing may be the server's fault: an
InternalException, or the reference id of something that was written to its log, fails the test.
"""

from __future__ import annotations

import keyword
import random
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
import omero.grid
import pytest
from omero.rtypes import rbool, rdouble, rint, rlist, rlong, rstring, rtime, wrap

from omero_embedded.support import reachable_interfaces
from omero_embedded.wire.operations import Operation, operations

from .every_service import left_out, reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omero_embedded.testing import Site

SEED = 20261122
ROUNDS = 12
# They leave nobody to go on as.
ENDS_PEOPLE = {"deleteExperimenter", "setAdminPrivileges", "removeGroups", "closeSession"}
NUMBERS = (0, 1, -1, 7, 2**31 - 1, -(2**31))
LONGS = (*NUMBERS, 2**31, 2**53, -(2**62), 2**63 - 1)
TEXTS = (
    "",
    "x" * 3000,
    "\u00fcn\u00ef",
    "a\nb",
    "../../etc/passwd",
    "'; drop table image; --",
    "%",
    "null",
    "Image",
    "omero.model.Image",
    "1",
    "*",
    "rw----",
)
REALS = (0.0, -1.5, 1e300, float("nan"), float("inf"))


class Nonsense:
    """Arguments for Slice types, by the name of the type in the generated modules."""

    def __init__(self, noise: random.Random) -> None:
        self._noise = noise
        some = noise.choice
        self._makers: dict[str, Callable[[], Any]] = {
            "int": lambda: some(NUMBERS),
            "long": lambda: some(LONGS),
            "float": lambda: some((0.0, -1.5, 1e30)),
            "double": lambda: some(REALS),
            "bool": lambda: some((True, False)),
            "string": lambda: some(TEXTS),
            "RInt": lambda: some((None, rint(some(NUMBERS)))),
            "RLong": lambda: some((None, rlong(some(LONGS)))),
            "RTime": lambda: some((None, rtime(some(LONGS)))),
            "RString": lambda: some((None, rstring(some(TEXTS)), rstring(None))),
            "RType": self._rtype,
            "RTypeDict": lambda: {some(TEXTS): self._rtype() for _ in range(3)},
            "ByteSeq": lambda: noise.randbytes(some((0, 1, 999))),
            "LongList": lambda: self._several(lambda: some(LONGS)),
            "IntList": lambda: self._several(lambda: some(NUMBERS)),
            "IntegerArray": lambda: self._several(lambda: some(NUMBERS)),
            "StringSet": lambda: self._several(lambda: some(TEXTS)),
            "StringArray": lambda: self._several(lambda: some(TEXTS)),
            "StringLongListMap": lambda: {some(TEXTS): self._several(lambda: some(LONGS))},
            "LongIntMap": lambda: {some(LONGS): some(NUMBERS)},
            "IObject": self._any_object,
            "IObjectList": lambda: self._several(self._any_object),
            "ServiceList": lambda: some(([], [None])),
            "Parameters": self._parameters,
            "Filter": lambda: some((None, omero.sys.Filter())),
            "Principal": lambda: some(
                (None, omero.sys.Principal(), omero.sys.Principal(*(some(TEXTS) for _ in range(3)), None))
            ),
            "RoiOptions": lambda: some((None, omero.api.RoiOptions())),
            "PlaneDef": lambda: some(
                (
                    None,
                    omero.romio.PlaneDef(
                        some(NUMBERS),
                        some(NUMBERS),
                        some(NUMBERS),
                        some(NUMBERS),
                        some(NUMBERS),
                        None,
                        some(NUMBERS),
                    ),
                )
            ),
            "CodomainMapContext": lambda: some((None, omero.romio.ReverseIntensityMapContext())),
            "ImportSettings": lambda: some((None, omero.grid.ImportSettings())),
            "Request": lambda: some(
                (
                    None,
                    omero.cmd.Delete2(),
                    omero.cmd.Chgrp2({"Nothing": [1]}, None, False, -5),
                    omero.cmd.DoAll([None]),
                )
            ),
            "ProjectionType": lambda: some(
                list(omero.constants.projection.ProjectionType._enumerators.values())
            ),
        }

    def arguments(self, operation: Operation) -> list[Any]:
        """One argument for each that the operation takes."""
        return [self._argument(name.rpartition("_t_")[2]) for name in operation.takes]

    def with_nulls(self, operation: Operation) -> Iterator[list[Any]]:
        """The arguments with null for all that can be null, then for each of them alone."""
        nullable = [place for place, kind in enumerate(operation.takes) if _can_be_null(kind)]
        for places in [nullable, *([place] for place in nullable)] if nullable else []:
            arguments = self.arguments(operation)
            for place in places:
                arguments[place] = [None] if operation.takes[place].endswith("List") else None
            yield arguments

    def _argument(self, kind: str) -> Any:
        if kind in self._makers:
            return self._makers[kind]()
        if kind.endswith("Prx"):
            return None
        if kind.endswith("List"):
            return self._several(lambda: self._object(kind.removesuffix("List")))
        return self._object(kind)

    def _several(self, make: Callable[[], Any]) -> list[Any]:
        return [make() for _ in range(self._noise.choice((0, 1, 3)))]

    def _object(self, kind: str) -> Any:
        """Null, new and empty, unloaded, or loaded with an id that is nobody's; of a subclass where it is abstract."""
        name = {"Job": "ScriptJob", "Annotation": "TagAnnotation", "TextAnnotation": "CommentAnnotation"}.get(
            kind, kind
        )
        cls = getattr(omero.model, f"{name}I")
        if kind in ("Details", "Permissions"):
            return self._noise.choice((None, cls()))
        return self._noise.choice(
            (None, cls(), cls(1, False), cls(10**9, False), cls(10**9, True), cls(-1, False))
        )

    def _any_object(self) -> Any:
        return self._object(
            self._noise.choice(
                (
                    "Image",
                    "Dataset",
                    "Pixels",
                    "Experimenter",
                    "TagAnnotation",
                    "Roi",
                    "DatasetImageLink",
                    "Format",
                )
            )
        )

    def _rtype(self) -> Any:
        some = self._noise.choice
        return some(
            (
                None,
                rint(1),
                rlong(-1),
                rstring(some(TEXTS)),
                rbool(True),
                rdouble(0.5),
                rlist([rlong(1)]),
                wrap({"a": 1}),
                omero.rtypes.robject(self._any_object()),
            )
        )

    def _parameters(self) -> Any:
        made = omero.sys.ParametersI()
        made.map = {self._noise.choice(("id", "ids", "x")): self._rtype()}
        made.theFilter = self._noise.choice((None, omero.sys.Filter()))
        return self._noise.choice((None, omero.sys.Parameters(), made))


def _can_be_null(kind: str) -> bool:
    """Whether Slice lets an argument be null, or a list of null: classes and proxies, not numbers, texts and enums."""
    name = kind.rpartition("_t_")[2]
    return bool(name[:1].isupper()) and name not in _NEVER_NULL


_NEVER_NULL = {
    "ByteSeq", "LongList", "IntList", "IntegerArray", "StringSet", "StringArray", "StringLongListMap", "LongIntMap",
    "RTypeDict", "ServiceList", "ProjectionType", "StringMap",
}  # fmt: skip


def call(service: Any, name: str) -> Callable[..., Any]:
    """The method for an operation; those that are called like a word of Python have an underscore before."""
    return getattr(service, f"_{name}" if keyword.iskeyword(name) else name)  # type: ignore[no-any-return]


@pytest.mark.parametrize("who", ["alice", "carol"])
@pytest.mark.parametrize("interface", reachable_interfaces())
def test_arguments_that_make_no_sense_give_typed_exceptions(
    lab: Site, bob: Any, interface: str, who: str
) -> None:
    """alice is a member of a group, carol an administrator."""
    nonsense = Nonsense(random.Random(SEED))
    faults = []
    with lab.client(who) as client:
        service = reach(client, interface)
        for operation in operations(interface):
            if left_out(operation) or (who == "carol" and operation.name in ENDS_PEOPLE):
                continue
            for arguments in (
                *nonsense.with_nulls(operation),
                *(nonsense.arguments(operation) for _ in range(ROUNDS)),
            ):
                try:
                    call(service, operation.name)(*arguments)
                except Ice.ObjectNotExistException:
                    service = reach(client, interface)
                except omero.ServerError as fault:
                    if isinstance(fault, omero.InternalException) or "(reference" in (fault.message or ""):
                        faults.append(f"{operation.name}{arguments!r:.200}: {fault.message}")
    assert faults == []
