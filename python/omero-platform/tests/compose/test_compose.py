"""The compose file: what stack.toml says, no secret in it, nothing open that need not be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from omero_platform.cli import main
from omero_platform.compose.env_files import env_files
from omero_platform.compose.parts import SECRETS
from omero_platform.compose.paths import HOST_PATHS, mount, paths_file
from omero_platform.compose.render import COMPOSE_FILE, files
from omero_platform.compose.topology import topology
from omero_platform.hosted.caretaker import pairs
from omero_platform.stack import load_stack

from ..conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

STACK = load_stack(ROOT / "stack.toml")
# They see the host or its sockets on purpose; why stands beside each in the compose package.
WRITES = {"database", "database_plugin", "omeroserver", "omeroweb", "worker", "cadvisor", "alloy", "grafana", "portainer",
          "redis-sysctl-init"}  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return files(STACK, ROOT)


@pytest.fixture(scope="module")
def compose(texts: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(texts[COMPOSE_FILE])
    return found


def test_every_service_of_the_stack_is_there(compose: dict[str, Any]) -> None:
    wanted = set(STACK.services) | {"pg-maintenance", "quota", "redis-sysctl-init"}
    assert set(compose["services"]) == wanted


def test_only_six_services_are_reachable_from_outside(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert len(published) == 6
    assert published == {
        name: [f"{port}:{port}" for port in ports] for name, ports in topology(STACK)["publicPorts"].items()
    }


def test_services_wait_until_those_they_need_are_well(compose: dict[str, Any]) -> None:
    for name, service in STACK.services.items():
        waits = compose["services"][name].get("depends_on", {})
        for need in service.needs:
            assert waits[need] == {"condition": "service_healthy"}
            assert "healthcheck" in compose["services"][need]


def test_no_container_gains_privileges_and_most_cannot_write_to_themselves(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("read_only", False) is (name not in WRITES), name


def test_the_caretaker_asks_every_other_service_by_its_name(compose: dict[str, Any]) -> None:
    told = compose["services"]["caretaker"]["environment"]
    others = set(STACK.services) - {"caretaker"}
    assert set(told["OMERO_CARETAKER_WATCHES"].split()) == others
    hosts = pairs(told, "OMERO_CARETAKER_HOSTS")
    assert set(hosts) == others
    assert hosts["database_plugin"] == "database-plugin"
    inside = {volume.rpartition("}:")[2] for volume in compose["services"]["caretaker"]["volumes"]}
    assert {f"{path}:ro" for path in pairs(told, "OMERO_CARETAKER_FOLDERS").values()} == inside
    assert told["OMERO_CARETAKER_LISTEN"].endswith(f":{STACK.services['caretaker'].ports['http']}")


def test_quotas_are_set_by_a_service_that_is_asked_over_a_socket_and_has_no_network(
    compose: dict[str, Any],
) -> None:
    quota, web = compose["services"]["quota"], compose["services"]["omeroweb"]
    assert quota["profiles"] == ["quota"]
    assert quota["network_mode"] == "none"
    assert quota["cap_drop"] == ["ALL"]
    socket = quota["command"][quota["command"].index("--socket") + 1]
    assert (
        socket
        == json.loads((ROOT / "modules/settings.json").read_text())["ADMIN_TOOLS_QUOTA_SOCKET"]["default"]
    )
    folder = socket.rpartition("/")[0]
    assert f"quota-socket:{folder}" in quota["volumes"]
    assert f"quota-socket:{folder}:ro" in web["volumes"]
    asked = {name for name, service in compose["services"].items() if "quota-socket" in str(service)}
    assert asked == {"omeroweb", "quota"}


def test_secrets_reach_only_services_that_read_them(compose: dict[str, Any], texts: dict[str, str]) -> None:
    assert set(compose["secrets"]) == set(SECRETS)
    for name, service in compose["services"].items():
        granted = set(service.get("secrets", []))
        read = set(re.findall(r"/run/secrets/([a-z-]+)", json.dumps(service)))
        assert granted == read, name
    assert not re.search(r"PASS(WORD)?['\"]?: (?!/run/secrets)", texts[COMPOSE_FILE])


def test_every_folder_of_the_host_is_one_of_the_fifteen(texts: dict[str, str]) -> None:
    assert len(HOST_PATHS) == 15
    named = set(re.findall(r"\$\{([A-Z_]+):\?", texts[COMPOSE_FILE]))
    assert named == {path.variable for path in HOST_PATHS} - {"OMERO_DATA_PATH"}
    with pytest.raises(ValueError, match="OMERO_OTHER_PATH is not a variable"):
        mount("OMERO_OTHER_PATH", "/x")


def test_host_paths_are_a_file_that_a_shell_understands(tmp_path: Path) -> None:
    (tmp_path / "paths.env").write_text(paths_file())
    command = f". {tmp_path}/paths.env && printf %s $OMERO_USER_DATA_PATH"
    said = subprocess.run(["sh", "-euc", command], capture_output=True, text=True, check=True).stdout
    assert said == "/opt/omero/omero_data/omero_user_data"


def test_versions_are_those_of_the_stack(compose: dict[str, Any]) -> None:
    for name, service in STACK.services.items():
        image = compose["services"].get(name, {}).get("image", "")
        if not image.startswith(("omero-platform/", "${OMERO_SERVER_IMAGE")) and image:
            assert re.search(rf":v?{re.escape(service.version)}(-alpine)?$", image), image


def test_files_that_are_mounted_are_written_too(compose: dict[str, Any], texts: dict[str, str]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0].removeprefix("./")
            if volume.startswith("./"):
                assert any(name == source or name.startswith(f"{source}/") for name in texts), source


def test_a_changed_port_moves_everything_that_names_it(texts: dict[str, str]) -> None:
    service = STACK.services["omeroweb"].model_copy(update={"ports": {"http": 4444}})
    changed = STACK.model_copy(update={"services": {**STACK.services, "omeroweb": service}})
    text = files(changed, ROOT)[COMPOSE_FILE]
    assert "4444:4444" in text
    assert "0.0.0.0:4444" in text
    assert "4090" not in text
    assert text != texts[COMPOSE_FILE]


def test_env_templates_name_every_setting_of_the_shared_library() -> None:
    written = env_files()
    assert {
        "env/omeroweb.env",
        "env/omeroserver.env",
        "env/omero-celery.env",
        "env/grafana.env",
        "env/omero_secrets.env",
    } <= set(written)
    assert "# OMERO_PLUGIN_RATE_ACTIONS=6" in written["env/omeroweb.env"]
    assert "OMERO_JOB_SERVICE_PASS_FILE=" in written["env/omero_secrets.env"]


def test_writing_keeps_what_people_edited_and_secrets_that_exist(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert main(["compose", "--output", str(folder)]) == 0
    (folder / "env/omeroweb.env").write_text("OMERO_PLUGIN_RATE_ACTIONS=9\n")
    secret = (folder / "secrets/root").read_text()
    (folder / COMPOSE_FILE).write_text("stale")
    assert main(["compose", "--output", str(folder)]) == 0
    assert (folder / "env/omeroweb.env").read_text() == "OMERO_PLUGIN_RATE_ACTIONS=9\n"
    assert (folder / "secrets/root").read_text() == secret
    assert (folder / "secrets/root").stat().st_mode & 0o077 == 0
    assert yaml.safe_load((folder / COMPOSE_FILE).read_text())["name"] == "omero-platform"


def test_without_a_folder_the_compose_file_goes_to_the_screen(
    capsys: pytest.CaptureFixture[str], texts: dict[str, str]
) -> None:
    assert main(["compose"]) == 0
    assert capsys.readouterr().out == texts[COMPOSE_FILE]


@pytest.mark.parametrize(
    ("file", "maker"),
    [
        ("modules/settings.json", "commands.compose import settings_text; print(settings_text(), end='')"),
        (
            "docs/nixos-plugin-settings.md",
            "compose.env_files import settings_page, nix_settings; print(settings_page(nix_settings()), end='')",
        ),
    ],
)
def test_what_the_nixos_module_reads_is_what_the_plugins_say(file: str, maker: str) -> None:
    """A process of its own: plugins that other tests loaded must not count."""
    said = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", f"from omero_platform.{maker}"],
        env={"PYTHONPATH": ":".join(str(path) for path in sorted(ROOT.glob("python/*/src")))},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (ROOT / file).read_text() == said, "run ./omero-platform compose --nix-settings"
