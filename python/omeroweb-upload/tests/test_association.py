import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_upload.association import SpectrumFile, associate, is_spectrum_name


def matched(spectra, images):
    """Spectrum -> (image, rule) of what was found."""
    files = [item if isinstance(item, SpectrumFile) else SpectrumFile(item) for item in spectra]
    return {match.spectrum: (match.image, match.rule) for match in associate(files, images).matches}


def test_the_only_image_of_a_folder_gets_all_its_spectra():
    found = matched(["x/1.txt", "x/2.txt"], ["x/whatever.tif", "y/other.tif"])
    assert found == dict.fromkeys(("x/1.txt", "x/2.txt"), ("x/whatever.tif", "the only image in the folder"))


@pytest.mark.parametrize(
    ("spectrum", "images", "image", "rule"),
    [
        ("grain.txt", ["grain.tif", "grain 2.tif"], "grain.tif", "same base name"),
        ("Grain_A.TXT", ["grain-a.tif", "b.tif"], "grain-a.tif", "same base name"),
        ("Site 3 Spectrum 7.txt", ["Site 3 Electron Image 1.tif", "Site 4 Electron Image 7.tif"],
         "Site 3 Electron Image 1.tif", "same name up to the kind of file"),
        ("Spectrum 2.txt", ["Electron Image 1.tif", "Electron Image 2.tif"], "Electron Image 2.tif", "same number"),
        ("pore.txt", ["large pore overview.tif", "grain.tif"], "large pore overview.tif", "one name is part of the other"),
    ],
)  # fmt: skip
def test_rules_are_tried_in_order(spectrum, images, image, rule):
    assert matched([spectrum], images) == {spectrum: (image, rule)}


def test_the_title_inside_the_file_counts_too():
    images = ["Site 3 Electron Image 1.tif", "Site 4 Electron Image 1.tif"]
    found = matched([SpectrumFile("export_0001.txt", title="Site 4 Spectrum 9")], images)
    assert found["export_0001.txt"][0] == "Site 4 Electron Image 1.tif"
    by_number = matched([SpectrumFile("export.txt", title="Spectrum 2")], ["img 1.tif", "img 2.tif"])
    assert by_number["export.txt"] == ("img 2.tif", "same number")


def test_a_rule_that_leads_to_two_images_does_not_count():
    result = associate([SpectrumFile("a.txt")], ["a.tif", "a.png", "b.tif"])
    assert result.matches == ()
    assert result.unmatched_spectra == ("a.txt",)
    assert result.images_without_spectra == ("a.png", "a.tif", "b.tif")


def test_folders_are_kept_apart():
    found = matched(["x/1.txt", "1.txt"], ["x/1.tif", "x/2.tif", "1.tif", "2.tif"])
    assert {spectrum: image for spectrum, (image, _) in found.items()} == {
        "x/1.txt": "x/1.tif",
        "1.txt": "1.tif",
    }


def test_a_spectrum_without_image_in_its_folder_is_left_to_the_user():
    assert associate([SpectrumFile("x/1.txt")], ["y/1.tif"]).unmatched_spectra == ("x/1.txt",)


def test_spectra_are_grouped_by_image():
    result = associate([SpectrumFile("b.txt"), SpectrumFile("a.txt")], ["i.tif"])
    assert result.by_image() == {"i.tif": ("a.txt", "b.txt")}


def test_spectra_are_known_by_extension():
    assert is_spectrum_name("x/Spectrum 1.TXT")
    assert is_spectrum_name("a.msa")
    assert not is_spectrum_name("a.tif")


names = st.text(st.sampled_from("ab1 _-Ispectrumelectronimagesig"), min_size=1, max_size=25)


@settings(deadline=None)
@given(st.lists(names, unique=True, max_size=8), st.lists(names, unique=True, max_size=8), st.randoms())
def test_every_spectrum_is_matched_once_or_left_whatever_the_order(spectra, images, random):
    files = [SpectrumFile(f"{name}.txt") for name in spectra]
    pictures = [f"{name}.tif" for name in images]
    result = associate(files, pictures)
    assert sorted([match.spectrum for match in result.matches] + list(result.unmatched_spectra)) == sorted(
        file.path for file in files
    )
    random.shuffle(files)
    random.shuffle(pictures)
    assert associate(files, pictures) == result
