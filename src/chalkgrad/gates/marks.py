"""Gates that compute nothing and say something: alias, stop.

`alias` is a new wire with an old value. A transform holds its arguments as aliases, so that its derivative is with respect to that
wire and to nothing else that happens to be equal. `stop` hands its value on and no gradient back.

    >>> from chalkgrad import grad, stop_gradient
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
"""

import numpy as np

from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import ATOM, function, template

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
