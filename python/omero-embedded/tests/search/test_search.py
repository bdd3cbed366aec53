"""Search through a live server."""

from __future__ import annotations

import datetime as dt

import omero
import pytest
from omero.rtypes import rlong, rstring, rtime, unwrap


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    site.group("secret", "rw----", "carol", "dave")
    with site.client("alice") as client:
        update = client.sf.getUpdateService()
        images = {}
        for name, description in (
            ("mitosis_01.tif", "HeLa cells, GFP"),
            ("mitosis_02.tif", "control"),
            ("interphase.tif", "HeLa cells, RFP"),
        ):
            image = omero.model.ImageI()
            image.name, image.description = rstring(name), rstring(description)
            images[name] = update.saveAndReturnObject(image)
        tag = omero.model.TagAnnotationI()
        tag.textValue = rstring("Published")
        annotate(update, images["mitosis_02.tif"], tag)
        pairs = omero.model.MapAnnotationI()
        pairs.mapValue = [omero.model.NamedValue("Gene", "CDK1"), omero.model.NamedValue("Dose", "10 um")]
        pairs.ns = rstring("openmicroscopy.org/omero/client/mapAnnotation")
        annotate(update, images["interphase.tif"], pairs)
        dataset = omero.model.DatasetI()
        dataset.name = rstring("mitosis data")
        update.saveObject(dataset)
    with site.client("carol") as client:
        image = omero.model.ImageI()
        image.name = rstring("mitosis secret")
        client.sf.getUpdateService().saveObject(image)
    return site


def annotate(update, image, annotation):
    link = omero.model.ImageAnnotationLinkI()
    link.parent, link.child = image.proxy(), annotation
    update.saveObject(link)


def names(client, query: str, kind: str = "Image", **settings) -> list[str]:
    search = client.sf.createSearchService()
    try:
        search.onlyType(kind)
        for setting, value in settings.items():
            getattr(search, setting)(*value)
        search.byFullText(query)
        found = []
        while search.hasNext():
            found += [one.name.val for one in search.results()]
        return found
    finally:
        search.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mitosis", ["mitosis_01.tif", "mitosis_02.tif"]),
        ("MITOSIS AND hela", ["mitosis_01.tif"]),
        ("gfp OR rfp", ["mitosis_01.tif", "interphase.tif"]),
        ("gfp rfp", ["mitosis_01.tif", "interphase.tif"]),
        ("mitosis NOT gfp", ["mitosis_02.tif"]),
        ("hela -mitosis", ["interphase.tif"]),
        ('"hela cells"', ["mitosis_01.tif", "interphase.tif"]),
        ('"cells hela"', []),
        ("mito*", ["mitosis_01.tif", "mitosis_02.tif"]),
        ("m?tosis", ["mitosis_01.tif", "mitosis_02.tif"]),
        ("mitoses~1", ["mitosis_01.tif", "mitosis_02.tif"]),
        ("name:control", []),
        ("description:control", ["mitosis_02.tif"]),
        ("(gfp OR control) AND mitosis", ["mitosis_01.tif", "mitosis_02.tif"]),
        ("mitosis_01.tif", ["mitosis_01.tif"]),
        ("published", ["mitosis_02.tif"]),
        ("tag:published", ["mitosis_02.tif"]),
        ("annotation:published", ["mitosis_02.tif"]),
        ("CDK1", ["interphase.tif"]),
        ("Gene:cdk1", ["interphase.tif"]),
        ("Dose:cdk1", []),
        ("has_key:Gene", ["interphase.tif"]),
        ("annotation.ns:mapAnnotation", ["interphase.tif"]),
        ("owner:alice AND interphase", ["interphase.tif"]),
        ("NOT gfp", []),
        ("mit", []),
    ],
)
def test_operators_and_fields(lab, query, expected):
    with lab.client("alice") as client:
        assert names(client, query) == expected


def test_leading_wildcards_must_be_allowed(lab):
    with lab.client("alice") as client:
        with pytest.raises(omero.ApiUsageException, match="setAllowLeadingWildcard"):
            names(client, "*tosis")
        assert names(client, "*phase", setAllowLeadingWildcard=(True,)) == ["interphase.tif"]


def test_only_what_the_caller_can_see_is_found(lab):
    with lab.client("bob") as client:
        assert names(client, "mitosis") == ["mitosis_01.tif", "mitosis_02.tif"]
    with lab.client("dave") as client:
        assert names(client, "mitosis") == []
    with lab.client("carol") as client:
        assert names(client, "mitosis") == ["mitosis secret"]


