"""One schema: validation, docs, env template, NixOS data."""

from __future__ import annotations

from pathlib import Path

import pytest

from omero_plugin_common.config import ALL_SCHEMAS
from omero_plugin_common.settings_schema.load import ConfigurationError, load
from omero_plugin_common.settings_schema.render import docs_table, env_template, nixos_options
from omero_plugin_common.settings_schema.schema import describe, setting, settings_schema


@settings_schema(title="Upload", env_file="env/omeroweb.env", docs_url="https://docs.example/upload")
class Upload:
    """A schema with every type."""

    folder: Path = setting("UP_DIR", "Where files wait.", example="/srv/up")
    files: int = setting("UP_FILES", "Files at once.", default=3, minimum=1, maximum=10)
    ratio: float = setting("UP_RATIO", "Share of the disk.", default=0.5)
    strict: bool = setting("UP_STRICT", "Refuse unknown files.", default=True)
    mode: str = setting("UP_MODE", "How to import.", default="copy", choices=("copy", "link"))
    kinds: tuple[str, ...] = setting("UP_KINDS", "File kinds.", default=("tif", "emd"))
    note: str | None = setting("UP_NOTE", "Shown on the page.", default=None)
    key: str = setting("UP_KEY", "Signs tickets.", secret=True, env_file="env/omero_secrets.env")


GOOD = {"UP_DIR": "/srv/up", "UP_KEY": "k"}


def test_defaults_and_values_are_typed():
    read = load(Upload, {**GOOD, "UP_FILES": "7", "UP_STRICT": "off", "UP_KINDS": "a, b"})
    assert (read.files, read.strict, read.kinds, read.folder, read.note) == (
        7,
        False,
        ("a", "b"),
        Path("/srv/up"),
        None,
    )
    assert "k" not in repr(read).replace("kinds", "")


def test_every_problem_is_told_at_once_with_its_own_file():
    with pytest.raises(ConfigurationError) as caught:
        load(Upload, {"UP_DIR": "relative", "UP_FILES": "0", "UP_MODE": "move"})
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    assert "UP_DIR is 'relative', but an absolute path" in text
    assert "UP_FILES is '0', but a whole number from 1 to 10" in text
    assert "one of copy, link" in text
    assert "UP_KEY is not set. Set it in env/omero_secrets.env" in text
    assert "https://docs.example/upload" in text


def test_an_env_file_made_from_the_template_is_accepted():
    template = env_template(Upload).replace("# UP_", "UP_").replace("UP_KEY_FILE=", "UP_KEY=k")
    pairs = dict(
        line.split("=", 1) for line in template.splitlines() if "=" in line and not line.startswith("#")
    )
    read = load(Upload, pairs)
    assert (read.files, read.mode, read.kinds) == (3, "copy", ("tif", "emd"))


def test_the_docs_table_has_a_line_per_variable():
    table = docs_table(Upload)
    assert "| `UP_FILES` | whole number | `3` | 1 to 10 | `env/omeroweb.env` | Files at once. |" in table
    assert "| `UP_DIR` | path | required |" in table
    assert len(table.splitlines()) == 2 + len(describe(Upload))


def test_nix_gets_types_bounds_and_secrets_as_files():
    options = nixos_options(Upload)
    assert options["UP_FILES"] == {
        "type": "int",
        "description": "Files at once.",
        "envFile": "env/omeroweb.env",
        "component": "Upload",
        "default": 3,
        "minimum": 1,
        "maximum": 10,
    }
    assert options["UP_KEY_FILE"]["type"] == "path"
    assert "default" not in options["UP_KEY_FILE"]
    assert options["UP_NOTE"]["type"] == "nullOr str"
    assert options["UP_KINDS"]["default"] == ["tif", "emd"]


def test_a_schema_with_an_unusable_type_is_refused_when_it_is_written():
    with pytest.raises(TypeError, match="can't be read from a variable"):

        @settings_schema(title="Bad", env_file="x")
        class Bad:
            """Not usable."""

            table: dict[str, str] = setting("BAD", "No.", default=None)


@pytest.mark.parametrize("schema", ALL_SCHEMAS)
def test_the_librarys_own_settings_have_working_defaults_and_documentation(schema):
    assert docs_table(schema)
    values = {item.setting.variable: "x" for item in describe(schema) if item.required}
    assert load(schema, values)
