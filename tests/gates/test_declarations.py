"""The registry refuses an unsound declaration, says why, and is left as it was."""

from dataclasses import replace

import pytest

from chalkgrad.errors import GateError
from chalkgrad.gates import GATES
from chalkgrad.graph.gate import BY_CODE, CODES, Gate, at, define
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.look import function

SOUND = Gate(
    name="cube", family="test", symbol="x³",
    forward=lambda xp, x: x * x * x,
    local=lambda xp, x, out: (3 * x * x,),
    look=function("cube"),
    lesson="the slope of the cube is three times the square",
    samples=(at(2.0),),
)  # fmt: skip

ANY_RULE = SOUND.forward

UNSOUND = [
    ({"name": "x³"}, "ASCII identifier"),
    ({"name": "two words"}, "ASCII identifier"),
    ({"name": ""}, "ASCII identifier"),
    ({"name": "exp"}, "already a gate of that name"),
    ({"samples": ()}, "at least one sample"),
    ({"lesson": ""}, "a lesson of one sentence"),
    ({"symbol": ""}, "a symbol"),
    ({"push": ANY_RULE}, "in one way"),
    ({"linear": "each", "pull": ANY_RULE}, "in one way"),
    ({"local": None, "linear": "each"}, "linear and pull belong together"),
    ({"local": None, "pull": ANY_RULE}, "linear and pull belong together"),
    ({"local": None, "linear": 0, "pull": ANY_RULE}, "gives its tangent by push"),
    ({"local": None, "reduces": True}, "gives its local gradient"),
    ({"samples": (at(1.0, 2.0),)}, "wrong number of inputs"),
    ({"samples": (at(),)}, "wrong number of inputs"),
    ({"arity": 2}, "wrong number of inputs"),
    ({"arity": 2, "most": 3, "samples": (at(1.0, 2.0, 3.0, 4.0),)}, "wrong number of inputs"),
    ({"samples": (at(2.0, exponent=3.0),)}, "unknown parameters"),
]  # fmt: skip


@pytest.mark.parametrize("change, reason", UNSOUND, ids=lambda part: "-".join(part) if isinstance(part, dict) else part)
def test_an_unsound_declaration_is_refused(change, reason):
    before = dict(GATES), dict(CODES), list(BY_CODE)
    with pytest.raises(GateError, match="unsound") as refusal:
        define(replace(SOUND, **change))
    assert reason in str(refusal.value)
    assert before == (GATES, CODES, BY_CODE)


def test_the_declaration_that_the_table_spoils_is_sound_itself():
    try:
        assert define(SOUND) is GATES["cube"]
        graph = Graph()
        assert graph.gate(graph.add(SOUND, graph.leaf("x"))) is SOUND
    finally:
        del GATES["cube"], CODES[SOUND]
        assert BY_CODE.pop() is SOUND


@pytest.mark.parametrize("name, inputs, settings, reason", [
    ("add", 1, {}, "takes 2 inputs, not 1"),
    ("exp", 2, {}, "takes 1 input, not 2"),
    ("maximum", 1, {}, "takes 2 or more inputs, not 1"),
    ("constant_power", 1, {"power": 3}, 'no setting "power"'),
    ("exp", 1, {"axis": 0}, 'no setting "axis"'),
])  # fmt: skip
def test_a_wrong_call_of_a_gate_is_refused(name, inputs, settings, reason):
    graph = Graph()
    leaf = graph.leaf("x")
    with pytest.raises(GateError) as refusal:
        graph.add(GATES[name], *[leaf] * inputs, **settings)
    assert reason in str(refusal.value)
    assert len(graph) == 1
