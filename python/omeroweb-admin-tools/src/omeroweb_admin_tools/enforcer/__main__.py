"""`python -m omeroweb_admin_tools.enforcer --root … --socket … --user omero-web`, run by root."""

from __future__ import annotations

import argparse
import logging
import pwd
import sys
from pathlib import Path

from omeroweb_admin_tools.enforcer.server import QuotaServer, make_service


def main() -> int:
    """Serve until ended."""
    parser = argparse.ArgumentParser(
        description="Set group quotas on the file system for the OMERO admin tools."
    )
    parser.add_argument("--root", type=Path, required=True, help="folder with one sub-folder per group")
    parser.add_argument("--socket", type=Path, default=Path("/run/omero-quota/quota.sock"))
    parser.add_argument("--numbers", type=Path, default=Path("/var/lib/omero-quota/projects.json"))
    parser.add_argument("--user", default="omero-web", help="the account that may ask")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        account = pwd.getpwnam(options.user)
    except KeyError:
        sys.stderr.write(f"There is no account {options.user}; name the one OMERO.web runs as with --user.\n")
        return 2
    service = make_service(options.root, options.numbers, frozenset({account.pw_uid}))
    with QuotaServer(options.socket, service, account.pw_gid) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
