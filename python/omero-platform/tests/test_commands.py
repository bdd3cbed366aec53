"""The command line: what it says, and with which exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omero_platform.cli import main
from omero_platform.commands.logs import last_lines, lines_since
from omero_platform.commands.status import duration
from omero_platform.secret_files import secret, secret_file
from omero_platform.stack import load_stack
from omero_platform.tables import fill

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert "up" in shown
    assert "keep" not in shown


@pytest.mark.parametrize("command", ["down", "status", "logs", "demo"])
def test_without_a_stack_commands_say_what_to_do(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--data", str(folder / "none")]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert f"There is no stack in {folder / 'none'} yet." in shown
    assert "./omero-platform up" in shown


def test_up_refuses_a_foreign_folder_and_leaves_it_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "thesis.doc").write_text("")
    assert main(["up", "--data", str(folder)]) == 1
    assert "was not made by the platform" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["thesis.doc"]


def test_doctor_looks_at_the_machine_without_a_stack(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["doctor", "--data", str(instance.data), "--port-offset", str(instance.port_offset)]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "PostgreSQL" in shown
    assert "0 problems" in shown
    assert not instance.data.exists()


def test_versions_names_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["versions"]) == 0
    shown = capsys.readouterr().out
    assert "omero-py" in shown
    assert "zeroc-ice" in shown


def test_secrets_are_made_once(prepared: Instance) -> None:
    first = secret(prepared, "demo")
    assert len(first) == 20
    assert secret(prepared, "demo") == first
    assert secret(prepared, "other") != first
    assert secret_file(prepared, "demo").stat().st_mode & 0o777 == 0o600


def test_the_last_lines_and_then_only_new_ones_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    lines, end = last_lines(log, 2)
    assert lines == ["line 998", "line 999"]
    with log.open("a") as file:
        file.write("new\nhalf a l")
    lines, end = lines_since(log, end)
    assert lines == ["new"]
    with log.open("a") as file:
        file.write("ine\n")
    assert lines_since(log, end)[0] == ["half a line"]


def test_a_rotated_log_is_read_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n" * 100)
    _, end = last_lines(log, 1)
    log.write_text("fresh\n")
    assert lines_since(log, end)[0] == ["fresh"]


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "log", 10) == ([], 0)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7300, "2 h"), (200000, "2 d")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_tables_are_written_between_their_marks() -> None:
    stack = load_stack(ROOT / "stack.toml")
    page = "# Ports\n<!-- table: services, written by `omero-platform table` -->\nold\n<!-- end of table -->\nmore\n"
    filled = fill(page, stack)
    assert "old" not in filled
    assert "| OMERO.web | `omeroweb` | 4090 (http, public) |" in filled
    assert filled.endswith("<!-- end of table -->\nmore\n")
    assert fill(filled, stack) == filled
