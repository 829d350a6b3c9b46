"""Forms as a phone handles them: an instance out of the XForm, filled, and written as JavaRosa does."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

XFORMS = "{http://www.w3.org/2002/xforms}"
META = "{http://openrosa.org/xforms}meta"


def instance_of(form: bytes) -> Element:
    """Return the empty primary instance of a form."""
    instance = ElementTree.fromstring(form).find(f".//{XFORMS}model/{XFORMS}instance")
    assert instance is not None
    return instance[0]


def choices_of(form: bytes) -> dict[str, list[str]]:
    """Return the question's name -> the names of its choices."""
    instances = ElementTree.fromstring(form).findall(f".//{XFORMS}model/{XFORMS}instance[@id]")
    return {
        instance.get("id", ""): [name.text or "" for name in instance.iter(f"{XFORMS}name")]
        for instance in instances
    }


def fill(
    form: bytes,
    values: Mapping[str, Any],
    *,
    instance_id: str | None = None,
    deprecated_id: str | None = None,
) -> bytes:
    """Return a filled form: `values` by path (`answers/lighting`); a path the form has not is an error."""
    root = instance_of(form)
    for path, value in values.items():
        node = root.find("/".join(f"{XFORMS}{part}" for part in path.split("/")))
        assert node is not None, f"the form has no {path}"
        node.text = str(value)
    meta = root.find(f"{XFORMS}meta")
    assert meta is not None
    meta[0].text = instance_id or new_instance_id()
    if deprecated_id is not None:
        ElementTree.SubElement(meta, f"{XFORMS}deprecatedID").text = deprecated_id
    return b"<?xml version='1.0' ?>" + _as_javarosa(root)


def new_instance_id() -> str:
    """Return an instanceID as Collect makes it."""
    return f"uuid:{uuid4()}"


def some_answers(form: bytes, rng: random.Random) -> dict[str, str]:
    """Return values by path for an audit in testville, each rating and choice answered or left out."""
    lat, lng, accuracy_m = rng.uniform(28.56, 28.64), rng.uniform(77.21, 77.29), rng.uniform(3, 30)
    values = {
        "location": f"{lat:.6f} {lng:.6f} 212.0 {accuracy_m:.1f}",
        "observed_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    asked = [name for name in choices_of(form) if rng.random() < 0.8] or list(choices_of(form))
    return values | {f"answers/{name}": rng.choice(choices_of(form)[name]) for name in asked}


def _as_javarosa(root: Element) -> bytes:
    """Return the instance in no namespace but that of its meta block, as phones send it."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(XFORMS)
    meta = root.find("meta")
    assert meta is not None
    meta.tag = META
    for child in meta:
        child.tag = META.replace("meta", child.tag)
    ElementTree.register_namespace("orx", META[1:].partition("}")[0])
    return ElementTree.tostring(root, encoding="utf-8").partition(b"?>\n")[2] or ElementTree.tostring(root)
