"""Projections with known answers: paths, joins, aggregates, functions and nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omero_embedded.hql.run import rows

if TYPE_CHECKING:
    from conftest import World
    from omero_embedded.security.context import Call

NAMES = ["A.tif", "b.tif", "c.tif"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select count(*) from DatasetImageLink", [(4,)]),
        ("select count(i), count(distinct d) from Image i join i.datasetLinks l join l.parent d", [(4, 2)]),
        ("select d.name, count(l.id) from Dataset d left join d.imageLinks l group by d.id, d.name order by d.name",
         [("Empty", 0), ("fixed", 3), ("live", 1), ("orphan dataset", 0)]),
        ("select d.name from Dataset d join d.imageLinks l group by d.name having count(l) > 1", [("fixed",)]),
        ("select d.name, size(d.imageLinks) from Dataset d where d.name like '%i%' order by d.name",
         [("fixed", 3), ("live", 1)]),
        ("select d.name from Dataset d where d.imageLinks is empty order by d.name", [("Empty",), ("orphan dataset",)]),
        ("select d.name from Dataset d where d.imageLinks.size = 1", [("live",)]),
        ("select i.name from Image i where i.pixels is not empty order by lower(i.name)", [("A.tif",), ("b.tif",), ("c.tif",)]),
        ("select sum(p.sizeX), avg(p.sizeX), min(p.sizeX), max(p.sizeX) from Pixels p", [(60, 20.0, 10, 30)]),
        ("select sum(p.sizeX) from Pixels p where p.sizeX > 1000", [(None,)]),
        ("select p.sizeX / 4, p.sizeX * 1.5, p.sizeX % 4 from Pixels p where p.sizeX = 10", [(2, 15.0, 2)]),
        ("select cast(p.sizeX as double) / 4 from Pixels p where p.sizeX = 10", [(2.5,)]),
        ("select 7 - 2 - 1, (2 + 3) * 4, -p.sizeY from Pixels p where p.sizeX = 10", [(4, 20, -5)]),
        ("select upper(i.name) || '!' from Image i where i.name = 'b.tif'", [("B.TIF!",)]),
        ("select concat(i.name, '-', i.name) from Image i where i.name = 'b.tif'", [("b.tif-b.tif",)]),
        ("select i.description || 'x' from Image i where i.name = 'b.tif'", [(None,)]),
        ("select coalesce(i.description, 'none') from Image i where i.name = 'b.tif'", [("none",)]),
        ("select case when p.sizeX > 15 then 'big' else 'small' end from Pixels p order by p.sizeX",
         [("small",), ("big",), ("big",)]),
        ("select case p.sizeX when 10 then 1 end from Pixels p order by p.sizeX", [(1,), (None,), (None,)]),
        ("select extract(epoch from i.acquisitionDate) from Image i where i.name = 'b.tif'", [(1.0,)]),
        ("select length(i.name), substring(i.name, 1, 1) from Image i where i.name = 'b.tif'", [(5, "b")]),
    ],
)  # fmt: skip
def test_answers(alice: Call, text: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(alice, text) == expected


def test_a_path_through_a_to_one_field_is_an_inner_join(alice: Call) -> None:
    assert len(rows(alice, "select i.id from Image i")) == 10
    assert rows(alice, "select i.name, i.fileset.templatePrefix from Image i") == [
        ("imported.tif", "alice_2/2024-01/")
    ]


def test_the_id_of_a_to_one_field_joins_nothing(alice: Call, world: World) -> None:
    found = rows(alice, "select i.name, i.fileset.id from Image i order by i.id")
    assert len(found) == 10
    assert ("imported.tif", world["fileset"]) in found
    assert ("b.tif", None) in found


def test_a_left_join_keeps_rows_and_an_inner_join_on_top_of_it_does_not(alice: Call) -> None:
    outer = rows(alice, "select d.name, i.name from Dataset d left join d.imageLinks l left join l.child i")
    inner = rows(alice, "select d.name, i.name from Dataset d left join d.imageLinks l join l.child i")
    assert len(outer) == 6
    assert ("Empty", None) in outer
    assert len(inner) == 4


def test_steps_of_a_left_joined_path_are_left_joined_too(alice: Call) -> None:
    text = (
        "select d.name, o.omeName from Dataset d left outer join d.projectLinks pl "
        "left outer join pl.parent.details.owner o order by d.name"
    )
    assert rows(alice, text) == [
        ("Empty", None), ("fixed", "alice"), ("live", "alice"), ("orphan dataset", None),
    ]  # fmt: skip


def test_a_theta_join_relates_classes_by_their_values(alice: Call, world: World) -> None:
    text = "select r.id from Roi r, WellSample ws where r.image = ws.image"
    assert rows(alice, text) == []
    text = "select r.id, l.parent.id from Roi r, DatasetImageLink l where l.child = r.image order by r.id"
    assert rows(alice, text) == [(world["roi"], world["fixed"]), (world["bobs roi"], world["fixed"])]


def test_an_entity_equals_its_id(alice: Call, world: World) -> None:
    text = "select count(l) from DatasetImageLink l where l.parent = :id and l.parent.id = :id and l.parent = l.parent.id"
    assert rows(alice, text, {"id": world["fixed"]}) == [(3,)]


def test_unqualified_names_belong_to_the_alias_that_has_them(alice: Call, world: World) -> None:
    assert rows(
        alice, "select max(row), max(column) from Well where plate.id = :id", {"id": world["plate"]}
    ) == [(0, 1)]
    assert (
        rows(alice, "select id, child.textValue from AnnotationAnnotationLink link where child.ns is null")[
            0
        ][1]
        == "good"
    )
    text = "select d.name, (select count(id) from DatasetImageLink l where l.parent = d.id) from Dataset d where name = 'live'"
    assert rows(alice, text) == [("live", 1)]


def test_subqueries_see_outer_aliases_and_shadow_them(alice: Call) -> None:
    text = (
        "select i.name from Image i where i.id in (select distinct(i.id) from Image i where i.name = 'b.tif')"
    )
    assert rows(alice, text) == [("b.tif",)]
    text = (
        "select i.name from Image i where not exists (select l from DatasetImageLink l where l.child = i.id) "
        "and not exists (select ws from WellSample ws where ws.image.id = i.id) order by i.name"
    )
    assert rows(alice, text) == [("imported.tif",), ("orphan.tif",)]
    # The outer alias, though the inner class has a property of the same name.
    named = text.replace(" i.", " image.").replace("Image i ", "Image image ")
    assert rows(alice, named) == [("imported.tif",), ("orphan.tif",)]
    text = "select d.name from Dataset d where exists (select l.id from d.imageLinks l where l.child.name = 'd.tif')"
    assert rows(alice, text) == [("live",)]


def test_a_subquery_may_step_through_an_outer_alias(alice: Call) -> None:
    text = (
        "select p.sizeX from Pixels p where exists "
        "(select l.id from DatasetImageLink l where l.child.name = p.image.name and l.parent.name = 'fixed') order by p.sizeX"
    )
    assert rows(alice, text) == [(10,), (20,), (30,)]


def test_comparisons_with_null_are_neither_true_nor_false(alice: Call) -> None:
    assert rows(alice, "select count(*) from Annotation a where a.ns != 'client'") == [(3,)]
    assert rows(alice, "select count(*) from Annotation a where not (a.ns = 'client')") == [(3,)]
    assert rows(alice, "select count(*) from Annotation a where a.ns is null or a.ns != 'client'") == [(6,)]
    assert rows(alice, "select count(*) from Annotation a where a.ns not in ('client', null)") == [(0,)]


@pytest.mark.parametrize(
    ("condition", "same"),
    [
        ("a.ns = null", "a.ns is null"),
        ("null = a.ns", "a.ns is null"),
        ("a.ns <> null", "a.ns is not null"),
        ("a.ns != null", "a.ns is not null"),
    ],
)
def test_a_comparison_with_the_word_null_asks_whether_there_is_a_value(
    alice: Call, condition: str, same: str
) -> None:
    count = "select count(*) from Annotation a where "
    found = rows(alice, count + condition)
    assert found == rows(alice, count + same) != [(0,)]


def test_properties_of_subclasses_are_reached_through_the_base(alice: Call) -> None:
    text = "select a.textValue, a.longValue from Annotation a where a.textValue = 'nice' or a.longValue = 4 order by a.id"
    assert rows(alice, text) == [(None, 4), ("nice", None)]
    assert rows(alice, "select a.file.name from Annotation a") == [("notes.txt",)]
    assert rows(alice, "select s.x, s.textValue from Shape s order by s.x") == [(1.0, None), (5.0, "here")]


def test_a_subclass_selects_only_its_objects(alice: Call) -> None:
    assert rows(alice, "select t.textValue from TagAnnotation t order by t.textValue") == [
        ("good",), ("lone",), ("set",),
    ]  # fmt: skip
    assert rows(alice, "select count(*) from TextAnnotation t") == [(4,)]
    assert rows(alice, "select count(*) from Annotation t") == [(7,)]


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("a.class = TagAnnotation", 3),
        ("a.class IS TagAnnotation", 3),
        ("a.class != TagAnnotation", 4),
        ("a.class in (TagAnnotation, MapAnnotation)", 4),
        ("a.class = 'ome.model.annotations.TagAnnotation'", 3),
        ("a.class = ome.model.annotations.TagAnnotation", 3),
        ("type(a) = LongAnnotation", 1),
        ("a.class = Annotation", 0),
    ],
)
def test_classes_can_be_compared(alice: Call, condition: str, count: int) -> None:
    assert rows(alice, f"select count(*) from Annotation a where {condition}") == [(count,)]


def test_the_class_is_selected_by_its_name_in_the_server(alice: Call) -> None:
    text = "select type(a.class), count(*) from Annotation a group by a.class order by a.class"
    assert ("ome.model.annotations.TagAnnotation", 3) in rows(alice, text)
    assert rows(alice, "select p.class from Project p where p.name = 'Mitosis'") == [
        ("ome.model.containers.Project",)
    ]


def test_map_values_join_as_names_and_values(alice: Call, world: World) -> None:
    text = "select mv.name, mv.value from ImageAnnotationLink l join l.child.mapValue mv where l.parent.id = :id order by index(mv)"
    assert rows(alice, text, {"id": world["b.tif"]}) == [("gene", "CDK1"), ("dose", "5"), ("gene", "TP53")]
    text = "select distinct a.id from Annotation a join a.mapValue as mv where mv.name in (:names) and mv.value = :value"
    assert rows(alice, text, {"names": ["gene"], "value": "TP53"}) == [(world["map"],)]


def test_values_with_units_have_value_and_unit(alice: Call) -> None:
    text = "select lc.emissionWave.value, lc.emissionWave.unit from LogicalChannel lc where lc.name = 'GFP' and lc.emissionWave.value > 450"
    assert rows(alice, text) == [(451.0, "NANOMETER")] * 3
    length = rows(alice, "select p.physicalSizeX from Pixels p")[0][0]
    assert (length.getValue(), length.getUnit().name) == (0.5, "MICROMETER")


def test_lists_know_the_place_of_their_elements(alice: Call, world: World) -> None:
    text = "select lc.name, index(c) from Pixels p join p.channels c join c.logicalChannel lc where p.image.id = :id order by index(c)"
    assert rows(alice, text, {"id": world["b.tif"]}) == [("GFP", 0), ("DAPI", 1)]
    text = "select minIndex(ws), maxIndex(ws) from Well w join w.wellSamples ws where w.plate.id = :id"
    assert rows(alice, text, {"id": world["plate"]}) == [(0, 1)]
    text = "select max(index(ws)) - min(index(ws)) from Well w join w.wellSamples ws group by w.id"
    assert rows(alice, text) == [(1,), (1,)]
    text = "select ws.image.name from WellSample ws where ws.well.id = :id order by well_index"
    assert rows(alice, text, {"id": world["well 0"]}) == [("w0f1",), ("w0f0",)]


def test_elements_and_member_of_look_into_collections(alice: Call, world: World) -> None:
    link = rows(alice, "select l.id from DatasetImageLink l where l.child.name = 'd.tif'")[0][0]
    for condition in (":link in elements(d.imageLinks)", ":link member of d.imageLinks"):
        assert rows(alice, f"select d.name from Dataset d where {condition}", {"link": link}) == [("live",)]


def test_details_are_reached_by_path_and_join(alice: Call) -> None:
    text = "select i.details.owner.omeName, i.details.group.name, i.details.creationEvent.time from Image i where i.name = 'orphan.tif'"
    ((owner, group, time),) = rows(alice, text)
    assert (owner, group) == ("bob", "lab")
    assert time > 1_700_000_000_000
    text = "select group.name, count(p) from Pixels p join p.details.group as group join p.details.owner owner where owner.omeName = 'alice' group by group.name"
    assert rows(alice, text) == [("lab", 3)]
    text = "select d.owner.omeName from FileAnnotation a join a.file.details as d"
    assert rows(alice, text) == [("alice",)]


def test_null_is_ordered_as_the_largest_value(alice: Call) -> None:
    text = "select a.ns from Annotation a where a.textValue is null or a.ns is null order by a.ns"
    found = [ns for (ns,) in rows(alice, text)]
    assert found == ["client", "notes", "openmicroscopy.org/omero/insight/rating", None, None, None]
    assert [ns for (ns,) in rows(alice, f"{text} desc")] == found[::-1]


def test_a_name_given_in_select_can_be_used_in_order_by(alice: Call) -> None:
    text = "select lower(i.name) as low from Image i where i.name like '%.tif' and i.pixels is not empty order by low desc"
    assert rows(alice, text) == [("c.tif",), ("b.tif",), ("a.tif",)]


def test_times_compare_with_dates_and_booleans_with_numbers(alice: Call) -> None:
    assert rows(alice, "select count(*) from Image i where i.acquisitionDate < '1970-01-02'") == [(4,)]
    assert rows(
        alice,
        "select count(*) from Image i where i.acquisitionDate between '1970-01-01 00:00:00' and '1970-01-01 00:00:01'",
    ) == [(4,)]
    assert rows(alice, "select count(*) from Image i where i.archived = 0") == [(4,)]
    assert rows(alice, "select count(*) from Image i where i.archived = false and i.id = '1'") == [(1,)]


def test_like_minds_the_case(alice: Call) -> None:
    assert rows(alice, "select i.name from Image i where i.name like 'a%'") == []
    assert rows(alice, "select i.name from Image i where lower(i.name) like 'a%'") == [("A.tif",)]
    assert rows(alice, "select i.name from Image i where i.name like 'A!.t%' escape '!'") == [("A.tif",)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("A_tif", True), (r"A\_tif", False), (r"A\.tif", True), ("A%f", True), (r"A\%f", False)],
)
def test_a_backslash_takes_the_next_character_of_a_pattern_as_it_is(
    alice: Call, pattern: str, found: bool
) -> None:
    text = "select i.name from Image i where i.name like :pattern"
    assert rows(alice, text, {"pattern": pattern}) == ([("A.tif",)] if found else [])


def test_distinct_rows_come_once(alice: Call) -> None:
    assert len(rows(alice, "select d.name from Dataset d join d.imageLinks l")) == 4
    assert sorted(rows(alice, "select distinct d.name from Dataset d join d.imageLinks l")) == [
        ("fixed",),
        ("live",),
    ]


def test_without_select_every_source_is_selected(alice: Call, world: World) -> None:
    ((dataset, link),) = rows(alice, "from Dataset d join d.imageLinks l where d.name = 'live'")
    assert dataset.id.val == world["live"]
    assert link.child.id.val == world["d.tif"]
