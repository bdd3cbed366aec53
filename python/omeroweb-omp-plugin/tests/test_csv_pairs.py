"""Key-value pairs to CSV and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.csv_pairs import CsvError, CsvRow, export_csv, import_csv
from omeroweb_omp_plugin.ownership import Signer

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=10)
keys = cells.filter(lambda key: key == key.strip() and key not in {"omp_hash", "level", "id", "name"})
rows_of_keys = st.lists(st.lists(st.tuples(keys, cells), min_size=1, max_size=4), min_size=1, max_size=4)


def test_images_and_datasets_share_one_table() -> None:
    text = export_csv(
        [
            CsvRow("dataset", 5, "day 1", (("Day", "1"),)),
            CsvRow("image", 7, "a.tif", Signer().signed((("Cell", "HeLa"), ("Day", "1")))),
        ]
    )
    assert text.splitlines() == ["level,id,name,Day,Cell", "dataset,5,day 1,1,", "image,7,a.tif,1,HeLa"]


def test_repeated_keys_get_columns_of_the_same_name() -> None:
    row = CsvRow("image", 7, "a.tif", (("Gene", "x"), ("Gene", "y"), ("Cell", "HeLa")))
    text = export_csv([row])
    assert text.splitlines()[0] == "level,id,name,Gene,Gene,Cell"
    assert import_csv(text) == [row]


@pytest.mark.parametrize("value", ["=1+1", "+x", "-5", "@cmd", "'quoted", "\t=x"])
def test_no_cell_runs_as_a_formula(value: str) -> None:
    row = CsvRow("image", 7, value, (("Cell", value),))
    text = export_csv([row])
    assert f",{value}" not in text
    assert f',"{value}' not in text
    assert import_csv(text) == [row]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_a_byte_order_mark_are_recognised(delimiter: str) -> None:
    text = "\ufeff" + f"id,Cell\n7,HeLa\n\n{delimiter * 0}".replace(",", delimiter)
    assert import_csv(text) == [CsvRow("image", 7, "", (("Cell", "HeLa"),))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column 'id'"),
        ("name,Cell\na,b\n", "no column 'id'"),
        ("id,name\n1,a\n", "names no keys"),
        ("id,Cell\nx,a\n", "Line 2 has the id 'x'"),
        ("id,Cell\n1,a\n2,b,c\n", "Line 3 has 3 cells, the first line 2"),
        ("level,id,Cell\nplate,1,a\n", "level 'plate'"),
        ("id,Cell\n1,a\n1,b\n", "2 rows for image 1"),
        ("id,Cell,\n1,a,b\n", "Column 3 has no name"),
        ("id,omp_hash\n1,a\n", "ownership mark"),
        ('id,Cell\n1,"a\n', "not valid CSV"),
        ("id,Cell\n" + "1" * 30_000_000, "at most 20,000,000"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(CsvError, match=says):
        import_csv(text)


@given(rows_of_keys)
def test_what_is_exported_is_imported(table: list[list[tuple[str, str]]]) -> None:
    rows = [CsvRow("image", number, "n", tuple(pairs)) for number, pairs in enumerate(table)]
    found = import_csv(export_csv(rows))
    assert [sorted(row.pairs) for row in found] == [sorted(row.pairs) for row in rows]
    assert [row.id for row in found] == [row.id for row in rows]
