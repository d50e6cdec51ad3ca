"""Gates that claim another slope than they have, for the tests of the checks: made without trying them, and taken back."""

from contextlib import contextmanager

from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import function
from chalkgrad.transform.api.own import OwnGate, forget


@contextmanager
def wrong_gate(name="crooked", **declaration):
    declaration = {"forward": lambda xp, x: x * x * x, "samples": (at(2.0),), **declaration}
    gate = define(Gate(name=name, family="own", symbol=name, look=function(name), lesson="it is wrong", **declaration))
    try:
        yield OwnGate(gate)
    finally:
        forget(gate)
