import dataclasses
import re
from pathlib import Path

import pytest

import analysis
from analysis.disclosure.chronicle import Chronicle
from analysis.disclosure.gate import operator_layers
from analysis.disclosure.layer import OperatorLayer, PlannerLayer, PublicLayer
from analysis.recipe import analyse


@pytest.mark.parametrize("kind", [PublicLayer, PlannerLayer, OperatorLayer])
@pytest.mark.parametrize("seal", [None, object(), True, "seal"])
def test_nobody_makes_a_layer_without_the_seal(kind, seal):
    with pytest.raises(TypeError, match="only the disclosure gate"):
        kind(name="cells", title="Cells", fields=(), features=(), seal=seal)


def test_a_layer_cannot_be_rewritten(audits):
    layer = operator_layers(
        analyse(audits([], cell=1, auditor=0), seed=0), chronicle=Chronicle(today="2026-10-01")
    )[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.features = ()
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(layer, features=())


@pytest.mark.parametrize(
    ("word", "knowing"),
    [
        (r"\b_SEAL\b", {"layer.py", "assembly.py", "release.py", "release_gate.py", "aggregate.py"}),
        (r"\bdisclosure\.assembly\b|\bimport assembly\b", {"gate.py"}),
    ],
)
def test_the_gates_alone_come_by_the_seals(word, knowing):
    root = Path(analysis.__file__).parent.parent
    sources = [path for package in ("analysis", "geo", "server") for path in (root / package).rglob("*.py")]
    assert {path.name for path in sources if re.search(word, path.read_text(encoding="utf-8"))} == knowing
