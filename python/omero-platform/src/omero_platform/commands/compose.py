"""`compose`: write the compose file with its env files, or what the NixOS module is told of the plugins."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.compose.env_files import nix_settings, settings_page
from omero_platform.compose.parts import SECRETS
from omero_platform.compose.render import COMPOSE_FILE, files
from omero_platform.hosted.secret_files import make
from omero_platform.instance import source_root, write_atomically
from omero_platform.stack import load_stack
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

HELP = "Write the stack as a compose file, with env files and secrets beside it."
NEEDS_STACK = False
SETTINGS = Path("modules/settings.json")
SETTINGS_PAGE = Path("docs/nixos-plugin-settings.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `compose`."""
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to write; without it, to the screen"
    )
    parser.add_argument(
        "--no-secrets", action="store_true", help="make no secrets (a folder for others to fill)"
    )
    parser.add_argument(
        "--nix-settings",
        action="store_true",
        help=f"write {SETTINGS}, which the NixOS module reads, and the page about it",
    )


def run(options: argparse.Namespace) -> int:
    """Write everything; env files and secrets that are there stay as they are."""
    root = source_root()
    if options.nix_settings:
        write_atomically(root / SETTINGS, settings_text())
        write_atomically(root / SETTINGS_PAGE, settings_page(nix_settings()))
        return 0
    texts = files(load_stack(root / "stack.toml"), root)
    if options.output is None:
        sys.stdout.write(texts[COMPOSE_FILE])
        return 0
    for name, text in texts.items():
        path = options.output / name
        if path.suffix == ".env" and path.exists():
            continue  # people edit these
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    written = [COMPOSE_FILE, "installation_paths.env", "env/", "monitoring/"]
    if not options.no_secrets:
        written.append("secrets/")
        for name in SECRETS:
            make(f"SECRET_{name.upper().replace('-', '_')}", (options.output / "secrets" / name).absolute())
    console.print(f"Written to {options.output}: {', '.join(written)}.")
    return 0


def settings_text() -> str:
    """The text of modules/settings.json."""
    return json.dumps(nix_settings(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
