"""What is worked out from a spectrum before OMERO comes into play."""

from __future__ import annotations

import json

import numpy as np
import pytest

from omero_plugin_common.web.errors import UserError
from omeroweb_upload.config import upload_settings
from omeroweb_upload.emsa.read import parse_emsa, read_emsa
from omeroweb_upload.emsa.spectrum import Spectrum
from omeroweb_upload.services.edx_items import MethodSettings, Output
from omeroweb_upload.services.edx_settings import check_enabled
from omeroweb_upload.services.edx_uploads import choose_automatically
from omeroweb_upload.spectra import names
from omeroweb_upload.spectra.analyse import UnknownElementError, analyse, labels_of_elements
from omeroweb_upload.spectra.mimetypes import mimetype_of
from omeroweb_upload.spectra.pairs import metadata_pairs
from omeroweb_upload.spectra.peek import PEEK_BYTES, peek
from omeroweb_upload.spectra.present import spectrum_json
from omeroweb_upload.spectra.symbols import read_symbols


@pytest.fixture
def steel(lab):
    return parse_emsa(lab.spectrum())


def test_a_peak_without_a_label_gets_candidates_best_first(steel):
    (peak,) = analyse(steel).unlabelled
    assert peak.peak.energy_kev == pytest.approx(1.487, abs=0.02)
    assert peak.candidates[0].symbol == "Al"
    scores = [candidate.score for candidate in peak.candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_spectrum_over_wavelength_has_neither_peaks_nor_candidates(lab):
    found = analyse(read_emsa(lab.fixtures / "cathodoluminescence.msa"))
    assert (found.peaks, found.unlabelled) == ((), ())


def test_chosen_elements_get_the_files_labels_or_the_strongest_lines_that_show(steel):
    labels = labels_of_elements(steel, ["Fe", "Al", "Cu"])
    assert [(label.symbol, label.transition) for label in labels] == [
        ("Fe", ""),
        ("Al", "Ka1"),
        ("Cu", "La1"),
        ("Cu", "Ka1"),
    ]


def test_lines_that_the_beam_cannot_excite_or_the_detector_not_show_are_not_labelled(steel):
    assert labels_of_elements(steel, ["Mo"])[-1].transition.startswith("L")
    assert [label.transition for label in labels_of_elements(steel, ["Si"])] == ["Ka1"]


@pytest.mark.parametrize("symbol", ["Xx", "H", ""])
def test_what_has_no_x_rays_is_refused_by_name(steel, symbol):
    with pytest.raises(UnknownElementError, match=repr(symbol)):
        labels_of_elements(steel, [symbol])


def test_pairs_carry_file_checksum_header_elements_and_candidates(lab):
    spectrum = read_emsa(lab.fixtures / "aztec.msa")
    pairs = metadata_pairs("aztec.msa", "ab" * 20, analyse(spectrum))
    assert pairs[:2] == [("Spectrum file", "aztec.msa"), ("Spectrum SHA-1", "ab" * 20)]
    found = dict(pairs)
    assert found["XPOSITION -mm"] == "-8.4092"
    assert found["OXINSTLABEL_2"] == "26, 6.404, Fe"
    assert found["Elements labelled"] == "C, O, Fe"
    assert not any(key.startswith("SPECTRUM") for key, _ in pairs)


@pytest.mark.parametrize(
    "name", ["xy_standard", "aztec", "utf16", "utf8_with_mark", "old_mac_line_ends", "windows_1252"]
)
def test_the_beginning_of_a_file_tells_that_it_is_a_spectrum_and_its_title(lab, name):
    data = (lab.fixtures / f"{name}.msa").read_bytes()
    seen = peek(data[:PEEK_BYTES])
    assert seen.is_spectrum
    assert seen.title == read_emsa(lab.fixtures / f"{name}.msa").title


def test_a_title_is_read_from_a_beginning_that_ends_within_a_character():
    header = "#FORMAT : EMSA/MAS\r\n#TITLE : Korngröße\r\n"
    for length in range(PEEK_BYTES - 40, PEEK_BYTES + 3):
        data = (header + "#COMMENT: " + "x" * (length - 80) + "\r\n#OWNER: Jörg öööööööö").encode()
        assert peek(data[:PEEK_BYTES]).title == "Korngröße"


@pytest.mark.parametrize(
    "data", [b"", b"bring the sample back\n", b"\x89PNG\r\n\x1a\n\x00\x00", b"# a comment: only\n1,2\n"]
)
def test_what_is_no_spectrum_is_not_taken_for_one(data):
    assert not peek(data).is_spectrum


def test_the_page_gets_plain_json(steel):
    shown = spectrum_json("steel.txt", analyse(steel))
    assert json.loads(json.dumps(shown)) == shown
    assert shown["beam_kev"] == 20.0
    wavelength = Spectrum(x=np.array([400.0, 401.0]), y=np.array([1.0, 2.0]), x_unit="nm", y_unit="counts")
    assert spectrum_json("light.txt", analyse(wavelength))["x_name"] == "nm"


def test_names_and_namespaces_are_those_other_software_knows():
    assert names.table_name("grain 3.txt") == "grain 3.h5"
    assert names.figure_name("grain 3.txt") == "grain 3_edx.png"
    assert names.folder_for(7) == "sem_edx/img_7/"
    assert (names.SPECTRA_NAMESPACE, names.TABLE_NAMESPACE) == (
        "sem_edx.spectra",
        "openmicroscopy.org/omero/client/table",
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text/plain"),
        ("a.MSA", "text/plain"),
        ("a.pdf", "application/pdf"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_attachments_that_a_browser_would_run_are_called_unknown(name, kind):
    assert mimetype_of(name) == kind


@pytest.mark.parametrize(
    ("text", "symbols"),
    [(None, None), ("", []), ("Fe,O", ["Fe", "O"]), (" fe , CR ", ["Fe", "Cr"]), ("x1", ["x1"])],
)
def test_symbols_in_an_address_are_read_kindly(text, symbols):
    assert read_symbols(text) == symbols


def test_the_original_is_always_made_and_comes_first():
    nothing = MethodSettings(**dict.fromkeys(MethodSettings.model_fields, False))
    assert nothing.outputs() == [Output.ORIGINAL]
    everything = MethodSettings(**dict.fromkeys(MethodSettings.model_fields, True))
    assert set(everything.outputs()) == set(Output)


def test_names_are_brought_together_with_the_rule_that_did_it():
    found = choose_automatically([("a/x.txt", ""), ("b/y.txt", "")], ["a/x.tif", "a/z.tif"])
    assert found["matches"] == [{"spectrum": "a/x.txt", "image": "a/x.tif", "rule": "same base name"}]
    assert found["unmatched_spectra"] == ["b/y.txt"]
    assert found["images_without_spectra"] == ["a/z.tif"]


def test_special_methods_can_be_switched_off_while_attaching_goes_on(monkeypatch):
    monkeypatch.setenv("OMERO_WEB_UPLOAD_DISABLE_SPECIAL_METHODS", "true")
    upload_settings.cache_clear()
    try:
        with pytest.raises(UserError, match="switched off on this server") as caught:
            check_enabled("sem_edx_spectra")
        assert caught.value.status == 403
        check_enabled("")
    finally:
        monkeypatch.undo()
        upload_settings.cache_clear()
