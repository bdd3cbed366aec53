"""From images to pairs: names of variables, limits, types, corrections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.ownership import Signer
from omeroweb_omp_plugin.parsing.errors import ParsingError
from omeroweb_omp_plugin.parsing.extract import Item, Recipe, extract
from omeroweb_omp_plugin.parsing.rules import Rule
from omeroweb_omp_plugin.parsing.sources import Source
from omeroweb_omp_plugin.parsing.values import ValueType
from omeroweb_omp_plugin.parsing.variables import check_names, keys_for, max_variables


def pairs(name: str, recipe: Recipe | None = None) -> dict[str, str]:
    (row,) = extract(recipe or Recipe(), [Item(1, name)])
    return dict(row.pairs)


def test_values_get_the_default_names_and_then_numbers() -> None:
    assert pairs("P1_HeLa_glass_A1_20x_dark_rest.tif") == {
        "Project number": "P1",
        "Sample type": "HeLa",
        "Substrate": "glass",
        "Position": "A1",
        "Image acquisition": "20x",
        "Specific experimental conditions": "dark",
        "Var7": "rest",
    }


def test_blank_names_get_numbers_and_repeated_ones_a_suffix() -> None:
    assert keys_for(5, [" Cell ", "", "Cell", "Cell_2", "Cell"]) == (
        "Cell",
        "Var2",
        "Cell_2",
        "Cell_2_2",
        "Cell_3",
    )


def test_named_groups_go_before_variable_names() -> None:
    recipe = Recipe(Rule(mode="regex", pattern=r"(?P<Cell>\w+?)_(\d+)"), names=("x", "Number"))
    assert pairs("HeLa_12.tif", recipe) == {"Cell": "HeLa", "Number": "12"}


def test_values_beyond_the_limit_are_left_out_and_said_so() -> None:
    (row,) = extract(Recipe(most=3), [Item(1, "a_b_c_d_e.tif")])
    assert len(row.pairs) == 3
    assert row.problems == ("5 values were found; those after number 3 are left out",)


def test_300_variables_are_refused() -> None:
    with pytest.raises(ParsingError, match="300 variable names are given; at most 15"):
        check_names(["x"] * 300)
    with pytest.raises(ParsingError, match="300 variables"):
        extract(Recipe(most=300), [])


def test_nobody_can_write_the_ownership_mark_by_hand() -> None:
    with pytest.raises(ParsingError, match="ownership mark"):
        extract(Recipe(names=("omp_hash",)), [])
    with pytest.raises(ParsingError, match="ownership mark"):
        extract(Recipe(Rule(mode="regex", pattern="(?P<omp_hash>.)")), [])
    with pytest.raises(ParsingError, match="ownership mark"):
        extract(Recipe(), [Item(1, "a")], {1: {"omp_hash": "x"}})


def test_the_limit_of_variables_follows_the_users_setting_within_bounds() -> None:
    assert [max_variables(setting) for setting in (None, 2, 3, 15, 16)] == [10, 10, 3, 15, 10]


def test_types_are_applied_and_what_does_not_fit_is_kept_and_told() -> None:
    recipe = Recipe(
        names=("Well", "Dose"), types=(("Well", ValueType("well")), ("Dose", ValueType("concentration")))
    )
    good, bad = extract(recipe, [Item(1, "a01_10uM.tif"), Item(2, "a01_lots.tif")])
    assert good.pairs == (("Well", "A1"), ("Dose", "10 µM"))
    assert bad.pairs == (("Well", "A1"), ("Dose", "lots"))
    assert "Dose: 'lots' is not a concentration" in bad.problems[0]


def test_an_unmatched_name_has_no_pairs_and_a_reason() -> None:
    (row,) = extract(Recipe(Rule(mode="regex", pattern=r"(\d+)")), [Item(1, "abc.tif")])
    assert row.pairs == ()
    assert row.problems == ("The regular expression doesn't match 'abc'",)


def test_corrections_replace_remove_and_add() -> None:
    (row,) = extract(
        Recipe(names=("A", "B")), [Item(1, "x_y.tif")], {1: {"A": "z", "B": None, "C": "new", "D": " "}}
    )
    assert row.pairs == (("A", "z"), ("C", "new"))


def test_folders_can_be_parsed() -> None:
    recipe = Recipe(source=Source("folder"), names=("Cell", "Day"))
    (row,) = extract(recipe, [Item(1, "img.tif", "/data/HeLa_d3/img.tif")])
    assert row.pairs == (("Cell", "HeLa"), ("Day", "d3"))


@given(st.lists(st.text(max_size=40), max_size=8))
def test_parsing_the_same_names_gives_the_same_values_and_marks(names: list[str]) -> None:
    items = [Item(number, name) for number, name in enumerate(names)]
    rows = extract(Recipe(), items)
    signer = Signer("s3cret")
    assert rows == extract(Recipe(), items)
    assert extract(Recipe(), items[::-1]) == rows[::-1]
    for row in rows:
        signed = signer.signed(row.pairs)
        assert signed == signer.signed(row.pairs)
        assert signer.owns(signed)


@pytest.mark.parametrize(
    "name",
    ["cells😀_01.tif", "\u202eabc_\u202c01.tif", "e\u0301te\u0301_01.tif", "細胞_01.tif", "שלום_01.tif"],
)
def test_any_script_is_kept_as_it_is(name: str) -> None:
    first, second = pairs(name).values()
    assert f"{first}_{second}.tif" == name
