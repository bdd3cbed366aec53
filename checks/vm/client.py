"""What a person does, from inside a machine of the tests: `python client.py COMMAND …`, with root's password in a file."""

from __future__ import annotations

import json
import pathlib
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from omero.gateway import BlitzGateway, MapAnnotationWrapper


def gateway(host: str, password_file: str) -> BlitzGateway:
    """A session of root's."""
    password = pathlib.Path(password_file).read_text().strip()
    session = BlitzGateway("root", password, host=host, port=4064, secure=True)
    if not session.connect():
        raise SystemExit(f"no login: {session.getLastError()}")
    return session


def annotate(host: str, password_file: str, name: str, value: str) -> None:
    """Make a dataset with a key-value pair."""
    import omero.model  # noqa: PLC0415 - loading OMERO's model takes seconds
    from omero.rtypes import rstring  # noqa: PLC0415

    session = gateway(host, password_file)
    dataset = omero.model.DatasetI()
    dataset.setName(rstring(name))
    saved = session.getUpdateService().saveAndReturnObject(dataset)
    note = MapAnnotationWrapper(session)
    note.setValue([["condition", value]])
    note.save()
    session.getObject("Dataset", saved.id.val).linkAnnotation(note)
    session.close()


def read(host: str, password_file: str, name: str) -> None:
    """Print the key-value pairs of a dataset."""
    session = gateway(host, password_file)
    found = next(iter(session.getObjects("Dataset", attributes={"name": name})))
    print(json.dumps([note.getValue() for note in found.listAnnotations()]))
    session.close()


def web(address: str, password_file: str) -> None:
    """Log in through OMERO.web as a browser does, and print what the first page says."""
    password = pathlib.Path(password_file).read_text().strip()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/webclient/login/", timeout=60).read().decode()
    token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"username": "root", "password": password, "server": "1", "csrfmiddlewaretoken": token}
    request = urllib.request.Request(f"{address}/webclient/login/", urllib.parse.urlencode(form).encode())
    request.add_header("Referer", f"{address}/webclient/login/")
    print(browser.open(request, timeout=120).read().decode())


if __name__ == "__main__":
    {"annotate": annotate, "read": read, "web": web}[sys.argv[1]](*sys.argv[2:])
