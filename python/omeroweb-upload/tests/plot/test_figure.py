import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.plot import style
from omeroweb_upload.plot.figure import FigureError, compose, draw_pdf, draw_spectra, draw_spectrum, y_name
from omeroweb_upload.plot.geometry import Frame
from omeroweb_upload.plot.labels import peak_labels

SOURCE = Path(__file__).parents[2] / "src"
AXES = Frame(108, 86, 1251, 698)


def simple(labels=(), **changes):
    x = 0.01 * np.arange(1000)
    y = 10 + 500 * np.exp(-(((x - 6.404) / 0.06) ** 2)) + 200 * np.exp(-(((x - 0.705) / 0.06) ** 2))
    values = {
        "x": x,
        "y": np.round(y),
        "x_unit": "keV",
        "y_unit": "counts",
        "title": "Steel",
        "labels": labels,
    }
    return Spectrum(**{**values, **changes})


IRON = (ElementLabel(26, 0.705, "Fe"), ElementLabel(26, 6.404, "Fe"))


def test_the_same_spectrum_gives_the_same_bytes_in_another_process_too(layout):
    spectrum = layout.spectrum(1)
    here = draw_spectrum(spectrum).png
    assert draw_spectrum(spectrum).png == here
    conftest = Path(__file__).with_name("conftest.py")
    script = (
        f"import sys, runpy; sys.path.insert(0, {str(SOURCE)!r})\n"
        f"spectrum = runpy.run_path({str(conftest)!r})['random_spectrum'](1)\n"
        "from omeroweb_upload.plot.figure import draw_spectrum\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "sys.stdout.buffer.write(draw_spectrum(spectrum).png)"
    )
    there = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout
    assert there == here


def test_on_200_random_spectra_no_label_overlaps_leaves_the_axes_changes_order_or_crosses(layout):
    for seed in range(200):
        _, placement = compose([layout.spectrum(seed)])
        assert placement.left_out == ()
        layout.check(AXES, placement)


def test_the_picture_has_its_size_and_its_colours(tmp_path):
    (tmp_path / "a.png").write_bytes(draw_spectrum(simple(IRON)).png)
    pixels = (imread(tmp_path / "a.png")[:, :, :3] * 255).round().astype(int)
    assert pixels.shape == (750, 1275, 3)
    assert pixels[0, 0].tolist() == [0x1F, 0x4D, 0x7A]
    for colour in ([0xFF, 0xE6, 0x00], [0xB8, 0xF0, 0xB0], [0xFF, 0xFF, 0xFF]):
        assert (pixels == colour).all(axis=2).any(), colour


def test_the_png_does_not_name_the_software_that_drew_it():
    png = draw_spectrum(simple()).png
    assert b"tEXt" not in png
    assert b"atplotlib" not in png


@pytest.mark.parametrize("labels", [(), IRON[:1], IRON, IRON * 3])
def test_no_label_one_label_and_repeated_labels_are_fine(labels):
    figure = draw_spectrum(simple(labels))
    assert len(figure.placement.placed) == len({label.energy_kev for label in labels})


def test_labels_outside_the_energy_range_are_not_drawn():
    figure = draw_spectrum(simple((*IRON, ElementLabel(92, 13.6, "U"))))
    assert [placed.label.text for placed in figure.placement.placed] == ["Fe", "Fe"]


def test_axes_are_named_after_what_the_data_are():
    assert y_name("counts") == "Counts"
    assert y_name("counts/s") == "Counts per second"
    assert y_name("counts/s/eV") == "Counts per second per eV"
    assert "no unit" in y_name("")
    assert y_name("electrons") == "Intensity (electrons)"
    assert draw_spectrum(simple()).png != draw_spectrum(simple(y_unit="counts/s")).png


