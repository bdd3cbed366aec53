"""Texts of the AI panel and the page of keys; functions, so that pages can hand them to their scripts by name."""

from __future__ import annotations


def ai_built_in() -> str:
    return "Built-in suggestion"


def ai_fits(matched: str, total: str) -> str:
    return f"{matched} of {total} names fit."


def ai_use() -> str:
    return "Use this"


def ai_used() -> str:
    return "The suggestion is in use. Check the table before you write anything."


def ai_choose_images() -> str:
    return "Choose images first."


def ai_cancel() -> str:
    return "Cancel"


def ai_whole_request() -> str:
    return "The whole request, to the letter"


def ai_data() -> str:
    return "What it says about your images:"


def ai_ask_title() -> str:
    return "Ask an AI provider"


def ai_ask_hint() -> str:
    return "Nothing leaves this server before you have seen it and pressed Send."


def ai_nobody() -> str:
    return "Your facility doesn't allow asking AI providers. The built-in suggestion always works."


def ai_manage_keys() -> str:
    return "AI keys"


def ai_provider() -> str:
    return "Provider"


def ai_without_key(title: str) -> str:
    return f"{title} (no key yet)"


def ai_model() -> str:
    return "Model"


def ai_loading_models() -> str:
    return "Loading models…"


def ai_hide_names() -> str:
    return "Replace words and numbers before sending"


def ai_hide_required() -> str:
    return "Your facility requires this for this provider."


def ai_show() -> str:
    return "Show what will be sent…"


def ai_review_title(title: str) -> str:
    return f"Send this to {title}?"


def ai_review_names(sent: str, total: str) -> str:
    return f"{sent} of {total} names are in it."


def ai_review_hidden() -> str:
    return "Words and numbers in the names are replaced; the answer is turned back here."


def ai_review_plain() -> str:
    return "The names are sent as they are."


def ai_review_on_site() -> str:
    return "This address is inside your facility; nothing leaves it."


def ai_review_to(address: str, model: str) -> str:
    return f"To {address}, model {model}:"


def ai_send(title: str) -> str:
    return f"Send to {title}"


def ai_waiting(title: str) -> str:
    return f"Waiting for {title}…"


def ai_answer_of(title: str) -> str:
    return f"Suggestion of {title}"


def ai_examples() -> str:
    return "First names with the values they give"


def ai_file_name() -> str:
    return "Name"


def ai_value(number: str) -> str:
    return f"Value {number}"


def ai_misfits(count: str) -> str:
    return f"{count} names don't fit"


def ai_key_stored() -> str:
    return "A key is stored."


def ai_key_missing() -> str:
    return "No key."


def ai_key_not_needed() -> str:
    return "Works without a key."


def ai_not_allowed() -> str:
    return "Your facility doesn't allow this provider any more."


def ai_key_for(title: str) -> str:
    return f"Key for {title}"


def ai_test() -> str:
    return "Test"


def ai_test_of(title: str) -> str:
    return f"Test the key for {title}"


def ai_save() -> str:
    return "Save"


def ai_save_of(title: str) -> str:
    return f"Save the key for {title}"


def ai_delete() -> str:
    return "Delete"


def ai_delete_of(title: str) -> str:
    return f"Delete the key for {title}"


def ai_delete_title(title: str) -> str:
    return f"Delete your key for {title}?"


def ai_delete_body() -> str:
    return "It is removed from this server. At the provider it stays valid until you withdraw it there."


def ai_deleted(title: str) -> str:
    return f"Your key for {title} is deleted."


def ai_testing() -> str:
    return "Asking the provider…"


MESSAGES = tuple(
    found for name, found in list(globals().items()) if name.startswith("ai_") and callable(found)
)
