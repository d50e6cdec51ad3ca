"""Transforms within transforms, written once for Chalkgrad and JAX: `s` is whichever of the two is asked.

`WRITTEN` holds the nests that people write, by name: a function of `s` that gives a function, and its arguments. `composed` draws
random ones: every function here maps a vector to a vector of its length, and so does every layer that is put around it.
"""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

import chalkgrad

Function = Callable[..., Any]
NUMBERS = np.random.default_rng(4)
X = NUMBERS.uniform(0.4, 1.8, 4)
Y = NUMBERS.uniform(-1.2, 1.2, 4)
M = NUMBERS.uniform(-1.2, 1.2, (3, 4))
A = NUMBERS.uniform(-1.0, 1.0, (4, 4)) + 3.0 * np.eye(4)
S = NUMBERS.uniform(-1.0, 1.0, (3, 4, 4)) + 3.0 * np.eye(4)
T = NUMBERS.uniform(-1.2, 1.2, (2, 3, 4))
PARAMS = {"w": NUMBERS.normal(size=(3, 4)), "inner": [NUMBERS.normal(size=3), 0.7], "u": NUMBERS.normal(size=3)}


def chalkgrads() -> Any:
    names = "grad value_and_grad jvp vjp jacobian hessian hvp vmap jit"
    return SimpleNamespace(np=np, stop=chalkgrad.stop_gradient, **{name: getattr(chalkgrad, name) for name in names.split()})


def those_of_jax(library: Any) -> Any:
    its = library.jax

    def jacobian(f: Function, argnums: Any = 0, mode: str | None = None, has_aux: bool = False) -> Function:
        made = its.jacfwd if mode == "forward" else its.jacrev
        return made(f, argnums=argnums, has_aux=has_aux)

    def hvp(f: Function, primals: Any, tangents: Any) -> Any:
        gradient = its.grad(f, 0 if len(primals) == 1 else tuple(range(len(primals))))
        return its.jvp(gradient, primals, tangents)[1]

    return SimpleNamespace(
        np=library.numpy,
        stop=its.lax.stop_gradient,
        grad=its.grad,
        value_and_grad=its.value_and_grad,
        jvp=its.jvp,
        vjp=its.vjp,
        jacobian=jacobian,
        hessian=its.hessian,
        hvp=hvp,
        vmap=its.vmap,
        jit=its.jit,
    )


# Scalar functions of a vector, to build with ------------------------------------------------------------------------------


def energy(s: Any) -> Function:
    return lambda x: s.np.sum(s.np.sin(x) * s.np.roll(x, 1) ** 2) + s.np.log(s.np.sum(s.np.exp(x)))


def network(s: Any) -> Function:
    return lambda p, x: s.np.sum(s.np.tanh(p["w"] @ x + p["inner"][0]) * p["u"]) * p["inner"][1]


def chosen(s: Any) -> Function:
    return lambda x: s.np.sum(s.np.where(x > 0.1, x**3, s.np.cos(x))) + s.np.max(x) * s.np.prod(x[:2])


def branching(s: Any) -> Function:
    def f(x: Any) -> Any:
        if s.np.sum(x) > 0:
            return s.np.sum(x**3) if x[0] > x[1] else s.np.prod(x)
        while s.np.sum(x) < -1:
            x = x / 2
        return s.np.sum(s.np.exp(x))

    return f


def solved(s: Any) -> Function:
    return lambda a: s.np.sum(s.np.linalg.solve(a @ a.T, s.np.array([1.0, 2.0, 3.0, 4.0])) ** 2) + s.np.linalg.slogdet(a)[1]


def total(s: Any, f: Function) -> Function:
    return lambda *args: s.np.sum(f(*args))