def test_several_spectra_are_drawn_over_each_other_with_all_their_labels():
    second = simple(
        (ElementLabel(6, 0.277, "C"),), x=0.02 * np.arange(300), y=np.full(300, 50.0), title="Epoxy"
    )
    figure = draw_spectra([simple(IRON), second])
    assert [placed.label.text for placed in figure.placement.placed] == ["C", "Fe", "Fe"]
    assert figure.png != draw_spectra([simple(IRON)]).png


def test_spectra_in_different_units_are_only_drawn_relative():
    pair = [simple(), simple(y_unit="counts/s")]
    with pytest.raises(FigureError, match="counts and counts/s need relative"):
        draw_spectra(pair)
    assert draw_spectra(pair, relative=True).png


@pytest.mark.parametrize(
    ("spectra", "says"),
    [([], "no spectrum"), ([simple(x_unit="nm")], "is in nm"), ([simple(x_unit="")], "no unit")],
)
def test_what_cannot_be_drawn_is_refused_in_words(spectra, says):
    with pytest.raises(FigureError, match=says):
        draw_spectra(spectra)


@pytest.mark.parametrize(
    "y", [np.zeros(1000), np.full(1000, -5.0), np.full(1000, 1e12), np.linspace(-50, 900, 1000)]
)
def test_empty_negative_and_huge_counts_are_drawn(y):
    assert draw_spectrum(simple(IRON, y=y)).png


def test_a_spectrum_of_one_point_is_drawn():
    assert draw_spectrum(simple(IRON, x=np.array([6.404]), y=np.array([3.0]))).png


def test_titles_are_plain_text():
    assert draw_spectrum(simple(title="$\\frac{broken$ 50 %_x^2")).png


def merged(labels, heights):
    energy = np.arange(0, 10, 0.001)
    height = np.interp(energy, sorted(heights), [heights[key] for key in sorted(heights)])
    return [
        (label.text, [peak.energy_kev for peak in label.peaks])
        for label in peak_labels(labels, energy, height)
    ]


def test_near_peaks_of_one_element_and_like_height_share_a_label():
    iron = [ElementLabel(26, 6.2, "Fe"), ElementLabel(26, 6.4, "Fe")]
    assert merged(iron, {6.2: 100, 6.4: 80}) == [("Fe", [6.2, 6.4])]
    assert merged(iron, {6.2: 100, 6.4: 60}) == [("Fe", [6.2]), ("Fe", [6.4])]
    far = [ElementLabel(26, 6.0, "Fe"), ElementLabel(26, 6.6, "Fe")]
    assert merged(far, {6.0: 100, 6.6: 100}) == [("Fe", [6.0]), ("Fe", [6.6])]


def test_peaks_with_another_element_between_them_do_not_share_a_label():
    mixed = [ElementLabel(26, 6.2, "Fe"), ElementLabel(27, 6.3, "Co"), ElementLabel(26, 6.4, "Fe")]
    assert [text for text, _ in merged(mixed, {6.2: 100, 6.4: 100})] == ["Fe", "Co", "Fe"]


def test_the_figure_for_print_is_the_same_bytes_and_names_no_software_or_time(layout):
    spectrum = layout.spectrum(3, labels=14)
    pdf = draw_pdf([spectrum])
    assert pdf.startswith(b"%PDF-")
    assert pdf == draw_pdf([spectrum])
    for word in (b"Date", b"Producer", b"Creator"):
        assert word not in pdf


def test_labels_stand_at_the_same_place_whatever_the_resolution(layout):
    figure, placement = compose([layout.spectrum(3, labels=6)])
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=style.DPI / 2)
    picture = Image.open(target).convert("RGB")
    box = tuple(int(style.LABEL_BOX[start : start + 2], 16) for start in (1, 3, 5))
    for placed in placement.placed:
        left, bottom, _, top = placed.box
        x, y = (left + 3) / 2, picture.height - (bottom + top) / 4
        assert max(abs(a - b) for a, b in zip(picture.getpixel((round(x), round(y))), box, strict=True)) < 40
