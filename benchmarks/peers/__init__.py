"""Who is measured: for each name a module here, and the packages or tools without which it is skipped.

A module holds `JOBS`: for each name and task a function that takes the task's data and gives a `Job`.
"""

import importlib
import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """`call(*arguments)` is measured; `answer` makes of what it returns the arrays that are checked."""

    call: Callable[..., Any]
    answer: Callable[[Any], dict[str, Any]]
    arguments: tuple[Any, ...] = ()


class SkippedError(Exception):
    """Raised where a peer does not take part in a case; the message says why."""


HOMES = {
    "Chalkgrad": "chalk", "C": "c", "NumPy": "by_hand", "autograd": "hips", "JAX": "jax", "PyTorch": "torch",
    "PyTorch compiled": "torch", "CasADi": "casadi", "Numba": "numba"}  # fmt: skip
NEEDS = {
    "autograd": "autograd",
    "JAX": "jax",
    "PyTorch": "torch",
    "PyTorch compiled": "torch",
    "CasADi": "casadi",
    "Numba": "numba",
}
BY_HAND = ("C", "NumPy", "Numba")  # whose gradients a person wrote


def absent(peer: str) -> str | None:
    """Why a peer cannot be measured here, if so."""
    if peer == "C":
        return None if shutil.which("cc") else "there is no C compiler (cc)"
    package = NEEDS.get(peer)
    return None if package is None or importlib.util.find_spec(package) else f"{package} is not installed"


def maker(peer: str, task: str) -> Callable[[Any], Job]:
    """What makes a peer's job of a task's data."""
    jobs: dict[str, Callable[[Any], Job]] = importlib.import_module(f"peers.{HOMES[peer]}").JOBS[peer]
    if task not in jobs:
        raise SkippedError("does not take part")
    return jobs[task]
