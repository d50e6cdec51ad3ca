"""The peers: HIPS autograd, JAX (in float64) and PyTorch, each asked for value and gradients of the same source.

A source is a function of the peer's own namespace in NumPy's place and of arrays: `lambda np, x: np.sum(x**2)`. Nothing is imported
before a peer is asked, so that the tables of calls can be read where no peer is installed.
"""

import importlib
import os
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np

THREADS = "2"
Source = Callable[..., Any]
Answer = tuple[list[Any], list[Any]]  # the parts of the value, and a gradient for each argument


class Peer:
    """`name` is what people call it, `package` what Python does."""

    name: str
    package: str

    def __init__(self) -> None:
        self._loaded: Any = None

    def is_installed(self) -> bool:
        return find_spec(self.package) is not None

    @property
    def library(self) -> Any:
        """The peer's `numpy` and `special`, and what else it needs, loaded when first asked for."""
        if self._loaded is None:
            os.environ.setdefault("OMP_NUM_THREADS", THREADS)
            self._loaded = self.load()
        return self._loaded

    def load(self) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.package

    def answers(self, source: Source, kind: str, args: Sequence[Any], weights: Sequence[Any]) -> Answer:
        """The value's parts, and the gradients of the sum of the parts times their weights. The peer's own warnings are its own."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts, gradients = self.work(lambda *xs: source(getattr(self.library, kind), *xs), args, weights)
        return [np.asarray(one) for one in parts], [np.asarray(one) for one in gradients]

    def work(self, f: Source, args: Sequence[Any], weights: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        raise NotImplementedError


def parts_of(value: Any) -> list[Any]:
    """A function gives one array, or several in a tuple or list."""
    return list(value) if isinstance(value, tuple | list) else [value]


class Jax(Peer):
    name, package = "JAX", "jax"

    def load(self) -> Any:
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        jax = importlib.import_module("jax")
        jax.config.update("jax_enable_x64", True)
        special = importlib.import_module("jax.scipy.special")
        return SimpleNamespace(jax=jax, numpy=importlib.import_module("jax.numpy"), special=special)

    def work(self, f: Source, args: Sequence[Any], weights: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        jnp = self.library.numpy
        parts, pull = self.library.jax.vjp(lambda *xs: parts_of(f(*xs)), *map(jnp.asarray, args))
        return parts, pull([jnp.asarray(one, dtype=part.dtype) for one, part in zip(weights, parts, strict=True)])


class Autograd(Peer):
    name, package = "HIPS autograd", "autograd"

    def load(self) -> Any:
        autograd = importlib.import_module("autograd")
        importlib.import_module("autograd.numpy.linalg")
        special = importlib.import_module("autograd.scipy.special")
        return SimpleNamespace(autograd=autograd, numpy=importlib.import_module("autograd.numpy"), special=special)

    def work(self, f: Source, args: Sequence[Any], weights: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        anp = self.library.numpy

        def total(xs: Sequence[Any]) -> Any:
            return sum(anp.sum(one * part) for one, part in zip(weights, parts_of(f(*xs)), strict=True))

        return parts_of(f(*args)), self.library.autograd.grad(total)(tuple(args))


class Torch(Peer):
    name, package = "PyTorch", "torch"

    def load(self) -> Any:
        torch = importlib.import_module("torch")
        torch.set_num_threads(int(THREADS))
        torch.set_default_dtype(torch.float64)  # as NumPy's
        names = importlib.import_module("tests.peers.torch_names")
        return SimpleNamespace(torch=torch, numpy=names.as_numpy(torch), special=torch.special)

    def work(self, f: Source, args: Sequence[Any], weights: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        torch = self.library.torch
        leaves = [torch.tensor(one).requires_grad_() for one in args]
        parts = parts_of(f(*leaves))
        total = sum((torch.tensor(one, dtype=part.dtype) * part).sum() for one, part in zip(weights, parts, strict=True))
        gradients = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
        return [part.detach().numpy() for part in parts], [one.numpy() for one in gradients]


PEERS = {peer.package: peer for peer in (Autograd(), Jax(), Torch())}
HERE = [peer for peer in PEERS.values() if peer.is_installed()]
