"""What several tests do: log in, send files, make images."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.emsa.write import write_emsa

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

BASE = "/omeroweb_upload"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def tiff_bytes(folder: Path, seed: int = 0, side: int = 32) -> bytes:
    """A small TIFF; every seed gives other pixels."""
    path = folder / f"made-{seed}-{side}.tif"
    random = np.random.default_rng(seed)
    tifffile.imwrite(path, random.integers(0, 4000, (side, side)).astype("uint16"))
    return path.read_bytes()


def spectrum_bytes(title: str) -> bytes:
    """An EMSA file with a labelled peak of iron."""
    x = np.round(0.01 * np.arange(1024), 5)
    y = np.round(20 + 900 * np.exp(-(((x - 6.404) / 0.06) ** 2)))
    labels = (ElementLabel(26, 6.404, "Fe"),)
    return write_emsa(Spectrum(x=x, y=y, x_unit="keV", y_unit="counts", title=title, labels=labels))


def sha256_header(data: bytes) -> str:
    return "sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode()


@dataclass(slots=True)
class Browser:
    """What the page's script does, without a page."""

    http: httpx.Client

    def start(self, files: dict[str, bytes], **options: Any) -> dict[str, Any]:
        """Announce files; the answer."""
        entries = [{"relative_path": path, "size": len(data)} for path, data in files.items()]
        answer = self.http.post(f"{BASE}/start/", json={"files": entries, **options})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, upload_id: str, data: bytes, offset: int = 0) -> httpx.Response:
        """Send bytes of one file."""
        headers = {**BYTES, "Upload-Offset": str(offset), "Upload-Checksum": sha256_header(data)}
        return self.http.patch(f"{BASE}/tus/{upload_id}", content=data, headers=headers)

    def offset(self, upload_id: str) -> int:
        return int(self.http.head(f"{BASE}/tus/{upload_id}", headers=TUS).headers["Upload-Offset"])

    def upload(self, files: dict[str, bytes], **options: Any) -> str:
        """Announce and send files; the upload's id."""
        begun = self.start(files, **options)
        for file in begun["files"]:
            if file["state"] == "pending":
                answer = self.send(file["upload_id"], files[file["relative_path"]])
                assert answer.status_code == 204, answer.text
        return begun["job_id"]

    def status(self, job_id: str) -> dict[str, Any]:
        return self.http.get(f"{BASE}/status/{job_id}/").json()

    def sets(self, job_id: str) -> dict[str, Any]:
        return self.http.get(f"{BASE}/sets/{job_id}/").json()

    def post(self, action: str, job_id: str, body: Any = None) -> httpx.Response:
        return self.http.post(f"{BASE}/{action}/{job_id}/", json={} if body is None else body)

    def wait_for(self, job_id: str, *states: str, timeout: float = 120) -> dict[str, Any]:
        """The status once it is one of those, or has ended otherwise."""
        last: dict[str, Any] = {}

        def reached() -> bool:
            last.clear()
            last.update(self.status(job_id))
            return last["status"] in (*states, "done", "error", "cancelled")

        wait_until(reached, f"the upload becoming {' or '.join(states)}", timeout)
        assert last["status"] in states, last
        return last
