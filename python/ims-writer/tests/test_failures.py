"""Whatever goes wrong, the folder is as it was before."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ims_writer.atomic import remove_abandoned
from ims_writer.errors import (
    InvalidMetadataError,
    SourceError,
    UnsupportedPixelsError,
    WriteCancelledError,
    WriteFailedError,
)
from ims_writer.metadata import Channel, ImageMetadata
from ims_writer.options import Progress, WriteOptions
from ims_writer.source import ArraySource
from ims_writer.write import write_ims

Make = Callable[..., np.ndarray[Any, Any]]
Read = Callable[[Path, int, int, int], np.ndarray[Any, Any]]


class Failing(ArraySource):
    """Reads well until a given time point, then raises."""

    def __init__(self, array: Any, at: int, error: Exception) -> None:
        super().__init__(array)
        self.at = at
        self.error = error

    def read(self, t: int, c: int, z: range, y: range, x: range) -> NDArray[Any]:
        if t == self.at:
            raise self.error
        return super().read(t, c, z, y, x)


class Misshapen(ArraySource):
    """Returns less than it was asked for."""

    def read(self, t: int, c: int, z: range, y: range, x: range) -> NDArray[Any]:
        return super().read(t, c, z, y, x)[:, 1:]


def test_a_cancelled_export_leaves_nothing(tmp_path: Path, noisy_image: Make) -> None:
    source = ArraySource(noisy_image((6, 2, 4, 200, 200), "u2"))
    seen = [0.0]
    with pytest.raises(WriteCancelledError):
        write_ims(
            tmp_path / "image.ims",
            source,
            progress=lambda progress: seen.append(progress.fraction),
            cancelled=lambda: seen[-1] > 0.3,
        )
    assert 0.3 < seen[-1] < 1
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ims-writer")]


def test_a_cancelled_export_keeps_the_earlier_file(
    tmp_path: Path, noisy_image: Make, stored_level: Read
) -> None:
    path = tmp_path / "image.ims"
    earlier = noisy_image((5, 5), "u1")
    write_ims(path, ArraySource(earlier))
    with pytest.raises(WriteCancelledError):
        write_ims(path, ArraySource(noisy_image((90, 90), "u1")), cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == [path]
    assert np.array_equal(stored_level(path, 0, 0, 0)[0], earlier)


def test_a_failing_source_leaves_nothing_and_is_named(tmp_path: Path, noisy_image: Make) -> None:
    image = noisy_image((4, 1, 3, 64, 64), "u2")
    with pytest.raises(ValueError, match="session is gone"):
        write_ims(tmp_path / "a.ims", Failing(image, 2, ValueError("the session is gone")))
    with pytest.raises(SourceError, match=r"could not be read at t=3, c=0.*Connection reset"):
        write_ims(tmp_path / "a.ims", Failing(image, 3, ConnectionResetError("Connection reset")))
    with pytest.raises(SourceError, match=r"returned uint16 of shape \(3, 63, 64\).*expected.*\(3, 64, 64\)"):
        write_ims(tmp_path / "a.ims", Misshapen(image))
    assert list(tmp_path.iterdir()) == []


def test_a_failing_progress_callback_leaves_nothing(tmp_path: Path, noisy_image: Make) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ims(tmp_path / "a.ims", ArraySource(noisy_image((64, 64), "u2")), progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [50, 3_000, 60_000, 700_000, 2_500_000])
def test_a_full_disk_is_reported_and_leaves_nothing(limit: int, tmp_path: Path) -> None:
    """The kernel refuses to let the file grow past a limit, at the start, in the middle or at the end."""
    code = f"""
import os, resource, numpy as np
from ims_writer.errors import WriteFailedError
from ims_writer.source import ArraySource
from ims_writer.write import write_ims
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
image = np.random.default_rng(1).integers(0, 65535, (2, 2, 5, 256, 256), dtype="u2")
try:
    write_ims({str(tmp_path / "image.ims")!r}, ArraySource(image))
except WriteFailedError as error:
    print(error)
links = ["/proc/self/fd/" + number for number in os.listdir("/proc/self/fd")]
print(*(os.readlink(link) for link in links if os.path.lexists(link)))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The file cannot be written: [Errno 27] File too large\n")
    assert ".ims" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_and_a_forbidden_name_are_refused(tmp_path: Path, noisy_image: Make) -> None:
    source = ArraySource(noisy_image((4, 4), "u1"))
    with pytest.raises(WriteFailedError, match="No such file"):
        write_ims(tmp_path / "absent" / "image.ims", source)
    (tmp_path / "folder.ims").mkdir()
    with pytest.raises(WriteFailedError, match=r"folder\.ims cannot be written"):
        write_ims(tmp_path / "folder.ims", source)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.ims"]


def test_what_a_killed_writer_left_can_be_swept_but_not_a_living_ones(tmp_path: Path) -> None:
    code = f"""
import sys, time, numpy as np
from ims_writer.source import ArraySource
from ims_writer.write import write_ims
def wait(progress):
    print("writing", flush=True)
    sys.stdin.read()
write_ims({str(tmp_path / "image.ims")!r}, ArraySource(np.ones((9, 9), "u1")), progress=wait)
"""
    writer = subprocess.Popen(
        [sys.executable, "-c", code],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        assert len(list(tmp_path.iterdir())) == 1
        assert remove_abandoned(tmp_path) == []
        writer.send_signal(signal.SIGKILL)
    assert len(remove_abandoned(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "f8", "u8", "bool", "c8"])
def test_other_pixel_types_are_refused_with_advice(dtype: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedPixelsError, match=r"uint8|float32"):
        write_ims(tmp_path / "a.ims", ArraySource(np.zeros((4, 4), dtype)))
    assert list(tmp_path.iterdir()) == []


def test_values_that_do_not_fit_are_refused_with_their_place(tmp_path: Path) -> None:
    image = np.zeros((2, 1, 1, 4, 4), "i2")
    image[1, 0, 0, 2, 2] = -5
    with pytest.raises(UnsupportedPixelsError, match="from -5 to 0 at time point 1, channel 0"):
        write_ims(tmp_path / "a.ims", ArraySource(image), options=WriteOptions(pixel_type="uint16"))
    huge = np.full((4, 4), 1e300)
    with pytest.raises(UnsupportedPixelsError, match="exceed the range of float32"):
        write_ims(tmp_path / "a.ims", ArraySource(huge), options=WriteOptions(pixel_type="float32"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (ImageMetadata(channels=(Channel(), Channel())), "2 channels are described but the image has 1"),
        (ImageMetadata(voxel_um=(0.1, 0, 0.1)), "must be a number above 0"),
        (ImageMetadata(origin_um=(0.1, float("nan"), 0.1)), "finite"),
        (ImageMetadata(channels=(Channel(color=(255, 0, 0)),)), "parts from 0 to 1"),
        (ImageMetadata(channels=(Channel(display_range=(5, 5)),)), "must rise"),
    ],
)
def test_metadata_that_do_not_fit_are_refused(
    metadata: ImageMetadata, message: str, tmp_path: Path, noisy_image: Make
) -> None:
    with pytest.raises(InvalidMetadataError, match=message):
        write_ims(tmp_path / "a.ims", ArraySource(noisy_image((4, 4), "u1")), metadata)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
