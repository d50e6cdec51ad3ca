"""NumPy's names in PyTorch: what is called otherwise there, or takes other arguments. What has the same name is PyTorch's own."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy

Tensor = Any


def as_numpy(torch: Any) -> Any:
    """A namespace to stand in NumPy's place."""
    names = {**_entrywise(torch), **_reductions(torch), **_layout(torch), **_choosing(torch), **_products(torch), **_making(torch)}
    return _Names(torch, names)


class _Names:
    def __init__(self, torch: Any, names: dict[str, Any]) -> None:
        self.__dict__.update(names)
        self._torch = torch
        self.pi, self.inf = numpy.pi, numpy.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)


def _axes(axis: Any, x: Tensor) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)


def _entrywise(torch: Any) -> dict[str, Any]:
    def tensors(f: Callable[..., Any]) -> Callable[..., Any]:
        """PyTorch's functions of two arrays take no plain numbers."""
        return lambda *xs: f(*(x if torch.is_tensor(x) else torch.tensor(x, dtype=_kind(xs)) for x in xs))

    def _kind(xs: Sequence[Any]) -> Any:
        return next(x.dtype for x in xs if torch.is_tensor(x))

    of_two = "maximum minimum hypot logaddexp logaddexp2 fmax fmin copysign fmod heaviside"
    two = {name: tensors(getattr(torch, name)) for name in of_two.split()}
    return two | {
        "power": torch.pow, "absolute": torch.abs, "fabs": torch.abs, "arctan2": tensors(torch.atan2), "rint": torch.round,
        "round": lambda x, digits=0: torch.round(x, decimals=digits), "around": torch.round,
        "degrees": torch.rad2deg, "radians": torch.deg2rad, "fix": torch.trunc, "floor_divide": torch.floor_divide,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3), "conjugate": torch.conj, "nan_to_num": torch.nan_to_num,
    }  # fmt: skip


