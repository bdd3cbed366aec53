import pytest
import xraydb

from omeroweb_upload.xray.build_table import table
from omeroweb_upload.xray.elements import ATOMIC_NUMBERS, SYMBOLS, symbol_of
from omeroweb_upload.xray.lines import TABLE, all_lines, lines_between, lines_of


def test_the_table_is_what_its_command_makes_from_xraydb():
    assert TABLE.read_text(encoding="utf-8") == table()


def test_every_element_from_lithium_to_californium_has_lines():
    assert {line.symbol for line in all_lines()} == set(SYMBOLS[2:98])


@pytest.mark.parametrize("symbol", SYMBOLS[3:92])
def test_every_element_has_a_strong_line_within_reach_of_a_microscope(symbol):
    assert any(line.weight > 0.9 and 0.1 <= line.energy_kev <= 20 for line in lines_of(symbol))


def test_uranium_has_its_m_lines():
    lines = {line.name: line for line in lines_of("U") if line.family == "M"}
    assert set(lines) == {"Ma", "Mb", "Mg", "Mz"}
    # Energies that AZtec writes for uranium: 3.171, 3.337, 3.564, 2.455 keV.
    for name, energy in (("Ma", 3.171), ("Mb", 3.337), ("Mg", 3.564), ("Mz", 2.455)):
        assert lines[name].energy_kev == pytest.approx(energy, abs=0.01)


@pytest.mark.parametrize(
    ("symbol", "name", "energy"),
    [
        ("C", "Ka1", 0.277), ("O", "Ka1", 0.525), ("Al", "Ka1", 1.487), ("Si", "Ka1", 1.740), ("Fe", "Ka1", 6.404),
        ("Cu", "Ka1", 8.048), ("Cu", "La1", 0.930), ("Au", "Ma", 2.123), ("Au", "La1", 9.713), ("Pb", "La1", 10.552),
    ],
)  # fmt: skip
def test_well_known_lines_have_their_textbook_energies(symbol, name, energy):
    line = next(line for line in lines_of(symbol) if line.name == name)
    assert line.energy_kev == pytest.approx(energy, abs=0.005)


def test_energies_agree_with_xraydb_for_every_line():
    for symbol in ("Fe", "Ag", "U"):
        theirs = xraydb.xray_lines(symbol)
        for line in lines_of(symbol):
            assert line.energy_kev == pytest.approx(theirs[line.name].energy / 1000, abs=1e-5)


def test_the_strongest_line_of_each_family_weighs_one_and_lies_below_its_edge():
    families = {(line.symbol, line.family) for line in all_lines()}
    strongest = {(line.symbol, line.family) for line in all_lines() if line.weight == 1}
    assert families == strongest
    assert all(line.energy_kev < line.edge_kev * 1.02 for line in all_lines())


def test_lines_between_are_sorted_and_inside():
    found = lines_between(6.3, 6.5, min_weight=0.4)
    assert "Fe" in {line.symbol for line in found}
    assert [line.energy_kev for line in found] == sorted(line.energy_kev for line in found)
    assert all(6.3 <= line.energy_kev <= 6.5 and line.weight >= 0.4 for line in found)


def test_elements_and_numbers_belong_together():
    assert len(SYMBOLS) == 118
    assert symbol_of(26) == "Fe"
    assert symbol_of(0) is symbol_of(119) is None
    assert ATOMIC_NUMBERS["U"] == 92


def test_an_unknown_element_has_no_lines():
    assert lines_of("Xx") == ()
