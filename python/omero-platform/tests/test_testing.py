"""The test command's own arithmetic."""

from __future__ import annotations

from omero_platform.testing.run import NO_TESTS, PytestRun, by_distribution, joined, summary


def test_each_distribution_gets_a_run_of_its_own() -> None:
    paths = ["python/a/tests/test_x.py::test_one", "python/b/tests", "/somewhere/python/a/tests/test_y.py"]
    assert by_distribution(paths) == {"a": [paths[0], paths[2]], "b": [paths[1]]}


def test_one_failed_run_fails_all() -> None:
    runs = [PytestRun(0, {"passed": 2}), PytestRun(1, {"passed": 1, "failed": 1}), PytestRun(NO_TESTS)]
    assert joined(runs).exit_code == 1
    assert joined(runs).outcomes == {"passed": 3, "failed": 1}


def test_a_run_that_dies_of_a_signal_fails_all() -> None:
    assert joined([PytestRun(0, {"passed": 2}), PytestRun(-6, {"passed": 1})]).exit_code == 6


def test_no_test_at_all_is_no_success() -> None:
    assert joined([PytestRun(NO_TESTS)]).exit_code == NO_TESTS
    assert joined([]).exit_code != 0


def test_the_last_line_counts_and_what_was_left_out_says_how_to_run_it() -> None:
    lines = summary(joined([PytestRun(0, {"passed": 2, "skipped": 1}, {"needs a browser": 1}, {"soak": 3})]))
    assert lines == [
        "Skipped 1: needs a browser",
        "Left out 3 long runs; they run with: ./omero-platform test --soak",
        "2 passed, 0 failed, 4 skipped",
    ]
