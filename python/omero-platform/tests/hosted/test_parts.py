"""Secrets, certificates, OMERO.server's folder, and OMERO.web's settings, without their servers."""

from __future__ import annotations

import contextlib
import json
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import pkcs12

from omero_platform.errors import PlatformError
from omero_platform.hosted import certificates, health, maintenance, secret_files, server, web
from omero_platform.hosted.environment import required, secret, with_secrets
from omero_platform.hosted.server_tree import CONFIG, lay_out
from omero_platform.instance import source_root
from omero_platform.services.omeroweb_settings import THIRD_PARTY_APPS
from omero_platform.stack import load_stack

if TYPE_CHECKING:
    from pathlib import Path


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    environ = {
        "SECRET_ROOT": str(tmp_path / "s/root"),
        "SECRET_PLUGIN_KEYS": str(tmp_path / "s/keys"),
        "HOME": "/",
    }
    secret_files.run(environ, [])
    first = (tmp_path / "s/root").read_text()
    secret_files.run(environ, [])
    assert (tmp_path / "s/root").read_text() == first
    assert len(first.strip()) >= 24
    assert stat.S_IMODE((tmp_path / "s/root").stat().st_mode) == 0o600
    Fernet((tmp_path / "s/keys").read_text().strip())


def test_every_missing_variable_is_named_and_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="missing: A, C"):
        required({"B": "1"}, "A", "B", "C")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(PlatformError, match="is empty"):
        secret({"X_FILE": str(tmp_path / "empty")}, "X")
    with pytest.raises(PlatformError, match="cannot be read"):
        secret({"X_FILE": str(tmp_path / "none")}, "X")


def test_a_program_gets_secrets_by_value_and_other_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "redis").write_text("s3cret\n")
    told = with_secrets({"REDIS_PASSWORD_FILE": str(tmp_path / "redis"), "CONFIG_FILE": "/etc/x"})
    assert told == {"REDIS_PASSWORD": "s3cret", "CONFIG_FILE": "/etc/x"}


def test_the_certificate_names_the_server_and_stays_until_a_name_is_missing(tmp_path: Path) -> None:
    settings = certificates.ensure(tmp_path, ["omeroserver", "localhost"])
    first = (tmp_path / "server.pem").read_bytes()
    known = x509.load_pem_x509_certificate(first).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert known.value.get_values_for_type(x509.DNSName) == ["omeroserver", "localhost"]
    assert settings["omero.glacier2.IceSSL.DefaultDir"] == str(tmp_path)
    password = settings["omero.glacier2.IceSSL.Password"].encode()
    assert pkcs12.load_key_and_certificates((tmp_path / "server.p12").read_bytes(), password)[0] is not None
    certificates.ensure(tmp_path, ["localhost"])
    assert (tmp_path / "server.pem").read_bytes() == first
    certificates.ensure(tmp_path, ["omeroserver", "omero.example.org"])
    assert (tmp_path / "server.pem").read_bytes() != first
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def distribution(folder: Path, text: str) -> Path:
    """A read-only tree like the one in the store."""
    (folder / "lib/server").mkdir(parents=True)
    (folder / "lib/server/omero.jar").write_text(text)
    (folder / "etc/grid").mkdir(parents=True)
    (folder / "etc/grid/templates.xml").write_text(text)
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def test_omero_writes_into_a_folder_of_its_own_and_keeps_its_state_over_an_upgrade(tmp_path: Path) -> None:
    old, new = distribution(tmp_path / "5.6.17", "old"), distribution(tmp_path / "5.6.18", "new")
    folder = tmp_path / "server"
    assert lay_out(old, folder)
    (folder / CONFIG).write_text("<icegrid/>")
    (folder / "var/log.txt").write_text("kept")
    (folder / "etc/grid/templates.xml").write_text("OMERO changed this")
    assert not lay_out(old, folder)
    assert lay_out(new, folder)
    assert (folder / "lib/server/omero.jar").read_text() == "new"
    assert (folder / "etc/grid/templates.xml").read_text() == "new"
    assert (folder / CONFIG).read_text() == "<icegrid/>"
    assert (folder / "var/log.txt").read_text() == "kept"


