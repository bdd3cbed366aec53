"""Parameters of every kind, as clients send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import (
    rarray,
    rbool,
    rdouble,
    rfloat,
    rint,
    rlist,
    rlong,
    robject,
    rset,
    rstring,
    rtime,
)  # fmt: skip

from omero_embedded.hql.params import from_ice
from omero_embedded.hql.run import find, project, rows

if TYPE_CHECKING:
    from conftest import World
    from omero_embedded.security.context import Call


def parameters(**values: Any) -> Any:
    """omero.sys.Parameters with these values."""
    made = omero.sys.ParametersI()
    for name, value in values.items():
        made.add(name, value)
    return made


def count(call: Call, condition: str, **values: Any) -> int:
    """How many images meet a condition."""
    ((found,),) = project(
        call, f"select count(i) from Image i where {condition}", from_ice(parameters(**values))
    )
    return int(found.val)


def test_every_kind_of_value_is_bound(alice: Call, world: World) -> None:
    assert count(alice, "i.id = :v", v=rlong(world["b.tif"])) == 1
    assert count(alice, "i.id = :v", v=rint(world["b.tif"])) == 1
    assert count(alice, "i.name = :v", v=rstring("b.tif")) == 1
    assert count(alice, "i.archived = :v", v=rbool(False)) == 4
    assert count(alice, "i.acquisitionDate <= :v", v=rtime(1000)) == 4
    assert count(alice, "i = :v", v=robject(omero.model.ImageI(world["b.tif"], False))) == 1
    found = rows(alice, "select count(p) from Pixels p where p.physicalSizeX.value > :v", {"v": 0.4})
    assert found == [(3,)]
    for number in (rfloat(0.25), rdouble(0.25)):
        text = "select count(p) from Pixels p where p.physicalSizeX.value > :v"
        assert project(alice, text, from_ice(parameters(v=number)))[0][0].val == 3


@pytest.mark.parametrize("make", [rlist, rset, rarray])
@pytest.mark.parametrize("form", ["i.id in (:v)", "i.id in :v", "i.id = :v"])
def test_lists_are_bound(alice: Call, world: World, make: Any, form: str) -> None:
    assert count(alice, form, v=make([rlong(world["b.tif"]), rlong(world["A.tif"])])) == 2


def test_a_list_and_single_values_mix(alice: Call, world: World) -> None:
    ids = rlist([rlong(world["b.tif"])])
    assert count(alice, "i.id in (:ids, :other, 0)", ids=ids, other=rlong(world["A.tif"])) == 2
    assert count(alice, "i.id in (:other)", other=rlong(world["A.tif"])) == 1


def test_an_empty_list_holds_nothing(alice: Call) -> None:
    assert count(alice, "i.id in (:v)", v=rlist([])) == 0
    assert count(alice, "i.id not in (:v)", v=rlist([])) == 10


def test_long_lists_are_taken(alice: Call, world: World) -> None:
    ids = rlist([rlong(number) for number in range(10**6, 10**6 + 60_000)] + [rlong(world["b.tif"])])
    assert count(alice, "i.id in (:v)", v=ids) == 1


def test_null_equals_nothing(alice: Call) -> None:
    assert count(alice, "i.name = :v", v=None) == 0
    assert count(alice, "i.name != :v", v=None) == 0


def test_positional_parameters_are_found_by_their_number(alice: Call, world: World) -> None:
    assert rows(alice, "select i.name from Image i where i.id = ?1", {"1": world["b.tif"]}) == [("b.tif",)]


def test_text_is_never_part_of_the_statement(alice: Call) -> None:
    assert count(alice, "i.name = :v", v=rstring("x' or '1'='1")) == 0
    assert count(alice, "i.name = 'x'' or ''1''=''1'") == 0


def test_the_page_comes_from_the_filter(alice: Call) -> None:
    page = omero.sys.ParametersI().page(1, 2)
    found = find(
        alice, "select i from Image i where i.pixels is not empty order by lower(i.name)", from_ice(page)
    )
    assert [image.name.val for image in found] == ["b.tif", "c.tif"]
    table = project(
        alice, "select i.name from Image i where i.pixels is not empty order by lower(i.name)", from_ice(page)
    )
    assert [row[0].val for row in table] == ["b.tif", "c.tif"]


def test_the_owner_of_the_filter_is_left_to_the_query(alice: Call, world: World) -> None:
    only_bob = omero.sys.ParametersI().exp(world.people["bob"])
    assert len(find(alice, "select p from Project p", from_ice(only_bob))) == 2


def test_no_parameters_at_all_are_fine(alice: Call) -> None:
    assert len(find(alice, "select p from Project p", from_ice(None))) == 2
    assert len(find(alice, "select p from Project p", from_ice(omero.sys.Parameters()))) == 2


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("select i from Image i where i.id = :id", {}, "column 36: the parameter :id has no value"),
        ("select i from Image i where i.id > :ids", {"ids": [1, 2]}, "the parameter :ids is a list"),
        ("select i from Image i where i.id = :id", {"id": object()}, "type object"),
        ("select i from Image i where i.id in (:id)", {"id": [[1]]}, "a list of lists"),
        ("select i from Image i where i.id in (:id)", {"id": omero.model.ImageI()}, "type ImageI"),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    alice: Call, text: str, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(omero.QueryException, match=says):
        rows(alice, text, values)