def test_a_long_annotation_is_found_by_its_number(lab):
    with lab.client("alice") as client:
        number = omero.model.LongAnnotationI()
        number.longValue = rlong(123456789)
        number = client.sf.getUpdateService().saveAndReturnObject(number)
        search = client.sf.createSearchService()
        search.onlyType("LongAnnotation")
        search.byFullText("123456789")
        assert [one.id.val for one in search.results()] == [number.id.val]
        search.byFullText("12345678")
        assert not search.hasNext()
        search.close()


def test_bad_queries_and_types_are_named(lab):
    with lab.client("alice") as client:
        with pytest.raises(omero.ApiUsageException, match="parse"):
            names(client, "(mitosis")
        with pytest.raises(omero.ApiUsageException, match="Imagge"):
            names(client, "mitosis", kind="Imagge")
        search = client.sf.createSearchService()
        with pytest.raises(omero.ApiUsageException, match="onlyType"):
            search.byFullText("mitosis")
        search.onlyType("Image")
        with pytest.raises(omero.ApiUsageException, match="no more results"):
            search.results()
        search.close()


def test_limits_of_owner_ids_and_time(lab):
    with lab.client("alice") as client:
        details = omero.model.DetailsI()
        details.owner = omero.model.ExperimenterI(lab.user_id("bob"), False)
        assert names(client, "mitosis", onlyOwnedBy=(details,)) == []
        assert len(names(client, "mitosis", notOwnedBy=(details,))) == 2
        now = rtime(int(dt.datetime.now(dt.UTC).timestamp() * 1000) + 1000)
        assert len(names(client, "mitosis", onlyCreatedBetween=(rtime(0), now))) == 2
        assert names(client, "mitosis", onlyCreatedBetween=(rtime(0), rtime(1))) == []
        assert names(client, "mitosis", onlyAnnotatedWith=(["TagAnnotation"],)) == ["mitosis_02.tif"]
        assert names(client, "mitosis", addOrderByDesc=("name",)) == ["mitosis_02.tif", "mitosis_01.tif"]


def test_batches_and_several_types(lab):
    with lab.client("alice") as client:
        search = client.sf.createSearchService()
        search.onlyTypes(["Image", "Dataset"])
        search.setBatchSize(2)
        search.byFullText("mitosis")
        sizes = []
        while search.hasNext():
            sizes.append(len(search.results()))
        assert sizes == [2, 1]
        search.close()


def test_queries_are_combined(lab):
    with lab.client("alice") as client:
        search = client.sf.createSearchService()
        search.onlyType("Image")
        search.byFullText("mitosis")
        search._and()
        search.byFullText("gfp")
        assert [one.name.val for one in search.results()] == ["mitosis_01.tif"]
        search.byFullText("hela")
        search._not()
        search.byFullText("gfp")
        assert [one.name.val for one in search.results()] == ["interphase.tif"]
        search.bySomeMustNone([], ["mitosis"], ["gfp"])
        assert [one.name.val for one in search.results()] == ["mitosis_02.tif"]
        tag = omero.model.TagAnnotationI()
        tag.textValue = rstring("Published")
        search.byAnnotatedWith([tag])
        assert [one.name.val for one in search.results()] == ["mitosis_02.tif"]
        search.byHqlQuery("select i from Image i where i.name like 'inter%'", None)
        assert [one.name.val for one in search.results()] == ["interphase.tif"]
        search.close()


@pytest.mark.parametrize("ask", ["words", "an annotation", "a tag set"])
def test_a_query_keeps_the_limits_it_was_asked_with(lab, ask):
    with lab.client("alice") as client:
        tag = omero.model.TagAnnotationI()
        tag.textValue = rstring("Published")
        search = client.sf.createSearchService()
        search.onlyType("Image")
        if ask == "words":
            search.byFullText("control")
        elif ask == "an annotation":
            search.byAnnotatedWith([tag])
        else:
            save_tag_set(client, "Papers", tag)
            search.byGroupForTags("Papers")
        search.onlyIds([])
        assert len(search.results()) == 1
        search.close()


def save_tag_set(client, name: str, tag) -> None:
    tag_set, link = omero.model.TagAnnotationI(), omero.model.AnnotationAnnotationLinkI()
    tag_set.textValue, tag_set.ns = rstring(name), rstring("openmicroscopy.org/omero/insight/tagset")
    link.parent, link.child = tag_set, tag
    client.sf.getUpdateService().saveObject(link)


