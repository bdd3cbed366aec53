"""After the OMERO API is up: the job-service account and the scripts, once or a hundred times alike."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from omero.gateway import BlitzGateway

from omero_embedded.testing import HOST, PASSWORD, Site
from omero_platform.errors import PlatformError
from omero_platform.hosted import setup
from omero_platform.hosted.scripts import Script, figure_script, register, scripts_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An embedded OMERO for this file, with the encrypted port that people use."""
    running = Site(tmp_path_factory.mktemp("omero"), ssl=True)
    yield running
    running.stop()


def environ(site: Site, root: str, job_service: str = "first") -> dict[str, str]:
    return {
        "OMEROHOST": HOST,
        "OMERO_PORT": str(site.server.ports()["ssl"]),
        "ROOTPASS": root,
        "OMERO_JOB_SERVICE_PASS": job_service,
        "REGISTER_FIGURE_SCRIPT": "0",
    }


@contextmanager
def logged_in(site: Site, user: str, password: str) -> Iterator[BlitzGateway]:
    """A session over the encrypted port."""
    gateway = BlitzGateway(user, password, host=HOST, port=site.server.ports()["ssl"], secure=True)
    assert gateway.connect(), gateway.getLastError()
    try:
        yield gateway
    finally:
        gateway.close()


def test_the_job_service_is_a_light_admin_who_may_only_sudo_and_gets_new_passwords(site: Site) -> None:
    setup.run(environ(site, PASSWORD), [])
    setup.run(environ(site, PASSWORD, job_service="second"), [])
    with logged_in(site, "job-service", "second") as gateway:
        admin = gateway.c.sf.getAdminService()
        assert [privilege.value.val for privilege in admin.getCurrentAdminPrivileges()] == ["Sudo"]


def test_a_wrong_root_password_is_not_tried_for_ever(site: Site) -> None:
    with pytest.raises(PlatformError, match="refuses root's password"):
        setup.run(environ(site, "wrong"), [])


def test_an_api_that_never_answers_is_given_up_with_its_address() -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        port = unused.getsockname()[1]
    with (
        pytest.raises(PlatformError, match=rf"127\.0\.0\.1:{port} does not answer"),
        setup.patient_session({}, HOST, port, "any", patience_seconds=0),
    ):
        pass


def test_the_password_that_made_the_tables_is_replaced_by_the_real_one(tmp_path: Path) -> None:
    fresh = Site(tmp_path / "omero", ssl=True)
    try:
        first = tmp_path / "server/var/first-password"
        first.parent.mkdir(parents=True)
        first.write_text(PASSWORD + "\n")
        setup.run({**environ(fresh, "the real one"), "OMERODIR": str(tmp_path / "server")}, [])
        assert not first.exists()
        with logged_in(fresh, "root", "the real one") as gateway:
            assert gateway.getUser().getName() == "root"
    finally:
        fresh.stop()


def test_scripts_are_uploaded_replaced_when_they_differ_and_else_left_alone(site: Site) -> None:
    script = Script(
        "/omero/export_scripts/Example_Export.py",
        "import omero.scripts\nomero.scripts.client('Example', 'Does nothing.')\n",
    )
    with logged_in(site, "root", PASSWORD) as root:
        service = root.c.sf.getScriptService()
        assert register(service, [script]) == {script.path: "uploaded"}
        assert register(service, [script]) == {}
        changed = Script(script.path, script.text + "# second edition\n")
        assert register(service, [changed]) == {script.path: "replaced"}
        assert service.getScriptText(service.getScriptID(script.path)) == changed.text


def test_the_figure_script_is_the_one_of_the_installed_figure() -> None:
    script = figure_script()
    assert script.path == "/omero/figure_scripts/Figure_To_Pdf.py"
    assert "scripts.client" in script.text


def test_a_folder_of_scripts_is_read_by_kind(tmp_path: Path) -> None:
    (tmp_path / "util_scripts").mkdir()
    (tmp_path / "util_scripts/A.py").write_text("a")
    (tmp_path / "util_scripts/__init__.py").write_text("")
    assert list(scripts_below(tmp_path)) == [Script("/omero/util_scripts/A.py", "a")]
