import filecmp
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from rsciio.msa import file_reader

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.read import read_emsa

FOLDER = Path(__file__).with_name("fixtures")
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
READABLE = sorted(name for name, item in EXPECTED["files"].items() if "error" not in item)
BROKEN = sorted(name for name, item in EXPECTED["files"].items() if "error" in item)
ORACLE = [name for name in READABLE if "oracle" not in EXPECTED["files"][name]]


def expectation(name):
    item = dict(EXPECTED["files"][name])
    for axis in ("x", "y"):
        if item.get(axis) == "usual":
            item[axis] = EXPECTED[axis]
    return item


def test_there_are_fixtures_for_every_file_and_a_file_for_every_fixture():
    assert {path.stem for path in FOLDER.glob("*.msa")} == set(READABLE) | set(BROKEN)
    assert len(READABLE) >= 40
    assert len(BROKEN) >= 15


def test_the_fixtures_are_what_their_command_makes(tmp_path):
    subprocess.run([sys.executable, FOLDER.parent / "make_fixtures.py", tmp_path], check=True)
    names = sorted(path.name for path in FOLDER.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    _, different, failed = filecmp.cmpfiles(FOLDER, tmp_path, names, shallow=False)
    assert not different
    assert not failed


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_file_gives_the_numbers_it_was_made_from(name):
    expected = expectation(name)
    spectrum = read_emsa(FOLDER / f"{name}.msa")
    np.testing.assert_allclose(spectrum.x, expected["x"], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(spectrum.y, expected["y"])
    assert spectrum.x_unit == expected["x_unit"]
    assert spectrum.y_unit == expected["y_unit"]
    assert spectrum.is_energy is expected.get("is_energy", True)
    if "title" in expected:
        assert spectrum.title == expected["title"]
    if "date" in expected:
        assert (spectrum.acquired_on and spectrum.acquired_on.isoformat()) == expected["date"]
        assert (spectrum.acquired_at and spectrum.acquired_at.isoformat()) == expected["time"]


@pytest.mark.parametrize("name", READABLE)
def test_metadata_is_mapped_and_the_original_kept_beside_it(name):
    expected = expectation(name)
    spectrum = read_emsa(FOLDER / f"{name}.msa")
    if "metadata" in expected:
        assert spectrum.metadata == pytest.approx(expected["metadata"])
    assert expected.get("original", {}).items() <= spectrum.original.items()
    assert [[x.atomic_number, x.energy_kev, x.symbol, x.transition] for x in spectrum.labels] == expected.get(
        "labels", []
    )
    assert list(spectrum.listed_elements) == expected.get("elements", [])


@pytest.mark.parametrize("name", READABLE)
def test_what_is_unusual_is_remarked_and_nothing_else(name):
    remarks = [str(remark) for remark in read_emsa(FOLDER / f"{name}.msa").remarks]
    expected = expectation(name)["remarks"]
    assert len(remarks) == len(expected), remarks
    for wanted in expected:
        assert any(wanted in remark for remark in remarks), (wanted, remarks)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_file_and_line(name):
    expected = expectation(name)["error"]
    with pytest.raises(EmsaError) as caught:
        read_emsa(FOLDER / f"{name}.msa")
    assert expected["says"] in str(caught.value)
    assert caught.value.line == expected["line"]
    assert str(caught.value).startswith(f"{name}.msa")
    if expected["line"]:
        assert f"line {expected['line']}:" in str(caught.value)


@pytest.mark.parametrize("name", ORACLE)
def test_rosettasciio_reads_the_same(name):
    spectrum = read_emsa(FOLDER / f"{name}.msa")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = file_reader(FOLDER / f"{name}.msa")[0]
    np.testing.assert_array_equal(spectrum.y, theirs["data"])
    axis = theirs["axes"][0]
    contradicted = any("the pairs count" in str(remark) for remark in spectrum.remarks)
    if expectation(name).get("oracle_axis", True) and not contradicted:
        np.testing.assert_allclose(
            spectrum.x, axis["offset"] + axis["scale"] * np.arange(axis["size"]), rtol=0, atol=1e-9
        )


def test_the_oracle_reads_most_files():
    assert len(ORACLE) >= 25


@pytest.mark.parametrize("name", sorted(set(READABLE) - set(ORACLE)))
def test_files_that_the_oracle_misreads_are_listed_as_such(name):
    spectrum = read_emsa(FOLDER / f"{name}.msa")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = file_reader(FOLDER / f"{name}.msa")[0]["data"]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, NameError):
        return
    assert not np.array_equal(spectrum.y, data)