def test_the_gateways_search(lab):
    today = dt.datetime.now(dt.UTC)
    with lab.gateway("alice") as conn:
        assert {image.getName() for image in conn.searchObjects(["Image"], "mitosis")} == {
            "mitosis_01.tif",
            "mitosis_02.tif",
        }
        by_field = conn.searchObjects(["Image"], "hela", fields=("name", "annotation"), rawQuery=False)
        assert list(by_field) == []
        start = rtime(int((today - dt.timedelta(days=2)).timestamp() * 1000))
        stop = rtime(int((today + dt.timedelta(days=2)).timestamp() * 1000))
        found = conn.searchObjects(
            ["Image"], "hela", created=(start, stop), fields=("description",), rawQuery=False
        )
        assert len(list(found)) == 2
        old = rtime(86_400_000)
        assert not list(
            conn.searchObjects(["Image"], "hela", created=(old, old), fields=("description",), rawQuery=False)
        )


def test_the_query_services_full_text(lab):
    with lab.client("alice") as client:
        found = client.sf.getQueryService().findAllByFullText("Image", "mitosis AND gfp", None)
        assert [unwrap(one.name) for one in found] == ["mitosis_01.tif"]


def test_original_files_are_found_by_name_and_path(lab, tmp_path):
    path = tmp_path / "protocol_final.txt"
    path.write_text("x")
    with lab.client("alice") as client:
        made = client.upload(str(path))
        assert names(client, "protocol", kind="OriginalFile") == ["protocol_final.txt"]
        annotation = omero.model.FileAnnotationI()
        annotation.file = made.proxy()
        query = client.sf.getQueryService()
        image = query.findByString("Image", "name", "interphase.tif")
        annotate(client.sf.getUpdateService(), image, annotation)
        assert names(client, "file.name:protocol") == ["interphase.tif"]
        assert names(client, "interphase", onlyIds=([image.id.val],)) == ["interphase.tif"]
        assert names(client, "interphase", onlyIds=([rlong(0).val],)) == []


def test_words_of_an_attached_text_file_find_what_it_is_attached_to(lab, tmp_path):
    table, picture = tmp_path / "results.csv", tmp_path / "picture.png"
    table.write_text("protein,count\nCentrin,100.0\n")
    picture.write_bytes(b"Ninein")
    with lab.gateway("alice") as conn:
        image = conn.getObject("Image", attributes={"name": "interphase.tif"})
        attached = [
            conn.createFileAnnfromLocalFile(str(path), mimetype=kind)
            for path, kind in ((table, "text/csv"), (picture, "image/png"))
        ]
        for annotation in attached:
            image.linkAnnotation(annotation)
        file_id = attached[0].getFile().getId()
    with lab.client("bob") as client:
        assert names(client, "centrin") == ["interphase.tif"]
        assert names(client, "file.contents:centrin") == ["interphase.tif"]
        assert names(client, "name:centrin") == names(client, "ninein") == []
        assert names(client, "centrin", kind="OriginalFile") == ["results.csv"]
    with lab.client("alice") as client:
        store = client.sf.createRawFileStore()
        store.setFileId(file_id)
        store.truncate(0)
        store.write(b"Pericentrin", 0, 11)
        store.close()
        assert names(client, "centrin") == []
        assert names(client, "pericentrin") == ["interphase.tif"]
    with lab.client("carol") as client:
        assert names(client, "pericentrin") == []


def test_what_counts_more_comes_first(lab):
    with lab.client("alice") as client:
        assert names(client, "GFP^10 OR control^1") == ["mitosis_01.tif", "mitosis_02.tif"]
        assert names(client, "GFP^1 OR control^10") == ["mitosis_02.tif", "mitosis_01.tif"]
        assert names(client, "HeLa RFP") == ["interphase.tif", "mitosis_01.tif"]


def test_a_word_with_wildcards_is_one_word(lab):
    with lab.client("alice") as client:
        assert names(client, "*.tif", setAllowLeadingWildcard=(True,)) == []
        with pytest.raises(omero.ApiUsageException, match="leading wildcard"):
            names(client, "*.tif")
        assert names(client, "mitosis*.tif") == []
        assert names(client, "mitosis*") == ["mitosis_01.tif", "mitosis_02.tif"]


def test_a_form_without_words_finds_nothing(lab):
    with lab.client("alice") as client:
        search = client.sf.createSearchService()
        search.onlyType("Image")
        search.byLuceneQueryBuilder("", "", "", "", "%")
        assert not search.hasNext()


def test_there_is_no_metadata_of_results_as_with_omero_server(lab):
    with lab.client("alice") as client:
        search = client.sf.createSearchService()
        for attempt in (search.currentMetadata, search.currentMetadataList):
            with pytest.raises(omero.ApiUsageException, match="does not offer it either"):
                attempt()
