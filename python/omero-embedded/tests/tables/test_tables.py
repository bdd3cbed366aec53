"""OMERO.tables through a live server."""

from __future__ import annotations

import hashlib

import numpy as np
import omero
import omero.grid
import pytest
from omero.grid import BoolColumn, DoubleArrayColumn, DoubleColumn, ImageColumn, LongColumn, StringColumn
from omero.rtypes import rint, rlong, rstring, unwrap

from omero_embedded.files.layout import by_id


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    return site


def columns():
    return [
        ImageColumn("Image", "ids", []),
        LongColumn("Count", "", []),
        DoubleColumn("Area", "", []),
        StringColumn("Name", "", 16, []),
        BoolColumn("Good", "", []),
        DoubleArrayColumn("Profile", "", 3, []),
    ]


def filled(client, name="measurements.h5"):
    table = client.sf.sharedResources().newTable(1, name)
    made = columns()
    table.initialize(made)
    image, count, area, label, good, profile = made
    image.values = [1, 2, 3]
    count.values = [10, 20, 30]
    area.values = [0.5, 1.5, 2.5]
    label.values = ["a", "b", "c"]
    good.values = [True, False, True]
    profile.values = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    table.addData(made)
    return table


def test_rows_of_every_kind_of_column_come_back(lab):
    with lab.client("alice") as client:
        table = filled(client)
        assert table.getNumberOfRows() == 3
        headers = table.getHeaders()
        assert [column.name for column in headers] == ["Image", "Count", "Area", "Name", "Good", "Profile"]
        assert isinstance(headers[0], ImageColumn)
        data = table.read(list(range(6)), 0, 3)
        assert data.columns[0].values == [1, 2, 3]
        assert data.columns[3].values == ["a", "b", "c"]
        assert data.columns[4].values == [True, False, True]
        np.testing.assert_array_equal(data.columns[5].values, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
        part = table.slice([1, 3], [2, 0])
        assert (part.columns[0].values, part.columns[1].values) == ([30, 10], ["c", "a"])
        assert table.readCoordinates([1]).columns[2].values == [1.5]
        table.close()


def test_conditions_select_rows(lab):
    with lab.client("alice") as client:
        table = filled(client)
        assert table.getWhereList("(Count > 10) & (Area < 2.0)", None, 0, 3, 1) == [1]
        assert table.getWhereList("Count > limit", {"limit": rlong(15)}, 0, table.getNumberOfRows(), 1) == [
            1,
            2,
        ]
        assert table.getWhereList("Name == b'c'", None, 0, 3, 1) == [2]
        with pytest.raises(omero.ApiUsageException, match="Nonsense"):
            table.getWhereList("Nonsense > 1", None, 0, 0, 0)
        table.close()


def test_rows_can_be_changed(lab):
    with lab.client("alice") as client:
        table = filled(client)
        data = table.slice([1], [0])
        data.columns[0].values = [99]
        table.update(data)
        assert table.read([1], 0, 3).columns[0].values == [99, 20, 30]
        table.close()


def test_metadata_is_kept(lab):
    with lab.client("alice") as client:
        table = filled(client)
        table.setMetadata("unit", rstring("um"))
        table.setAllMetadata({"a": rint(1), "b": rstring("x")})
        assert unwrap(table.getMetadata("b")) == "x"
        assert table.getMetadata("unit") is None
        assert unwrap(table.getAllMetadata())["a"] == 1
        table.close()


def test_a_closed_table_has_size_and_checksum_and_opens_again(lab):
    with lab.client("alice") as client:
        table = filled(client, "kept.h5")
        file = table.getOriginalFile()
        assert file.mimetype.val == "OMERO.tables"
        assert file.name.val == "kept.h5"
        table.close()
        stored = client.sf.getQueryService().get("OriginalFile", file.id.val)
        data = by_id(lab.server.data, file.id.val).read_bytes()
        assert stored.size.val == len(data)
        assert stored.hash.val == hashlib.sha1(data).hexdigest()
    with lab.client("bob") as client:
        table = client.sf.sharedResources().openTable(omero.model.OriginalFileI(file.id.val, False))
        assert table.getNumberOfRows() == 3
        with pytest.raises(omero.SecurityViolation):
            table.addData(columns())
        with pytest.raises(omero.SecurityViolation):
            table.delete()
        table.close()


def test_an_uninitialized_table_says_so(lab):
    with lab.client("alice") as client:
        table = client.sf.sharedResources().newTable(1, "empty.h5")
        with pytest.raises(omero.ApiUsageException, match="initialized"):
            table.getNumberOfRows()
        table.close()


def test_rows_out_of_range_are_refused(lab):
    with lab.client("alice") as client:
        table = filled(client)
        with pytest.raises(omero.ApiUsageException):
            table.readCoordinates([77])
        with pytest.raises(omero.ApiUsageException):
            table.read([17], 0, 1)
        table.close()


def test_a_deleted_tables_file_is_gone(lab):
    with lab.client("alice") as client:
        table = filled(client)
        file = table.getOriginalFile()
        table.delete()
        with pytest.raises(omero.ValidationException):
            client.sf.getQueryService().get("OriginalFile", file.id.val)
        assert not by_id(lab.server.data, file.id.val).exists()


def test_a_table_left_open_is_closed_with_the_session(lab):
    with lab.client("alice") as client:
        file = filled(client, "left.h5").getOriginalFile()
    with lab.client("alice") as client:
        assert client.sf.getQueryService().get("OriginalFile", file.id.val).size.val > 0
        table = client.sf.sharedResources().openTable(file)
        assert table.getNumberOfRows() == 3
        table.close()


def test_tables_are_enabled(lab):
    with lab.client("alice") as client:
        assert client.sf.sharedResources().areTablesEnabled()