Nest = tuple[Callable[[Any], Function], tuple[Any, ...]]
WRITTEN: dict[str, Nest] = {
    "hessian": (lambda s: s.hessian(energy(s)), (X,)),
    "hessian of a vmap of a grad": (lambda s: s.hessian(total(s, s.vmap(lambda a: s.grad(s.np.sin)(a) * a))), (X,)),
    "hessian of a vmap of a grad of rows": (lambda s: s.hessian(total(s, s.vmap(s.grad(energy(s))))), (M,)),
    "hessian of a vmap of a value_and_grad": (
        lambda s: s.hessian(lambda m: sum(s.np.sum(one) for one in s.vmap(s.value_and_grad(chosen(s)))(m))), (M,)),
    "vmap of a hessian": (lambda s: s.vmap(s.hessian(energy(s))), (M,)),
    "vmap of a hessian of choices": (lambda s: s.vmap(s.hessian(chosen(s))), (M,)),
    "vmap of a grad": (lambda s: s.vmap(s.grad(energy(s))), (M,)),
    "vmap of a vmap of a grad": (lambda s: s.vmap(s.vmap(s.grad(energy(s)))), (T,)),
    "grad of a grad of a grad": (lambda s: s.grad(s.grad(s.grad(lambda x: s.np.sin(x) * x**3))), (0.7,)),
    "grad of a jit of a vmap": (lambda s: s.grad(total(s, s.jit(s.vmap(energy(s))))), (M,)),
    "jit of a grad of a vmap": (lambda s: s.jit(s.grad(total(s, s.vmap(energy(s))))), (M,)),
    "vmap of a jit of a grad": (lambda s: s.vmap(s.jit(s.grad(chosen(s)))), (M,)),
    "forward jacobian of a vmap": (lambda s: s.jacobian(s.vmap(energy(s)), mode="forward"), (M,)),
    "reverse jacobian of a vmap": (lambda s: s.jacobian(s.vmap(energy(s)), mode="reverse"), (M,)),
    "forward jacobian of a grad": (lambda s: s.jacobian(s.grad(chosen(s)), mode="forward"), (X,)),
    "reverse jacobian of a grad": (lambda s: s.jacobian(s.grad(chosen(s)), mode="reverse"), (X,)),
    "reverse of forward jacobian": (
        lambda s: s.jacobian(s.jacobian(lambda x: s.np.cumprod(x) * x[::-1], mode="forward"), mode="reverse"), (X,)),
    "forward of reverse jacobian": (
        lambda s: s.jacobian(s.jacobian(lambda x: s.np.cumsum(x) ** 3, mode="reverse"), mode="forward"), (X,)),
    "vmap of a forward jacobian": (lambda s: s.vmap(s.jacobian(lambda x: s.np.outer(x, x)[0] * x, mode="forward")), (M,)),
    "vmap of a reverse jacobian": (lambda s: s.vmap(s.jacobian(lambda x: s.np.sort(x) * x, mode="reverse")), (M,)),
    "hvp": (lambda s: lambda x, v: s.hvp(energy(s), (x,), (v,)), (X, Y)),
    "hvp of two arguments": (
        lambda s: lambda x, y, v: s.hvp(lambda a, b: s.np.sum(s.np.sin(a * b) * a), (x, y), (v, 2.0 * v)), (X, Y, Y)),
    "vmap of an hvp": (lambda s: s.vmap(lambda x, v: s.hvp(energy(s), (x,), (v,))), (M, M[::-1])),
    "vmap of an hvp over directions": (lambda s: s.vmap(lambda x, v: s.hvp(chosen(s), (x,), (v,)), in_axes=(None, 0)), (X, M)),
    "grad of an hvp": (lambda s: s.grad(lambda x: s.np.sum(s.hvp(energy(s), (x,), (x * x,)))), (X,)),
    "jvp of a grad": (lambda s: lambda x, v: s.jvp(s.grad(energy(s)), (x,), (v,)), (X, Y)),
    "jvp of a vjp": (
        lambda s: lambda x, v: s.jvp(lambda z: s.vjp(lambda q: s.np.sin(q) * q[::-1], z)[1](z**2)[0], (x,), (v,)), (X, Y)),
    "vjp of a jvp": (
        lambda s: lambda x, v: s.vjp(lambda z: s.jvp(lambda q: s.np.exp(q) * s.np.roll(q, 1), (z,), (v,))[1], x)[1](v)[0], (X, Y)),
    "jvp of a jvp": (
        lambda s: lambda x, v: s.jvp(lambda z: s.jvp(energy(s), (z,), (z * v,))[1], (x,), (v,)), (X, Y)),
    "vmap of a vjp": (lambda s: s.vmap(lambda x, w: s.vjp(lambda q: s.np.tanh(A @ q), x)[1](w)[0]), (M, M[::-1])),
    "vmap of a jvp": (lambda s: s.vmap(lambda x, v: s.jvp(lambda q: s.np.tanh(A @ q), (x,), (v,))), (M, M[::-1])),
    "vjp of a vmap": (lambda s: lambda x, w: s.vjp(s.vmap(lambda q: s.np.tanh(A @ q)), x)[1](w)[0], (M, M[::-1])),
    "perturbation confusion": (lambda s: s.grad(lambda x: x * s.grad(lambda y: x * y * y)(3.0 * x)), (2.0,)),
    "perturbation confusion, forward": (
        lambda s: s.grad(lambda x: x * s.jvp(lambda y: s.np.sin(x * y), (x * x,), (x,))[1]), (0.6,)),
    "perturbation confusion under vmap": (
        lambda s: s.vmap(s.grad(lambda x: x * s.grad(lambda y: s.np.sin(x * y) + x)(x))), (X,)),
    "stop_gradient": (lambda s: s.grad(lambda x: s.np.sum(s.stop(x) ** 2 * s.np.sin(x))), (X,)),
    "stop_gradient in a hessian": (lambda s: s.hessian(lambda x: s.np.sum(s.stop(x**2) * x**3) + energy(s)(x)), (X,)),
    "stop_gradient in a jvp": (lambda s: lambda x, v: s.jvp(lambda q: s.stop(q) * q, (x,), (v,)), (X, Y)),
    "in_axes 1": (lambda s: s.vmap(energy(s), in_axes=1), (M,)),
    "in_axes -1 and None": (lambda s: s.vmap(lambda x, y: s.np.dot(x, y) * y, in_axes=(-1, None)), (M.T, X)),
    "in_axes apart": (lambda s: s.vmap(lambda x, y, z: x @ y * z, in_axes=(1, 0, None)), (T, S[:, :, :2], 0.5)),
    "out_axes 1": (lambda s: s.vmap(s.grad(energy(s)), out_axes=1), (M,)),
    "out_axes -1": (lambda s: s.vmap(lambda x: s.np.outer(x, x), out_axes=-1), (M,)),
    "in_axes in a dict": (
        lambda s: s.vmap(lambda d, x: d["a"] * x + d["b"], in_axes=({"a": 0, "b": None}, 1)),
        ({"a": M, "b": X}, A[:, :3])),
    "in_axes nested": (
        lambda s: s.vmap(lambda p, x: p[0]["w"] @ x * p[1], in_axes=([{"w": 0}, None], None)), ([{"w": T}, 2.0], X)),
    "out_axes in a tuple": (lambda s: s.vmap(lambda x: (s.np.outer(x, x), s.np.sum(x), x), out_axes=(2, 0, 1)), (M,)),
    "out_axes in a dict": (
        lambda s: s.vmap(lambda x, y: {"x": x * y, "y": y**2}, in_axes=(0, None), out_axes={"x": 1, "y": None}), (M, X)),
    "out_axes for a branch": (
        lambda s: s.vmap(lambda x: {"a": (x, [x**2]), "b": s.np.sum(x)}, out_axes={"a": 1, "b": 0}), (M,)),
    "grad of a vmap with axes": (
        lambda s: s.grad(total(s, s.vmap(lambda x, y: s.np.sin(x) * y, in_axes=(1, None), out_axes=1)), argnums=(0, 1)), (M.T, X)),
    "hessian of a vmap with axes": (
        lambda s: s.hessian(lambda x: s.np.sum(s.vmap(lambda a, b: a * b**2, in_axes=(0, None))(x, x) ** 2)), (X,)),
    "vmap over parameters": (
        lambda s: s.vmap(s.grad(network(s)), in_axes=(None, 0)), (PARAMS, M)),
    "vmap over part of the parameters": (
        lambda s: s.vmap(s.grad(network(s)), in_axes=({"w": None, "inner": [None, 0], "u": None}, 0)),
        ({**PARAMS, "inner": [PARAMS["inner"][0], NUMBERS.normal(size=3)]}, M)),
    "grad of parameters": (lambda s: s.grad(network(s)), (PARAMS, X)),
    "both arguments": (lambda s: s.value_and_grad(network(s), argnums=(1, 0)), (PARAMS, X)),
    "hessian of parameters": (lambda s: s.hessian(network(s)), ({**PARAMS, "w": PARAMS["w"][:, :2]}, X[:2])),
    "jacobian of parameters": (lambda s: s.jacobian(s.grad(network(s), argnums=1), argnums=0, mode="reverse"), (PARAMS, X)),
    "jacobian to a tree": (
        lambda s: s.jacobian(lambda p: {"a": p["x"] * p["y"], "b": (s.np.sum(p["x"]), p["y"] ** 2)}, mode="forward"),
        ({"x": X, "y": 1.5},)),
    "jvp of parameters": (lambda s: lambda p, x: s.jvp(lambda q: network(s)(q, x), (p,), (p,)), (PARAMS, X)),
    "grad with aux": (lambda s: s.grad(lambda x: (energy(s)(x), {"twice": 2 * x}), has_aux=True), (X,)),
    "value_and_grad with aux under vmap": (
        lambda s: s.vmap(s.value_and_grad(lambda x: (energy(s)(x), (x**2, s.np.sum(x))), has_aux=True)), (M,)),
    "jacobian with aux": (lambda s: s.jacobian(lambda x: (s.np.sin(x), x[0]), has_aux=True, mode="reverse"), (X,)),
    "hessian with aux": (lambda s: s.hessian(lambda x: (energy(s)(x), s.np.cos(x)), has_aux=True), (X,)),
    "jvp with aux": (lambda s: lambda x, v: s.jvp(lambda q: (q**3, q[1:]), (x,), (v,), has_aux=True), (X, Y)),
    "vjp with aux": (
        lambda s: lambda x, w: (lambda out: (out[0], out[1](w), out[2]))(s.vjp(lambda q: (q**3, q[1:]), x, has_aux=True)), (X, Y)),
    "vmap with where": (lambda s: s.vmap(lambda x: s.np.where(x > 0.1, s.np.sqrt(s.np.abs(x)), x**2)), (M,)),
    "vmap with indices": (lambda s: s.vmap(lambda x: x[s.np.array([3, 0, 0])] * x[1] + x[::2][:1]), (M,)),
    "vmap with an index of each row": (lambda s: s.vmap(lambda x: x[s.np.argmax(x)] * x), (M,)),
    "vmap with sort": (lambda s: s.vmap(lambda x: s.np.sort(x) * s.np.arange(4.0)), (M,)),
    "vmap with matmul": (lambda s: s.vmap(lambda a, x: a @ x @ a.T, in_axes=(0, None)), (S, A)),
    "vmap with einsum": (lambda s: s.vmap(lambda a, x: s.np.einsum("ij,j,kj->ik", a, x, a)), (S, M)),
    "vmap with solve": (lambda s: s.vmap(lambda a, b: s.np.linalg.solve(a, b), in_axes=(0, None)), (S, X)),
    "vmap of a grad of linear algebra": (lambda s: s.vmap(s.grad(solved(s))), (S,)),
    "hessian of linear algebra": (lambda s: s.hessian(lambda x: solved(s)(A + s.np.diag(x))), (X,)),
    "vmap with cholesky": (lambda s: s.vmap(lambda a: s.np.linalg.cholesky(a @ a.T)), (S,)),
    "vmap with eigh": (lambda s: s.vmap(s.jacobian(lambda a: s.np.linalg.eigvalsh(a + a.T), mode="reverse")), (S,)),
    "vmap with reductions": (
        lambda s: s.vmap(lambda a: s.np.sum(a, axis=0) * s.np.max(a, axis=-1) + s.np.std(a) + s.np.prod(a, axis=1)), (S,)),
    "vmap with concatenate": (lambda s: s.vmap(lambda x, y: s.np.concatenate([x, y, x[:1]]), in_axes=(0, None)), (M, X)),
    "vmap with pad and roll": (lambda s: s.vmap(lambda x: s.np.pad(x, (1, 2)) * s.np.roll(s.np.pad(x, (2, 1)), 1)), (M,)),
    "vmap with cumsum": (lambda s: s.vmap(lambda x: s.np.cumsum(x) * s.np.cumprod(x)), (M,)),
    "vmap with a closure": (lambda s: lambda x: s.vmap(lambda y: s.np.sum(x * y) * y)(x), (X,)),
    "grad of a vmap with a closure": (lambda s: s.grad(lambda x: s.np.sum(s.vmap(lambda y: s.np.sum(x * y) * y)(x) ** 2)), (X,)),
    "branches, first way": (lambda s: s.value_and_grad(branching(s)), (X,)),
    "branches, second way": (lambda s: s.value_and_grad(branching(s)), (X[::-1].copy(),)),
    "branches, a loop": (lambda s: s.value_and_grad(branching(s)), (-2.0 * X,)),
    "hessian through branches": (lambda s: s.jacobian(s.grad(branching(s)), mode="reverse"), (-2.0 * X,)),
    "a loop of gradient steps": (
        lambda s: s.grad(lambda rate: energy(s)(steps(s, energy(s), rate))), (0.05,)),
    "vmap of a loop of gradient steps": (lambda s: s.vmap(lambda rate: steps(s, chosen(s), rate)), (np.array([0.01, 0.05]),)),
    "float32": (lambda s: s.hessian(energy(s)), (X.astype(np.float32),)),
    "float32 under vmap": (lambda s: s.vmap(s.value_and_grad(energy(s))), (M.astype(np.float32),)),
}  # fmt: skip


