"""Gates that compute nothing and say something: alias, stop, after.

`alias` is a new wire with an old value. A transform holds its arguments as aliases, so that its derivative is with respect to that
wire and to nothing else that happens to be equal. `stop` hands its value on and no gradient back. `after` hands its first value on
once the second is there: what is fed by it is computed late, and is never taken for an equal calculation that was done early.

    >>> from chalkgrad import grad, stop_gradient
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
"""

import numpy as np

from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import ATOM, function, template
from chalkgrad.graph.shapes import Shape

ALIAS = define(Gate(
    name="alias", numpy=(np.positive,), family="marks", symbol="=",
    forward=lambda xp, x: x,
    local=lambda xp, x, out: (1.0,),
    look=template("{0}", "{0}", ATOM, (ATOM,)),
    lesson="a second name for the same value; the gradient is handed on unchanged",
    samples=(at(2.0), at([-1.0, 3.0])),
))  # fmt: skip

STOP = define(Gate(
    name="stop", family="marks", symbol="stop",
    forward=lambda xp, x: x,
    look=function("stop"),
    lesson="counts as a constant from here on: the value is handed on, and no gradient comes back",
    samples=(at(2.0), at([-1.0, 3.0])),
))  # fmt: skip


def _first(shape: Shape, _: Shape) -> Shape:
    return shape


AFTER = define(Gate(
    name="after", family="marks", symbol="after", arity=2, shape=_first,
    forward=lambda xp, x, upstream: x,
    local=lambda xp, x, upstream, out: (1.0, None),
    look=function("after"),
    lesson="the same value, handed on once the second input is there; the gradient goes to the value",
    samples=(at(2.0, 5.0), at([-1.0, 3.0], 5.0)),
))  # fmt: skip
