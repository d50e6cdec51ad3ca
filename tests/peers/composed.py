"""Generated calls that are whole little programs: a few random steps, each of which keeps its values small."""

import random
from typing import Any

from tests.peers.rows import Call, Draw, Rows

MOST = 80
STEPS = (
    "np.sin({a}) * {b}", "np.tanh({a} * {b}) + {c}", "{a} / (1.5 + {b} ** 2)", "np.exp(-({a} ** 2)) + {b}",
    "np.log1p({a} ** 2)", "np.cumsum({a}, axis=-1) / 3", "{a} - np.mean({b}, axis=-2, keepdims=True)",
    "np.where({a} > {b}, {a} * {c}, {b} ** 2)", "np.maximum({a}, 0.5 * {b} + 0.01)", "np.roll({a}, 1, axis=-1) * {b}",
    "({a} @ {b}.T) @ {c} / 4", "np.einsum('ij,kj->ik', {a}, {b}) @ {c} / 4", "np.concatenate([{a}[1:], {b}[:1]], axis=0)",
    "{a}[:, np.array([3, 0, 0, 1])] * {b}", "np.sum({a}, axis=0) * {b} / 3", "np.max({a}, axis=1, keepdims=True) - {b}",
    "np.sqrt(1 + {a} ** 2 + np.abs({b}))", "np.linalg.solve({a} @ {a}.T + 4 * np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]), {b})",
    "np.prod({a} / 2, axis=0) + {b}", "np.var({a}, axis=1, keepdims=True) * {b}", "np.clip({a}, -0.8, 0.8) * {b}",
    "np.stack([{a}[0], {b}[-1], {a}[1] * {c}[1]])", "np.reshape(np.transpose({a}), (3, 4)) * {b}", "np.logaddexp({a}, {b}) - {c}",
    "np.exp({a}) / np.sum(np.exp({a}), axis=-1, keepdims=True)", "np.arctan2({a}, 1.5 + {b} ** 2)", "{a} * {b}[:1] * {c}[:, 1:2]",
)  # fmt: skip
ENDS = ("{a}", "np.sum({a} * {b})", "np.linalg.norm({a} + 1.3, axis=0)", "{a} @ {b}[0]", "np.outer({a}[0], {b}[1])")


def program(number: int) -> str:
    """The text of a function of two arrays of shape (3, 4)."""
    chance = random.Random(number)
    lines = ["def program(np, x, y):"]
    names = ["x", "y"]

    def filled(text: str) -> str:
        return text.format(**{one: chance.choice(names[-4:]) for one in "abc"})

    for step in range(chance.randint(2, 6)):
        lines.append(f"    v{step} = np.tanh({filled(chance.choice(STEPS))})")
        names.append(f"v{step}")
    return "\n".join([*lines, f"    return {filled(chance.choice(ENDS)).replace('{a}', names[-1])}"])


def calls() -> list[Call]:
    rows = Rows()
    for number in range(MOST):
        space: dict[str, Any] = {}
        exec(program(number), space)
        draw = Draw(f"program {number}")
        rows.row(f"program {number}", space["program"], draw.apart((3, 4)), draw.apart((3, 4), -1.9, 2.1))
    return rows