def _reductions(torch: Any) -> dict[str, Any]:
    def over_all_axes(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, axis=None, keepdims=False, **rest: f(x, dim=_axes(axis, x), keepdim=keepdims, **rest)

    def prod(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        for place in sorted((one % x.ndim for one in _axes(axis, x)), reverse=True):
            x = torch.prod(x, dim=place, keepdim=keepdims)
        return x

    def spread(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, axis=None, keepdims=False, ddof=0: f(x, dim=_axes(axis, x), keepdim=keepdims, correction=ddof)

    def flat(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, axis=None: f(x.reshape(-1), 0) if axis is None else f(x, axis)

    def largest(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        return torch.amax(x, dim=_axes(axis, x), keepdim=keepdims)

    def smallest(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        return torch.amin(x, dim=_axes(axis, x), keepdim=keepdims)

    def quantile(x: Tensor, q: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return torch.quantile(x, torch.tensor(q, dtype=x.dtype), dim=axis, keepdim=keepdims)

    def average(x: Tensor, axis: Any = None, weights: Any = None) -> Tensor:
        return torch.sum(x * weights, dim=_axes(axis, x)) / torch.sum(weights, dim=_axes(axis, x))

    return {
        "sum": over_all_axes(torch.sum), "mean": over_all_axes(torch.mean), "nansum": over_all_axes(torch.nansum),
        "nanmean": over_all_axes(torch.nanmean), "prod": prod, "max": largest, "min": smallest, "var": spread(torch.var),
        "std": spread(torch.std), "cumsum": flat(torch.cumsum), "cumprod": flat(torch.cumprod), "quantile": quantile,
        "percentile": lambda x, q, axis=None: quantile(x, q / 100, axis), "amax": largest, "amin": smallest,
        "median": lambda x, axis=None, keepdims=False: quantile(x, 0.5, axis, keepdims), "average": average,
        "ptp": lambda x, axis=None, keepdims=False: largest(x, axis, keepdims) - smallest(x, axis, keepdims),
        "diff": lambda x, n=1, axis=-1: torch.diff(x, n=n, dim=axis),
        "trapezoid": lambda y, x=None, dx=1.0, axis=-1: torch.trapezoid(y, dim=axis, **({"dx": dx} if x is None else {"x": x})),
        "cov": torch.cov,
    }  # fmt: skip


def _layout(torch: Any) -> dict[str, Any]:
    def expand_dims(x: Tensor, axis: Any) -> Tensor:
        places = axis if isinstance(axis, tuple) else (axis,)
        for place in sorted(one % (x.ndim + len(places)) for one in places):
            x = torch.unsqueeze(x, place)
        return x

    def concatenate(xs: Sequence[Tensor], axis: Any = 0) -> Tensor:
        return torch.cat([x.reshape(-1) for x in xs]) if axis is None else torch.cat(list(xs), dim=axis)

    def pad(x: Tensor, widths: Any, mode: str = "constant", constant_values: float = 0.0) -> Tensor:
        pairs = numpy.broadcast_to(widths, (x.ndim, 2)).tolist()
        if mode == "constant":
            return torch.nn.functional.pad(x, [one for pair in reversed(pairs) for one in pair], value=constant_values)
        for axis, (before, after) in enumerate(pairs):
            places = torch.tensor(numpy.pad(numpy.arange(x.shape[axis]), (before, after), mode=mode))
            x = torch.index_select(x, axis, places)
        return x

    def flip(x: Tensor, axis: Any = None) -> Tensor:
        return torch.flip(x, _axes(axis, x))

    def roll(x: Tensor, shift: Any, axis: Any = None) -> Tensor:
        return torch.roll(x, shift) if axis is None else torch.roll(x, shift, axis)

    def repeat(x: Tensor, repeats: Any, axis: Any = None) -> Tensor:
        return torch.repeat_interleave(x, torch.tensor(repeats) if isinstance(repeats, list) else repeats, dim=axis)

    def split(x: Tensor, places: Any, axis: int = 0) -> Any:
        return torch.tensor_split(x, places, dim=axis)

    return {
        "transpose": lambda x, axes=None: torch.permute(x, axes or tuple(reversed(range(x.ndim)))), "expand_dims": expand_dims,
        "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis), "concatenate": concatenate,
        "stack": lambda xs, axis=0: torch.stack(list(xs), dim=axis), "pad": pad, "flip": flip, "roll": roll, "repeat": repeat,
        "append": lambda x, y: concatenate([x, y], axis=None), "split": split, "array_split": split,
        "rot90": lambda x, k=1: torch.rot90(x, k), "broadcast_to": torch.broadcast_to, "copy": torch.clone,
        "meshgrid": lambda x, y: torch.meshgrid(x, y, indexing="xy"), "cumulative_sum": lambda x, axis: torch.cumsum(x, axis),
        "broadcast_arrays": torch.broadcast_tensors, "unstack": torch.unbind, "matrix_transpose": lambda x: x.mT,
        "diagflat": lambda x, k=0: torch.diagflat(x, k), "hsplit": torch.hsplit, "vsplit": torch.vsplit,
    }  # fmt: skip


def _choosing(torch: Any) -> dict[str, Any]:
    def take(x: Tensor, places: Any, axis: Any = None) -> Tensor:
        return x.reshape(-1)[places] if axis is None else torch.index_select(x, axis, torch.as_tensor(places))

    def select(conditions: Sequence[Tensor], choices: Sequence[Tensor], default: Tensor) -> Tensor:
        for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
            default = torch.where(condition, choice, default)
        return default

    return {
        "take": take,
        "select": select,
        "take_along_axis": lambda x, places, axis: torch.take_along_dim(x, places, dim=axis),
        "sort": lambda x, axis=-1: torch.sort(x, dim=axis).values,
        "clip": lambda x, low=None, high=None: torch.clamp(x, low, high),
        "nonzero": lambda x: torch.nonzero(x, as_tuple=True),
        "argsort": lambda x, axis=-1: torch.argsort(x, dim=axis),
        "argmax": lambda x, axis=None: torch.argmax(x, dim=axis),
        "argmin": lambda x, axis=None: torch.argmin(x, dim=axis),
        "diagonal": lambda x, offset=0, axis1=0, axis2=1: torch.diagonal(x, offset, axis1, axis2),
    }


def _products(torch: Any) -> dict[str, Any]:
    def dot(a: Tensor, b: Tensor) -> Tensor:
        return torch.matmul(a, b) if b.ndim <= 2 else torch.tensordot(a, b, dims=([-1], [-2]))

    def tensordot(a: Tensor, b: Tensor, axes: Any = 2) -> Tensor:
        dims = axes if isinstance(axes, int) else [[one] if isinstance(one, int) else list(one) for one in axes]
        return torch.tensordot(a, b, dims=dims)

    def norm(x: Tensor, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
        return torch.linalg.norm(x, ord=ord, dim=axis, keepdim=keepdims)

    linalg = SimpleNamespace(norm=norm, solve=lambda a, b: torch.linalg.solve(a, b), outer=torch.outer, tensordot=tensordot)
    linalg.vector_norm = lambda x, axis=None: torch.linalg.vector_norm(x, dim=axis)
    linalg.matrix_norm, linalg.diagonal = torch.linalg.matrix_norm, torch.linalg.diagonal
    linalg.vecdot = lambda a, b, axis=-1: torch.linalg.vecdot(a, b, dim=axis)
    linalg.trace = lambda x, offset=0: torch.diagonal(x, offset, -2, -1).sum(-1)
    for name in (
        "inv",
        "det",
        "slogdet",
        "cholesky",
        "eigh",
        "eigvalsh",
        "pinv",
        "matrix_power",
        "multi_dot",
        "matmul",
        "svd",
        "svdvals",
        "qr",
        "cond",
        "lstsq",
        "cross",
    ):
        setattr(linalg, name, getattr(torch.linalg, name))
    return {
        "dot": dot, "tensordot": tensordot, "linalg": linalg, "vecdot": torch.linalg.vecdot,
        "vdot": lambda a, b: torch.dot(a.reshape(-1), b.reshape(-1)),
        "trace": lambda x, offset=0: torch.diagonal(x, offset).sum(-1),
        "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)), "cross": lambda a, b: torch.linalg.cross(a, b),
    }  # fmt: skip


def _making(torch: Any) -> dict[str, Any]:
    def array(values: Any) -> Tensor:
        return torch.stack(list(values)) if torch.is_tensor(values[0]) else torch.tensor(values)

    return {"array": array, "arange": torch.arange, "shape": lambda x: tuple(x.shape), "size": lambda x: x.numel()}
