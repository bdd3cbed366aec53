"""Queries as a real client sends them over Ice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

TREE = (
    "select new map(project.id as id, project.name as name, project.details.owner.id as ownerId, "
    "project as project_details_permissions, (select count(id) from ProjectDatasetLink pdl "
    "where pdl.parent = project.id) as childCount) from Project project order by lower(project.name), project.id"
)
GRAPH = "select p from Project p join fetch p.datasetLinks l join fetch l.child where p.name = :name"


@pytest.fixture(scope="module")
def session(site: Site) -> Iterator[Any]:
    """Alice's session, in a group where she has one project with one dataset."""
    site.group("wire", "rwra--", "alice")
    with site.client("alice") as client:
        project, dataset = omero.model.ProjectI(), omero.model.DatasetI()
        project.name, dataset.name = rstring("Mitosis"), rstring("fixed")
        project.linkDataset(dataset)
        client.sf.getUpdateService().saveObject(project)
        yield client.sf


def test_maps_with_permissions_arrive(session: Any) -> None:
    ((found,),) = session.getQueryService().projection(TREE, None)
    values = unwrap(found)
    assert (values["name"], values["childCount"]) == ("Mitosis", 1)
    assert values["ownerId"] == session.getAdminService().getEventContext().userId
    permissions = values["project_details_permissions"]
    assert (permissions["perm"], permissions["canEdit"], permissions["canChown"]) == ("rwra--", True, False)


def test_a_loaded_graph_arrives(session: Any) -> None:
    params = omero.sys.ParametersI().addString("name", "Mitosis")
    project = session.getQueryService().findByQuery(GRAPH, params)
    assert [dataset.name.val for dataset in project.linkedDatasetList()] == ["fixed"]
    link = project.copyDatasetLinks()[0]
    assert link.parent is project
    assert project.details.owner.omeName.val == "alice"
    assert project.details.permissions.canEdit()
    with pytest.raises(omero.UnloadedEntityException):
        project.copyAnnotationLinks()


def test_rows_of_one_null_are_empty(session: Any) -> None:
    assert session.getQueryService().projection(
        "select sum(o.size) from OriginalFile o where o.id < 0", None
    ) == [[]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "select p from Projekt p",
            "line 1, column 15: Projekt is not a class of the OMERO model; did you mean Project?",
        ),
        ("select p frm Project p", "line 1, column 10: unexpected 'frm'"),
        ("select p.nme from Project p", "Project has no property nme; did you mean name?"),
    ],
)
def test_errors_arrive_as_query_exceptions(session: Any, text: str, says: str) -> None:
    with pytest.raises(omero.QueryException) as caught:
        session.getQueryService().findAllByQuery(text, None)
    assert says in caught.value.message
