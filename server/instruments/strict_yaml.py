"""YAML without its surprises: what an editor types as a word stays a word, and no key is lost.

Plain PyYAML reads `no` as false, `12:30` as 750 and `2026-01-01` as a date, and keeps the last of two
equal keys. Here only true, false, null, and decimal numbers are special; equal keys and anchors are refused.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

_SCALARS = (
    ("null", r"null|", ["n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", list("-0123456789")),
)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # absent from the type stubs
        if getattr(event, "anchor", None) is not None:  # an alias too: a few lines can unfold to gigabytes
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases (& and *) are not read; write it out", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping = super().construct_mapping(node, deep)
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return mapping


for _name, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), _first)


def read(text: str) -> object:
    """Return the one document in `text`; raises `yaml.YAMLError` naming line and column."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader made stricter
