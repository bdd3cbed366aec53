"""The grammar: what clients write becomes the tree that was meant, and what cannot be read is pointed at."""

from __future__ import annotations

import pytest

from omero_embedded.hql import syntax as s
from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.parse import parse


def where(condition: str) -> s.Node:
    """The tree of a condition."""
    found = parse(f"from Image i where {condition}").where
    assert found is not None
    return found


def path(text: str) -> tuple[str, ...]:
    """The names of a path."""
    return tuple(text.split("."))


def names(node: s.Node) -> tuple[str, ...]:
    """The names of a path in the tree."""
    assert isinstance(node, s.Path)
    return node.names


def test_a_query_without_select_has_only_its_sources() -> None:
    query = parse("from Image")
    assert query.select is None
    assert query.sources[0].path.names == ("Image",)
    assert query.sources[0].alias is None


@pytest.mark.parametrize(
    "text", ["from Image i", "from Image as i", "FROM Image AS i", "From  Image\n\tAs i"]
)
def test_the_alias_is_found_with_and_without_as_in_any_case(text: str) -> None:
    assert parse(text).sources[0].alias == "i"


@pytest.mark.parametrize(
    ("text", "kind", "fetch"),
    [
        ("join i.pixels p", "inner", False),
        ("inner join i.pixels p", "inner", False),
        ("left join i.pixels p", "left", False),
        ("left outer join fetch i.pixels as p", "left", True),
        ("JOIN FETCH i.pixels p", "inner", True),
    ],
)
def test_joins_keep_kind_fetch_and_alias(text: str, kind: str, fetch: bool) -> None:
    join = parse(f"select i from Image i {text} where p.id = 1").sources[0].joins[0]
    assert (join.kind, join.fetch, join.alias, join.path.names) == (kind, fetch, "p", ("i", "pixels"))


@pytest.mark.parametrize(
    "word", ["group", "owner", "order", "desc", "map", "index", "count", "value", "size", "end"]
)
def test_keywords_can_be_aliases(word: str) -> None:
    query = parse(f"select {word}.id from Image as {word} where {word}.id = 1 order by {word}.id desc")
    assert query.sources[0].alias == word
    assert names(query.order_by[0].value) == (word, "id")
    assert query.order_by[0].descending


def test_and_binds_tighter_than_or_and_not_tighter_than_and() -> None:
    node = where("not i.id = 1 and i.id = 2 or i.id = 3")
    assert isinstance(node, s.Junction)
    assert node.operator == "or"
    left = node.parts[0]
    assert isinstance(left, s.Junction)
    assert left.operator == "and"
    assert isinstance(left.parts[0], s.Not)


def test_multiplication_binds_tighter_than_addition() -> None:
    node = where("i.id + 2 * 3 = 7")
    assert isinstance(node, s.Comparison)
    assert isinstance(node.left, s.Binary)
    assert node.left.operator == "+"
    assert isinstance(node.left.right, s.Binary)


def test_subtraction_groups_from_the_left() -> None:
    node = where("9 - 3 - 2 = 4")
    assert isinstance(node, s.Comparison)
    assert node.left == s.Binary(
        "-", s.Binary("-", s.Literal(9, "int"), s.Literal(3, "int")), s.Literal(2, "int")
    )


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("5", 5, "int"),
        ("5L", 5, "long"),
        ("5000000000", 5_000_000_000, "long"),
        ("-5", -5, "int"),
        ("1.5", 1.5, "double"),
        ("1.5f", 1.5, "float"),
        (".5", 0.5, "double"),
        ("2e3", 2000.0, "double"),
        ("'it''s'", "it's", "string"),
        ("''", "", "string"),
        ("TRUE", True, "bool"),
        ("false", False, "bool"),
        ("null", None, "null"),
    ],
)
def test_literals(text: str, value: object, kind: str) -> None:
    node = where(f"i.x < {text}")
    assert isinstance(node, s.Comparison)
    assert node.right == s.Literal(value, kind)


@pytest.mark.parametrize("text", ["<>", "!=", "^="])
def test_all_spellings_of_unequal_mean_the_same(text: str) -> None:
    node = where(f"i.id {text} 1")
    assert isinstance(node, s.Comparison)
    assert node.operator == "!="


def test_is_with_a_class_name_is_a_comparison() -> None:
    node = where("i.class IS NOT TagAnnotation")
    assert isinstance(node, s.Comparison)
    assert node.operator == "!="
    assert names(node.right) == ("TagAnnotation",)


def test_in_takes_a_list_a_parameter_with_or_without_brackets_and_a_query() -> None:
    listed, bare, bracketed, query = (
        where(text)
        for text in (
            "i.id in (1, 2)",
            "i.id in :ids",
            "i.id not in (:ids)",
            "i.id in (select j.id from Image j)",
        )
    )
    assert isinstance(listed, s.In)
    assert isinstance(bare, s.In)
    assert isinstance(bracketed, s.In)
    assert isinstance(query, s.In)
    assert len(listed.members) == 2
    assert isinstance(bare.members[0], s.Param)
    assert bracketed.negated
    assert isinstance(query.members[0], s.Subquery)


def test_new_map_keeps_the_names() -> None:
    select = parse("select distinct new map(i.id as id, count(*) as n) from Image i").select
    assert select is not None
    assert (select.form, select.distinct) == ("map", True)
    assert [item.alias for item in select.items] == ["id", "n"]


def test_count_knows_distinct_with_and_without_brackets() -> None:
    for text in ("count(distinct i.id)", "count( DISTINCT (i.id))"):
        select = parse(f"select {text} from Image i").select
        assert select is not None
        call = select.items[0].value
        assert isinstance(call, s.Call)
        assert call.distinct
        assert names(call.arguments[0]) == ("i", "id")


def test_cast_extract_and_case_are_read() -> None:
    select = parse(
        "select cast(i.id as double), extract(epoch from i.acquisitionDate), case when i.id = 1 then 2 else 3 end from Image i"
    ).select
    assert select is not None
    assert [type(item.value) for item in select.items] == [s.Cast, s.Extract, s.Case]


def test_positional_parameters_are_named_by_their_number() -> None:
    node = where("i.id = ?1")
    assert isinstance(node, s.Comparison)
    assert isinstance(node.right, s.Param)
    assert node.right.name == "1"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("select i frm Image i", "column 10", "unexpected 'frm'"),
        ("from Image i where", "column 19", "the end of the query; expected a 'string'"),
        ("from Image i where i.id =", "column 26", "the end of the query"),
        ("from Image i\nwhere i.id == 1", "line 2, column 13", "unexpected '='"),
        ("from Image i orderby i.id", "column 14", "'orderby'"),
        ("from Image i where i.name = 'open", "column 29", "unexpected '''"),
        ('from Image i where i.name = "x"', "column 29", "unexpected '\"'"),
        ("", "column 1", "expected FROM, SELECT"),
        ("select new Thing(i.id) from Image i", "column 12", "use new map"),
        ("select i.id from Image i where any(select j.id from Image j) = 1", "column 32", "exists, in"),
        ("select lower(i.name as x) from Image i", "column 8", "only cast"),
        ("select i.id from Image i where i.id = 99999999999999999999", "column 39", "too large"),
    ],
)
def test_errors_say_where_and_what_was_expected(text: str, place: str, says: str) -> None:
    with pytest.raises(HqlError) as caught:
        parse(text)
    assert place in str(caught.value)
    assert says in str(caught.value)


def test_deep_brackets_are_refused_not_crashed_on() -> None:
    text = f"from Image i where {'(' * 50_000}i.id = 1{')' * 50_000}"
    parse(text)