def with_scripts(folder: Path, *names: str) -> Path:
    """A folder of scripts by kind, each with its own name as text."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def scripts_in(server_folder: Path) -> set[str]:
    """The official scripts that a server with this folder offers."""
    root = server_folder / "lib/scripts"
    return {str(path.relative_to(root)) for path in root.rglob("*.py")}


def test_official_scripts_are_the_distributions_and_the_platforms_and_people_can_add_theirs(
    tmp_path: Path,
) -> None:
    with_scripts(tmp_path / "5.6.17/lib/scripts/omero", "util_scripts/Gone.py", "util_scripts/Stays.py")
    with_scripts(tmp_path / "5.6.18/lib/scripts/omero", "util_scripts/Stays.py")
    old, new = distribution(tmp_path / "5.6.17", "old"), distribution(tmp_path / "5.6.18", "new")
    extra = with_scripts(tmp_path / "extra", "export_scripts/IMS_Export.py")
    folder = tmp_path / "server"
    lay_out(old, folder, [extra])
    assert scripts_in(folder) == {
        "omero/util_scripts/Gone.py",
        "omero/util_scripts/Stays.py",
        "omero/export_scripts/IMS_Export.py",
    }
    with_scripts(folder / "lib/scripts", "facility/Count.py")
    assert not lay_out(old, folder, [extra])
    assert lay_out(new, folder, [])
    assert scripts_in(folder) == {"omero/util_scripts/Stays.py", "facility/Count.py"}
    assert (folder / "lib/server/omero.jar").read_text() == "new"


def test_an_interrupted_upgrade_loses_no_script_that_people_uploaded(tmp_path: Path) -> None:
    old, new = distribution(tmp_path / "5.6.17", "old"), distribution(tmp_path / "5.6.18", "new")
    folder = tmp_path / "server"
    lay_out(old, folder)
    with_scripts(folder / "lib/scripts", "facility/Count.py")
    (folder / "lib").rename(folder / ".lib-old")
    (folder / ".lib-new").mkdir()
    assert lay_out(new, folder)
    assert scripts_in(folder) == {"facility/Count.py"}
    assert {path.name for path in folder.iterdir() if path.name.startswith(".")} == set()


@pytest.mark.parametrize("moves", [0, 1])
@pytest.mark.parametrize("interrupted_before", [False, True])
def test_wherever_an_upgrade_stops_uploaded_scripts_are_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int, interrupted_before: bool
) -> None:
    old, new = distribution(tmp_path / "5.6.17", "old"), distribution(tmp_path / "5.6.18", "new")
    folder = tmp_path / "server"
    lay_out(old, folder)
    with_scripts(folder / "lib/scripts", "facility/Count.py")
    if interrupted_before:
        (folder / "lib").rename(folder / ".lib-old")
    left = [True] * moves
    move = type(folder).rename

    def move_or_stop(path: Path, target: Path) -> Path:
        if not left:
            raise InterruptedError
        left.pop()
        return move(path, target)

    with monkeypatch.context() as patched, contextlib.suppress(InterruptedError):
        patched.setattr(type(folder), "rename", move_or_stop)
        lay_out(new, folder)
    lay_out(new, folder)
    assert scripts_in(folder) == {"facility/Count.py"}


def test_what_is_no_distribution_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"no distribution of OMERO\.server"):
        lay_out(tmp_path, tmp_path / "server")


def web_environment(tmp_path: Path) -> dict[str, str]:
    return {
        "OMERODIR": str(tmp_path / "web"),
        "OMEROHOST": "10.0.0.10",
        "OMERO_PORT": "4064",
        "REDIS_PASSWORD": "p@ss/word",
        "DJANGO_SECRET_KEY": "signing",
        **dict.fromkeys(web.REDIS_URLS, "redis://10.0.0.10:6379/1"),
    }


def test_omero_web_is_told_where_the_api_is_and_what_the_site_wants(tmp_path: Path) -> None:
    site = tmp_path / "site.json"
    site.write_text(json.dumps({"omero.web.login_logo": "logo.png"}))
    told = web.prepared(
        {
            **web_environment(tmp_path),
            "OMERO_WEB_SETTINGS": str(site),
            "OMERO_WEB_SECURE_COOKIES": "true",
            "OMERO_WEB_DISABLED_APPS": THIRD_PARTY_APPS[0].name,
        }
    )
    found = web.settings(told)
    assert found["omero.web.server_list"] == [["10.0.0.10", 4064, "omero"]]
    assert found["omero.web.caches"]["default"]["LOCATION"] == "redis://:p%40ss%2Fword@10.0.0.10:6379/1"
    assert found["omero.web.session_cookie_secure"] is True
    assert found["omero.web.login_logo"] == "logo.png"
    assert THIRD_PARTY_APPS[0].name not in found["omero.web.apps"]


def test_the_folder_of_omero_web_is_written_for_its_owner_only(tmp_path: Path) -> None:
    told = web.prepared(web_environment(tmp_path))
    web.prepare_folder(told)
    config = tmp_path / "web/etc/grid/config.xml"
    assert "p%40ss%2Fword" in config.read_text()
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert (tmp_path / "web/var/django_secret_key").read_text() == "signing\n"


def test_settings_of_the_server_come_from_variables_too(tmp_path: Path) -> None:
    found = server.site_settings(
        {
            "CONFIG_omero_db_poolsize": "100",
            "CONFIG_omero_sessions_max__user__time__to__live": "1",
            "PATH": "/",
        }
    )
    assert found == {"omero.db.poolsize": "100", "omero.sessions.max_user_time_to_live": "1"}


def test_the_upkeep_that_is_due_is_tried_and_its_failure_noted(tmp_path: Path) -> None:
    stack = load_stack(source_root() / "stack.toml")
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    told = {"OMERO_CARE_METRICS_DIR": str(tmp_path)}
    assert maintenance.tick(stack, told, saturday.timestamp()) == []
    assert maintenance.tick(stack, told, (saturday + timedelta(days=1)).timestamp()) == ["vacuum_analyze"]
    health.run(told, ["maintenance"])
    with pytest.raises(PlatformError, match="does not wake up"):
        health.run({"OMERO_CARE_METRICS_DIR": str(tmp_path / "none")}, ["maintenance"])
