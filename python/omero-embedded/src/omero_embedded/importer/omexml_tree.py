"""Reading elements of OME-XML, whatever their namespace: names, children, texts, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Children of these names, in their order."""
    return (child for child in element if local(child) in names)


def child(element: Element, name: str) -> Element | None:
    """The first child of a name."""
    return next(children(element, name), None)


def text_of(parent: Element, name: str) -> str | None:
    """What the first child of a name says; None for nothing."""
    found = child(parent, name)
    return None if found is None else (found.text or "").strip() or None


def references(element: Element, name: str) -> list[str]:
    """The ids that an element refers to by children of a name, such as ROIRef."""
    return [reference.get("ID", "") for reference in children(element, name)]


def integer(element: Element, name: str) -> int | None:
    """A whole number that is not negative; None where the attribute is missing or something else."""
    value = element.get(name, "")
    return int(value) if value.isdigit() else None


def number(element: Element, name: str) -> float | None:
    """A number; None where the attribute is missing or something else."""
    try:
        return float(element.attrib[name])
    except (KeyError, ValueError):
        return None
