"""The unprivileged account that everything runs as when root starts the platform."""

from __future__ import annotations

import compileall
import os
import pwd
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

from omero_platform.errors import PlatformError
from omero_platform.instance import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

ACCOUNT = "omero-platform"


def is_root() -> bool:
    """Whether this process may do anything."""
    return os.geteuid() == 0


def ensure_account() -> pwd.struct_passwd:
    """Find the account, or make it: no password, no shell, no home folder."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
               "--shell", "/usr/sbin/nologin", ACCOUNT]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise PlatformError(
            f"The account {ACCOUNT} is missing, and there is no useradd to make it."
        ) from error
    except subprocess.CalledProcessError as error:
        raise PlatformError(f"The account {ACCOUNT} could not be made: {error.stderr.strip()}") from error
    return pwd.getpwnam(ACCOUNT)


def stack_owner(instance: Instance) -> pwd.struct_passwd:
    """The account that a stack runs as: who made it, or the platform's own account."""
    try:
        owner = (instance.data / MARKER).stat().st_uid
    except FileNotFoundError:
        owner = 0
    return pwd.getpwuid(owner) if owner else ensure_account()


def hand_over_folder(folder: Path, account: pwd.struct_passwd) -> None:
    """Make the data folder the account's own, with whatever it is below; nobody else can look inside."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.stat().st_uid != account.pw_uid:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o750)
    unreachable = next((parent for parent in folder.parents if not may_enter(parent, account)), None)
    if unreachable:
        raise PlatformError(
            f"The account {account.pw_name}, which the stack runs as, cannot enter {unreachable}, so it cannot use {folder}.",
            "Choose a folder it can reach with --data, for example below /var/lib or /srv.",
        )


def may_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether the permission bits let the account pass through a folder."""
    state = folder.stat()
    if state.st_uid == account.pw_uid:
        return bool(state.st_mode & 0o100)
    return bool(state.st_mode & (0o010 if state.st_gid == account.pw_gid else 0o001))


def can_read_checkout(instance: Instance, account: pwd.struct_passwd) -> bool:
    """Whether the account can run the platform's code where it is."""
    folders = (instance.root, *instance.root.parents, *instance.root.glob("python/*/src"))
    return all(may_enter(folder, account) for folder in folders)


def readable_root(instance: Instance, account: pwd.struct_passwd, *, refresh: bool) -> Path:
    """Where the account finds the platform's code: the checkout, or a copy when it cannot read that."""
    if can_read_checkout(instance, account):
        compile_sources(instance.root)
        return instance.root
    copy = instance.data / "app"
    if copy.exists() and not refresh:
        return copy
    draft = instance.data / "app.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    shutil.copy(instance.root / "stack.toml", draft)
    shutil.copytree(instance.root / "monitoring", draft / "monitoring")
    for source in instance.root.glob("python/*/src"):
        shutil.copytree(
            source, draft / source.relative_to(instance.root), ignore=shutil.ignore_patterns("__pycache__")
        )
    subprocess.run(["chmod", "-R", "go+rX", str(draft)], check=True)  # noqa: S603, S607
    compile_sources(draft)
    shutil.rmtree(copy, ignore_errors=True)
    draft.rename(copy)
    return copy


def compile_sources(root: Path) -> None:
    """Compile the platform's modules once, as the account may not write next to them."""
    for source in root.glob("python/*/src"):
        compileall.compile_dir(source, quiet=2, workers=1)


def continue_as_account(
    instance: Instance, account: pwd.struct_passwd, words: list[str], *, refresh: bool
) -> NoReturn:
    """Replace this process by the same command, run by the account from a root it can read."""
    root = readable_root(instance, account, refresh=refresh)
    environment = {
        **os.environ,
        "OMERO_PLATFORM_ROOT": str(root),
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in sorted(root.glob("python/*/src"))),
        "HOME": str(instance.home),
        "USER": account.pw_name,
        "LOGNAME": account.pw_name,
    }
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise PlatformError("setpriv is not installed.", "Install the package util-linux.")
    command = [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--init-groups",
        "--no-new-privs",
        "--",
    ]
    command += [sys.executable, "-P", "-m", "omero_platform", *words, f"--data={instance.data}"]
    os.chdir("/")
    os.execve(setpriv, command, environment)  # noqa: S606
