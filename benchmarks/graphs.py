"""Random graphs of single numbers for the suite: how they are made, drawn with anybody's functions, and differentiated by hand."""

import math
import random
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np

LEAVES = 10


def random_graph(size: int) -> SimpleNamespace:
    """So many gates; gate i reads the nodes first[i] and second[i], of which the first ten are the inputs; -1 where there is none.

    A pool of nodes that nothing has used yet keeps every gate alive, and bounds of the values keep them within [-4, 4].
    """
    draw = random.Random(5)
    inputs = [draw.uniform(-1, 1) for _ in range(LEAVES)]
    unused, bound = deque(range(LEAVES)), [1.0] * LEAVES
    kinds: list[str] = []
    first: list[int] = []
    second: list[int] = []
    while len(kinds) + len(unused) - 1 < size:
        growing = len(unused) < 64 and len(kinds) < size // 4
        a = draw.randrange(len(bound)) if growing else unused.popleft()
        b = draw.randrange(len(bound))
        kind = draw.choices(("add", "multiply", "tanh", "sigmoid", "exp"), (6, 6, 3, 3, 2))[0]
        if (kind == "add" and bound[a] + bound[b] > 3) or (kind == "exp" and bound[a] > 1.3):
            kind = "tanh"
        elif kind == "multiply" and bound[a] * bound[b] > 3:
            kind = "sigmoid"
        reach = {"add": bound[a] + bound[b], "multiply": bound[a] * bound[b], "exp": math.exp(min(bound[a], 1.3))}.get(kind, 1.0)
        unused.append(len(bound))
        bound.append(reach)
        kinds.append(kind)
        first.append(a)
        second.append(b if kind in ("add", "multiply") else -1)
    while len(unused) > 1:
        first.append(unused.popleft())
        second.append(unused.popleft())
        unused.append(LEAVES + len(kinds))
        kinds.append("add")
    return SimpleNamespace(inputs=inputs, kinds=kinds, first=first, second=second)


def drawn(data: Any, inputs: Any, exp: Any, tanh: Any, sigmoid: Any) -> list[Any]:
    """All nodes, made with these functions and the values' own `+` and `*`."""
    nodes = list(inputs)
    unary = {"tanh": tanh, "exp": exp, "sigmoid": sigmoid}
    for kind, a, b in zip(data.kinds, data.first, data.second, strict=True):
        if kind == "add":
            nodes.append(nodes[a] + nodes[b])
        elif kind == "multiply":
            nodes.append(nodes[a] * nodes[b])
        else:
            nodes.append(unary[kind](nodes[a]))
    return nodes


def answer(data: Any) -> dict[str, Any]:
    """The value of the last node, and its gradient by the inputs."""
    nodes = drawn(data, data.inputs, math.exp, math.tanh, lambda x: 1 / (1 + math.exp(-x)))
    slopes = [0.0] * len(nodes)
    slopes[-1] = 1.0
    for place in range(len(data.kinds) - 1, -1, -1):
        kind, a, b = data.kinds[place], data.first[place], data.second[place]
        upstream, y = slopes[LEAVES + place], nodes[LEAVES + place]
        if kind == "add":
            slopes[a] += upstream
            slopes[b] += upstream
        elif kind == "multiply":
            slopes[a] += upstream * nodes[b]
            slopes[b] += upstream * nodes[a]
        else:
            slopes[a] += upstream * (1 - y * y if kind == "tanh" else y if kind == "exp" else y * (1 - y))
    return {"value": np.array(nodes[-1]), "gradient": np.array(slopes[:LEAVES])}
