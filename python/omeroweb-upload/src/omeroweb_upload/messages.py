"""Texts of the upload page; functions, so that the page can hand them to its script by name."""

from __future__ import annotations


def files_chosen(count: str, size: str) -> str:
    return f"{count} files, {size}"


def reading_folders(count: str) -> str:
    return f"Looking through folders: {count} files so far…"


def chosen_files() -> str:
    return "Chosen files"


def column_file() -> str:
    return "File"


def column_size() -> str:
    return "Size"


def column_kind() -> str:
    return "Kind"


def column_files() -> str:
    return "Files"


def column_images() -> str:
    return "Images"


def column_planes() -> str:
    return "Planes"


def column_dataset() -> str:
    return "Dataset"


def column_state() -> str:
    return "State"


def column_reason() -> str:
    return "Why"


def file_sets() -> str:
    return "File sets"


def skipped_files() -> str:
    return "Skipped files"


def announcing() -> str:
    return "Preparing the upload…"


def transferring(done: str, total: str) -> str:
    return f"{done} of {total} sent"


def rate_and_time(rate: str, time: str) -> str:
    return f"{rate}/s, about {time} left"


def rate_only(rate: str) -> str:
    return f"{rate}/s"


def files_left(count: str) -> str:
    return f"{count} files to go"


def paused() -> str:
    return "Paused"


def pause() -> str:
    return "Pause"


def resume() -> str:
    return "Resume"


def retrying(reason: str, seconds: str) -> str:
    return f"{reason} Trying again in {seconds} s."


def file_unreadable(name: str) -> str:
    return f"{name} can't be read any more. Was it moved or changed? Choose it again."


def choose_again() -> str:
    return "To continue, choose the same files or folder again: what has arrived is not sent twice."


def checking_files() -> str:
    return "All files have arrived. Looking at what belongs together…"


def importing_sets(done: str, total: str) -> str:
    return f"Importing: {done} of {total} file sets. You may close this page."


def import_done(count: str) -> str:
    return f"Done: {count} images are in OMERO."


def import_done_one() -> str:
    return "Done: 1 image is in OMERO."


def import_failed(failed: str, count: str) -> str:
    return f"File sets that failed: {failed}. Images in OMERO: {count}."


def upload_cancelled() -> str:
    return "Cancelled. What was imported before stays in OMERO."


def question_title() -> str:
    return "Please decide"


def question_incompatible(count: str) -> str:
    return f"{count} file sets can't be imported and would be left out:"


def question_duplicates(count: str) -> str:
    return f"{count} file sets are in OMERO already, with the same checksums."


def import_all() -> str:
    return "Import, duplicates too"


def import_rest() -> str:
    return "Import the others"


def skip_duplicates() -> str:
    return "Leave out duplicates"


def retry_failed() -> str:
    return "Try failed ones again"


def cancel_title() -> str:
    return "Cancel this upload?"


def cancel_body() -> str:
    return "What has arrived is removed. Images that are in OMERO already stay."


def cancel_action() -> str:
    return "Cancel the upload"


def cancel_refusal() -> str:
    return "Go on with it"


def open_image(name: str) -> str:
    return f"Open {name}"


def more_images(count: str) -> str:
    return f"and {count} more"


def no_uploads() -> str:
    return "You have not uploaded anything yet."


def none_chosen() -> str:
    return "none: datasets stand alone"


def new_name() -> str:
    return "Name"


def created(name: str) -> str:
    return f"{name} was made."


def settings_saved() -> str:
    return "Saved."


def nothing_to_send() -> str:
    return "Nothing of this is to be uploaded: all files are skipped."


def remove_staged() -> str:
    return "Remove files from the server"


def removed_staged() -> str:
    return "The files are removed from the server."


def started_at(time: str) -> str:
    return f"started {time}"


def one_file() -> str:
    return "One file"


def from_share(name: str) -> str:
    return f"From {name}…"


def import_in_place() -> str:
    return "Import where they are"


def in_place_hint() -> str:
    return "The files stay on the share and must not be moved or deleted afterwards."


ALL = (
    one_file, from_share, import_in_place, in_place_hint,
    files_chosen, reading_folders, chosen_files, column_file, column_size, column_kind, column_files, column_images,
    column_planes, column_dataset, column_state, column_reason, file_sets, skipped_files, announcing, transferring,
    rate_and_time, rate_only, files_left, paused, pause, resume, retrying, file_unreadable, choose_again,
    checking_files, importing_sets, import_done, import_done_one, import_failed, upload_cancelled, question_title,
    question_incompatible, question_duplicates, import_all, import_rest, skip_duplicates, retry_failed, cancel_title,
    cancel_body, cancel_action, cancel_refusal, open_image, more_images, no_uploads, none_chosen, new_name, created, settings_saved,
    nothing_to_send, remove_staged, removed_staged, started_at,
)  # fmt: skip
