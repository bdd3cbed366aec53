"""The page of options belongs to the module as it is: made from these files, and naming each option they declare."""

from __future__ import annotations

import hashlib
import re

from omero_platform.compose.env_files import KNOWN_ON_NIXOS

from .conftest import ROOT

PAGE = ROOT / "docs/nixos-options.md"


def test_the_page_was_made_from_the_module_as_it_is() -> None:
    paths = sorted((ROOT / "modules").rglob("*.nix"), key=str)
    digests = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    fingerprint = hashlib.sha256(digests.encode()).hexdigest()
    assert f"sources: {fingerprint} " in PAGE.read_text(), (
        "nix build .#options-doc && cp result docs/nixos-options.md"
    )


def test_every_option_has_type_default_example_and_description() -> None:
    entries = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    for entry in entries:
        name, _, body = entry.partition("\n\n")
        description = body.partition("\n\n- type: ")[0]
        assert description.strip(), name
        for field in ("- type: ", "- default:", "- example:"):
            assert field in body, f"{name} has no {field}"


def test_every_name_that_a_file_of_the_module_declares_is_on_the_page() -> None:
    page = PAGE.read_text()
    for path in (ROOT / "modules").rglob("*.nix"):
        for name in re.findall(
            r"^\s+([a-zA-Z.]+) = (?:mkOption|lib\.mkPackageOption|mkEnableOption)\b",
            path.read_text(),
            re.MULTILINE,
        ):
            assert f".{name}\n" in page or name in {"environment", "secrets"}, f"{path.name} declares {name}"


def test_the_page_about_plugins_leaves_out_what_the_module_fills_in() -> None:
    text = (ROOT / "modules/plugins.nix").read_text()
    filled = {name for part in ("addresses", "oneHost") for name in names_in(text, part)}
    assert "OMEROHOST" in filled
    assert filled | {"OMERO_WEB_UPLOAD_DIR"} == KNOWN_ON_NIXOS


def names_in(text: str, attribute: str) -> list[str]:
    """Names of an attribute set that stands by itself in a `let`."""
    block = re.search(rf"^  {attribute} = \{{\n(.*?)^  \}};", text, re.MULTILINE | re.DOTALL)
    assert block, attribute
    return re.findall(r"^    ([A-Z_]+) = ", block[1], re.MULTILINE)
