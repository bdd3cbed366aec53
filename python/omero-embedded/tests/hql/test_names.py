"""Names that mean nothing are refused with their place and what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero
import omero.all
import pytest

from omero_embedded.hql.run import objects, rows

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("select i from Imag i", "column 15: Imag is not a class of the OMERO model; did you mean Image?"),
        ("select i from Image i where i.nme = 'x'", "column 29: i.nme: Image has no property nme; did you mean name?"),
        ("select j.id from Image i", "column 8: j is neither an alias, a property nor a class"),
        ("select imgae.id from Image image", "did you mean image?"),
        ("select i from Image i join i.pixel p", "column 28: i.pixel: Image has no property pixel; did you mean pixels?"),
        ("select i.pixels.sizeX from Image i", "sizeX cannot be reached, what comes before it is a collection: join it"),
        ("select i.name.length from Image i", "length cannot be reached, what comes before it is a plain value"),
        ("select i from Image i join i.name n", "i.name cannot be joined: it is a plain value"),
        ("select i from Image i join pixels p", "write join alias.field"),
        ("select i from Image i, Image i", "the alias i is used twice"),
        ("select i.details.ower.id from Image i", "details have no ower; did you mean owner?"),
        ("select e.details.owner from Experimenter e", "Experimenter is a system object and has no owner"),
        ("select mv.key from MapAnnotation a join a.mapValue mv", "a name-value pair has name and value, not key"),
        ("select i from Image i right join i.pixels p", "right joins are not supported"),
        ("select lowr(i.name) from Image i", "unknown function lowr; did you mean lower?"),
        ("select lower(i.name, 1) from Image i", "lower takes 1 argument(s), not 2"),
        ("select cast(i.id as colour) from Image i", "cannot cast to colour; known types are"),
        ("select extract(year from i.acquisitionDate) from Image i", "extract(year from …) is not supported"),
        ("select index(i) from Image i", "index(…): Image is not kept in a list"),
        ("select index(i.id) from Image i", "index(…) takes the alias of a joined list"),
        ("select i.pixels from Image i", "a collection cannot be selected; join it"),
        ("select i from Image i where i.pixels = 1", "a collection is not a value"),
        ("select i from Image i where i.details = 1", "use its owner, group"),
        ("select i from Image i where i.id = 'seven'", "'seven' is compared with a number but is none"),
        ("select i from Image i where i.acquisitionDate > 'now'", "'now' is compared with a time but is none"),
        ("select a from Annotation a where a.class = 'Tagg'", "Tagg is not a class of the OMERO model"),
        ("select size(i.name) from Image i", "size needs a collection"),
        ("select type(i.name) from Image i", "type(…) takes an alias"),
        ("select count(id) from Image i, Dataset d", "id is ambiguous: Image and Dataset have it"),
        ("select a from Annotation a join a.mapValue mv where mv = 1 and elements(a.mapValue) = 1", "elements(…) can only"),
        ("select mv from MapAnnotation a join a.mapValue mv", "a name-value pair cannot be selected whole"),
    ],
)  # fmt: skip
def test_errors_name_what_is_wrong(alice: Call, text: str, says: str) -> None:
    with pytest.raises(omero.QueryException) as caught:
        rows(alice, text)
    assert says in caught.value.message
    assert "[" in caught.value.message, "the text around the error"


def test_selecting_values_as_objects_is_refused(alice: Call) -> None:
    with pytest.raises(omero.ApiUsageException, match="use IQuery"):
        objects(alice, "select i.id from Image i")


def test_a_query_beyond_the_databases_limits_is_refused(alice: Call) -> None:
    if not alice.db.is_sqlite:
        pytest.skip("PostgreSQL takes conditions of any length")
    text = "select i from Image i where " + " or ".join(f"i.id = {number}" for number in range(3000))
    with pytest.raises(omero.QueryException, match="too large"):
        objects(alice, text)


def test_a_query_nested_too_deeply_is_refused(alice: Call) -> None:
    text = f"select i from Image i where {'not ' * 20_000} i.id = 1"
    with pytest.raises(omero.QueryException, match="nested too deeply"):
        objects(alice, text)