def steps(s: Any, f: Function, rate: Any) -> Any:
    x = s.np.array([0.6, 0.9, 1.2, 0.3])
    for _ in range(3):
        x = x - rate * s.grad(f)(x)
    return x


# Random nests -------------------------------------------------------------------------------------------------------------

BASES: tuple[Callable[[Any], Function], ...] = (
    lambda s: lambda x: s.np.sin(x) * s.np.roll(x, 1),
    lambda s: lambda x: s.np.tanh(A @ x / 3),
    lambda s: lambda x: x * s.np.exp(x) / s.np.sum(s.np.exp(x)),
    lambda s: lambda x: s.np.cumsum(x) * x[::-1] / 4,
    lambda s: lambda x: s.np.where(x > 0.3, x**2, s.np.sin(x)) + s.np.max(x),
    lambda s: lambda x: s.np.linalg.solve(A + s.np.outer(x, x) / 4, x),
    lambda s: lambda x: x[s.np.array([2, 0, 0, 3])] * s.np.tanh(x),
    lambda s: lambda x: s.np.einsum("i,ij,j->j", x, A, s.np.cos(x)) / 4,
    lambda s: lambda x: s.np.sort(x) * s.np.tanh(x) + s.np.mean(x),
    lambda s: lambda x: s.np.sqrt(1 + x**2) - s.np.linalg.norm(x) * s.np.array([0.1, 0.2, 0.3, 0.4]),
)
LAYERS: dict[str, Callable[[Any, Function], Function]] = {
    "jit": lambda s, f: s.jit(f),
    "grad": lambda s, f: s.grad(lambda x: s.np.sum(s.np.sin(f(x)))),
    "value_and_grad": lambda s, f: lambda x: _scaled(s, s.value_and_grad(lambda q: s.np.sum(s.np.tanh(f(q))))(x)),
    "jvp": lambda s, f: lambda x: s.jvp(f, (x,), (s.np.cos(x),))[1],
    "vjp": lambda s, f: lambda x: s.vjp(f, x)[1](s.np.tanh(x))[0],
    "forward": lambda s, f: lambda x: s.jacobian(f, mode="forward")(x) @ x / 4,
    "reverse": lambda s, f: lambda x: s.np.tanh(x) @ s.jacobian(f, mode="reverse")(x) / 4,
    "hvp": lambda s, f: lambda x: s.hvp(lambda q: s.np.sum(f(q) ** 2) / 4, (x,), (s.np.cos(x),)),
    "hessian": lambda s, f: lambda x: s.hessian(lambda q: s.np.sum(s.np.sin(f(q))))(x) @ s.np.cos(x) / 4,
    "vmap": lambda s, f: lambda x: s.np.mean(s.vmap(f)(s.np.stack([x, x * 0.9, s.np.sin(x)])), axis=0),
    "vmap over another": lambda s, f: lambda x: s.np.sum(
        s.vmap(lambda y, z: f(y * z), in_axes=(0, None), out_axes=1)(s.np.array([0.5, 0.7]), x), axis=1),
    "vmap columns": lambda s, f: lambda x: s.vmap(f, in_axes=1, out_axes=1)(s.np.stack([x, x**2], axis=1))[:, 1],
    "closure": lambda s, f: lambda x: s.vmap(lambda y: s.np.sum(f(x * y)))(x) / 4,
    "stopped": lambda s, f: lambda x: f(x) * s.stop(s.np.cos(x)) + f(s.stop(x)) / 2,
}  # fmt: skip


def _scaled(s: Any, both: Any) -> Any:
    return both[0] * both[1]


def composed(number: int) -> tuple[str, Callable[[Any], Function]]:
    """Two to four layers around a base."""
    chance = random.Random(number)
    base = chance.randrange(len(BASES))
    layers = chance.choices(list(LAYERS), k=chance.randint(2, 4))

    def build(s: Any) -> Function:
        f = BASES[base](s)
        for layer in layers:
            f = LAYERS[layer](s, f)
        return f

    return f"{' of '.join(reversed(layers))} of base {base}", build
