"""Texts of the pages for spectra and attachments."""

from __future__ import annotations


def loading() -> str:
    return "Loading…"


def nothing_to_place() -> str:
    return "Nothing to attach was found here."


def no_images() -> str:
    return "There are no images here yet."


def not_placed() -> str:
    return "Not attached to any image"


def choose_image(name: str) -> str:
    return f"Image for {name}"


def no_image() -> str:
    return "no image"


def files_placed(placed: str, total: str) -> str:
    return f"{placed} of {total} files have an image."


def chosen_by_hand() -> str:
    return "chosen by hand"


def left_out(count: str) -> str:
    return f"{count} more are not shown."


def remove_from_image(name: str) -> str:
    return f"Remove {name} from this image"


def bytes_of_file(size: str) -> str:
    return f"{size} kB"


def will_be_made(make: str, existing: str) -> str:
    return f"{make} will be made, {existing} are there already."


def preview_of_links() -> str:
    return "What will be attached"


def column_image() -> str:
    return "Image"


def column_file() -> str:
    return "File"


def column_make() -> str:
    return "Will be made"


def column_existing() -> str:
    return "There already"


def column_problem() -> str:
    return "Problem"


def output_original() -> str:
    return "file"


def output_table() -> str:
    return "table"


def output_figure() -> str:
    return "figure"


def output_figure_pdf() -> str:
    return "figure (PDF)"


def output_figure_image() -> str:
    return "figure as image"


def output_metadata() -> str:
    return "key-value pairs"


def nothing_new() -> str:
    return "Everything is there already."


def attaching() -> str:
    return "Attaching"


def attached(count: str) -> str:
    return f"{count} outputs attached."


def attached_with_failures(count: str, failures: str) -> str:
    return f"{count} outputs attached, {failures} failed:"


def undo_question() -> str:
    return "Take away what was attached?"


def undo_explained() -> str:
    return (
        "Files, tables, figures and key-value pairs that this run made are deleted from OMERO, figures imported as "
        "images included. What was there before stays."
    )


def undo_action() -> str:
    return "Take away"


def undoing() -> str:
    return "Taking away"


def undone(count: str) -> str:
    return f"{count} outputs were taken away."


def settings_saved() -> str:
    return "Saved as your usual choice."


def settings_deleted() -> str:
    return "Your saved choice was deleted."


def show_spectrum() -> str:
    return "Show"


def show_images() -> str:
    return "Show in OMERO"


def files_gone(count: str) -> str:
    return f"{count} files are not there any more and are left out."


def candidate_peaks() -> str:
    return "Peaks"


def column_energy() -> str:
    return "Energy (keV)"


def column_counts() -> str:
    return "Height"


def column_label() -> str:
    return "Label"


def column_candidates() -> str:
    return "Candidates (score)"


def add_element(symbol: str) -> str:
    return f"Label {symbol}"


def remove_element(symbol: str) -> str:
    return f"Remove {symbol}"


def unknown_element(symbol: str) -> str:
    return f"{symbol} is no element with X-ray lines."


def no_elements() -> str:
    return "No elements are labelled."


def chart_described(name: str, points: str, low: str, high: str, labels: str) -> str:
    return (
        f"Spectrum {name}: {points} points from {low} to {high} keV, labelled {labels}. "
        "The peaks are listed in the table below."
    )


def cursor_at(energy: str, value: str) -> str:
    return f"{energy} keV: {value}"


def line_at(symbol: str, line: str, energy: str) -> str:
    return f"{symbol} {line}, {energy} keV"


def figure_attached() -> str:
    return "The figure is attached to the image."


def attaching_figure() -> str:
    return "Attaching the figure"


def no_spectra() -> str:
    return "No spectrum is attached to this image."


def relative_intensity() -> str:
    return "Relative intensity"


def attaching_spectra() -> str:
    return "Attaching spectra"


def spectra_attached(count: str) -> str:
    return f"{count} outputs of spectra attached to the images."


def spectra_without_image(count: str) -> str:
    return f"{count} spectra found no image."


def choose_their_images() -> str:
    return "Choose their images"


FOLLOW_UP_MESSAGES = (attaching_spectra, spectra_attached, spectra_without_image, choose_their_images)

WIZARD_MESSAGES = (
    loading,
    nothing_to_place,
    no_images,
    not_placed,
    choose_image,
    no_image,
    files_placed,
    chosen_by_hand,
    left_out,
    remove_from_image,
    bytes_of_file,
    will_be_made,
    preview_of_links,
    column_image,
    column_file,
    column_make,
    column_existing,
    column_problem,
    output_original,
    output_table,
    output_figure,
    output_figure_pdf,
    output_figure_image,
    output_metadata,
    nothing_new,
    attaching,
    attached,
    attached_with_failures,
    undo_question,
    undo_explained,
    undo_action,
    undoing,
    undone,
    settings_saved,
    settings_deleted,
    show_spectrum,
    show_images,
    files_gone,
)

SPECTRUM_MESSAGES = (
    loading,
    candidate_peaks,
    column_energy,
    column_counts,
    column_label,
    column_candidates,
    add_element,
    remove_element,
    unknown_element,
    no_elements,
    chart_described,
    cursor_at,
    line_at,
    figure_attached,
    attaching_figure,
    no_spectra,
    relative_intensity,
)
