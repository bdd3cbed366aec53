import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_upload.plot.geometry import Curve, Frame, Label, Point
from omeroweb_upload.plot.place import place_labels

FRAME = Frame(100, 50, 1200, 650)
FULL = 50 + 0.85 * 600


def label(text, *tips, width=32.0):
    return Label(text, width, 22.0, tuple(Point(*tip) for tip in tips))


def random_labels(seed, count=None):
    """Up to 40 labels: spread, crowded, or with shared energies."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 41)) if count is None else count
    x = {
        0: rng.uniform(FRAME.left, FRAME.right, count),
        1: rng.normal(rng.uniform(150, 1100), rng.uniform(3, 150), count).clip(FRAME.left, FRAME.right),
        2: rng.choice(rng.uniform(FRAME.left, FRAME.right, max(1, count // 3)), count),
    }[seed % 3]
    y = rng.uniform(FRAME.bottom, FULL, count)
    width = rng.uniform(18, 40, count)
    return [Label(f"L{i}", width[i], 22.0, (Point(x[i], y[i]),)) for i in range(count)]


@pytest.fixture(scope="module")
def two_hundred():
    """Layouts of 200 random label sets."""
    sets = [random_labels(seed) for seed in range(200)]
    return [(labels, place_labels(FRAME, labels)) for labels in sets]


def test_on_200_random_sets_nothing_overlaps_leaves_the_axes_changes_order_or_crosses(two_hundred, layout):
    for labels, placement in two_hundred:
        assert not placement.left_out
        assert len(placement.placed) == len(labels)
        layout.check(FRAME, placement)


def test_the_same_labels_get_the_same_places_in_whatever_order_they_come():
    labels = random_labels(7, 25)
    first = place_labels(FRAME, labels)
    assert place_labels(FRAME, labels) == first
    assert place_labels(FRAME, labels[::-1]) == first


def test_no_labels_give_an_empty_layout():
    assert place_labels(FRAME, []).placed == ()


def test_a_single_label_stands_straight_above_its_peak(layout):
    placement = place_labels(FRAME, [label("Fe", (600, 200))])
    layout.check(FRAME, placement)
    assert placement.placed[0].x == 600
    assert placement.placed[0].bottom == 220


def test_a_single_label_at_the_edge_of_the_axes_stays_inside(layout):
    for x in (FRAME.left, FRAME.right):
        layout.check(FRAME, place_labels(FRAME, [label("Fe", (x, 200))]))


def test_forty_peaks_at_one_energy_get_forty_labels(layout):
    labels = [label(f"E{i}", (600, 100 + i)) for i in range(40)]
    placement = place_labels(FRAME, labels)
    assert len(placement.placed) == 40
    layout.check(FRAME, placement)


def test_labels_that_are_equal_in_everything_are_fine(layout):
    placement = place_labels(FRAME, [label("Fe", (600, 200))] * 5)
    assert len(placement.placed) == 5
    layout.check(FRAME, placement)


def test_a_label_with_several_peaks_gets_a_connector_to_each(layout):
    labels = [label("Fe", (500, 300), (520, 280)), label("Co", (560, 400)), label("C", (110, 100))]
    placement = place_labels(FRAME, labels)
    layout.check(FRAME, placement)
    assert [len(placed.connectors) for placed in placement.placed] == [1, 2, 1]


def test_only_peaks_that_alternate_make_connectors_cross(layout):
    labels = [label("Fe", (500, 300), (540, 300)), label("Co", (520, 300), (560, 300))]
    placement = place_labels(FRAME, labels)
    layout.check(FRAME, placement, crossings_allowed=1)


def test_low_labels_do_not_cover_the_curve():
    x = np.linspace(FRAME.left, FRAME.right, 500)
    y = 60 + 300 * np.exp(-(((x - 620) / 10) ** 2))
    placement = place_labels(FRAME, [label("Fe", (605, 90))], Curve(x, y))
    left, bottom, right, _ = placement.placed[0].box
    assert y[(x >= left) & (x <= right)].max() < bottom


def test_more_labels_than_fit_leave_out_those_of_the_smallest_peaks(layout):
    labels = [label(f"E{i}", (100 + 2 * i, 60 + i), width=60.0) for i in range(300)]
    placement = place_labels(FRAME, labels)
    layout.check(FRAME, placement)
    assert placement.left_out
    assert len(placement.placed) + len(placement.left_out) == 300
    assert max(item.tip for item in placement.left_out) < min(item.label.tip for item in placement.placed)


def test_a_peak_outside_the_axes_is_refused():
    with pytest.raises(ValueError, match="outside the axes"):
        place_labels(FRAME, [label("Fe", (50, 200))])


def test_no_room_above_the_tallest_peak_is_refused():
    with pytest.raises(ValueError, match="above the tallest peak"):
        place_labels(FRAME, [label("Fe", (600, 640))])


points = st.builds(Point, st.floats(FRAME.left, FRAME.right), st.floats(FRAME.bottom, FULL))
anything = st.builds(lambda width, tip: Label("X", width, 22.0, (tip,)), st.floats(10, 200), points)


@settings(max_examples=80, deadline=None)
@given(st.lists(anything, max_size=30))
def test_any_labels_get_a_good_layout_or_are_left_out(labels):
    placement = place_labels(FRAME, labels)
    assert len(placement.placed) + len(placement.left_out) == len(labels)
    boxes = [placed.box for placed in placement.placed]
    for number, one in enumerate(boxes):
        assert FRAME.left <= one[0]
        assert one[2] <= FRAME.right
        assert one[3] <= FRAME.top
        for two in boxes[number + 1 :]:
            assert (
                min(one[2], two[2]) - max(one[0], two[0]) <= 1e-6
                or min(one[3], two[3]) - max(one[1], two[1]) <= 1e-6
            )
    assert [placed.x for placed in placement.placed] == sorted(placed.x for placed in placement.placed)
