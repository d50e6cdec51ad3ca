"""The value that a traced function meets in place of an array: a wire of the trace, with the number it carries.

It answers NumPy's dispatch, Python's operators, indexing and the usual methods by asking the table of rules. It knows its number,
so shapes are plain tuples and an `if` is answered at once; the answer is kept as a guard. What would take the number out of the
trace without its history (`float(x)`, writing into an ordinary array) is refused, for it would make the gradient silently wrong.
"""

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from chalkgrad.graph.shapes import Shape, show
from chalkgrad.reading.trace.letters import TraceError, is_writing, refusal
from chalkgrad.reading.trace.scipys import Namespaced
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.table import COVERED, rule_for

MOST_ENTRIES_TAKEN_APART = 10_000


class UnknownAttributeError(TraceError, AttributeError):
    """A traced value has no such attribute; also an AttributeError, so that `hasattr` works."""


class Traced(Namespaced, NDArrayOperatorsMixin):
    """A wire of a trace that stands where NumPy code expects an array."""

    __slots__ = ("__weakref__", "_base", "_part", "_views", "is_argument", "node", "session")

    def __init__(self, trace: Trace, node: int, *, is_argument: bool = False) -> None:
        self.session = trace
        self.node = node
        self.is_argument = is_argument
        self._base: Traced | None = None  # the array whose memory NumPy would share with this one
        self._views: list[weakref.ref[Any]] = []
        self._part: tuple[Traced, int] | None = None  # where this stood in an array that was taken apart

    # What it is -----------------------------------------------------------------------------------------------------------

    @property
    def value(self) -> Any:
        """The number or array on the wire."""
        self.usable()
        return self.session.number(self.node)

    def usable(self) -> None:
        """Refuses what has outlived its trace."""
        if not self.session.open:
            raise refusal(
                "A traced value has outlived its trace: it was kept somewhere (a global, a list, an attribute) by a function that"
                " has ended.",
                hint="Return the value from the function instead; has_aux=True returns things beside the result.",
            )

    def settled(self) -> "Traced":
        """The same in its stable form, which decides where something depends on the value."""
        self.usable()
        node = self.session.settled(self.node)
        return self if node == self.node else Traced(self.session, node, is_argument=self.is_argument)

    @property
    def shape(self) -> Shape:
        return self.session.graph.shape(self.node)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        self.usable()
        return self.session.kind(self.node)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def real(self) -> "Traced":
        return self

    @property
    def device(self) -> str:
        return "cpu"

    def to_device(self, device: Any, /, *, stream: Any = None) -> "Traced":
        if device != "cpu" or stream is not None:
            raise ValueError(f"Traced values are on the device 'cpu', not on {device!r}.")
        return self

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        return COVERED["namespace"](api_version)

    def __dlpack__(self, **_: Any) -> Any:
        raise refusal("A traced value cannot be handed to another library: it would lose its history.",
                      hint="chalkgrad.stop_gradient(x) says that x shall count as a constant.")  # fmt: skip

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # DLPack's name for the CPU

    def __repr__(self) -> str:
        return f"<traced {show(self.shape)}>" if not self.session.open else f"<traced {self.value!r}>"

    # NumPy's dispatch -----------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        key = ufunc if method == "__call__" else (ufunc, method)
        rule = rule_for(key)
        out = settings.pop("out", None)
        if out is None:
            return rule(*inputs, **settings)
        return COVERED["in place"](rule(*inputs, **settings), out)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        return rule_for(function)(*args, **settings)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The entries as an array of traced numbers, for code that insists on `np.asarray` or builds `np.array([x, y])`."""
        if dtype is not None and np.dtype(dtype) != object:
            if is_writing():
                raise self._writing_refused()
            raise refusal(
                "A traced value cannot become an ordinary array: it would lose its history, and the gradient would be wrong.",
                hint="np.stack and np.concatenate join traced values; np.where chooses among them. Leave out dtype=.",
            )
        if self.size > MOST_ENTRIES_TAKEN_APART:
            raise refusal(
                f"np.asarray and np.array would take a traced array of {self.size} entries apart, entry by entry.",
                hint="A traced value is an array already: leave the call out.",
            )
        result = np.empty(self.shape, dtype=object)
        if self.shape == ():
            result[()] = self
            return result
        flat = np.reshape(self, -1)
        for place in range(self.size):
            entry = flat[place]
            entry._part = (self, place)
            result.flat[place] = entry
        self._views.append(weakref.ref(result))
        return result

    __array_priority__ = 1000.0

    # Where a number would leave the trace, or decide something ---------------------------------------------------------------

    def __bool__(self) -> bool:
        settled = self.settled()
        answer = bool(settled.value)  # NumPy refuses arrays of several entries in its own words
        self.session.guard(settled.node, "bool", answer)
        return answer

    def __int__(self) -> int:
        settled = self.settled()
        answer = int(settled.value)
        self.session.guard(settled.node, "int", answer)
        return answer

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.shape != ():
            raise TypeError("only whole numbers can be used as an index")
        return int(self)

    def __float__(self) -> float:
        if is_writing():
            raise self._writing_refused()
        raise refusal(
            "A traced value cannot become a Python float: it would lose its history, and the gradient would be wrong.",
            hint="Leave float() out; in place of functions of math take those of NumPy (np.sin for math.sin), which are traced."
            " chalkgrad.stop_gradient(x) says that x shall count as a constant.",
        )

    def __complex__(self) -> complex:
        raise refusal(
            "A traced value cannot become complex.", hint="Chalkgrad differentiates real functions; write the parts apart."
        )

    def _writing_refused(self) -> TraceError:
        return refusal(
            "A traced value cannot be written into an ordinary array: the array would keep its number and lose its history.",
            hint="Build it from its parts with np.stack, np.concatenate or np.where, or begin with np.zeros_like(x) of a traced x.",
        )

    def item(self, *_: Any) -> float:
        return float(self)

    def tolist(self) -> Any:
        return float(self)

    def __round__(self, digits: int | None = None) -> Any:
        return np.round(self, digits or 0) if digits is not None else int(np.rint(self))

    def __floor__(self) -> int:
        return int(np.floor(self))

    def __ceil__(self) -> int:
        return int(np.ceil(self))

    def __trunc__(self) -> int:
        return int(self)

    # Entries --------------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        if self.shape == ():
            raise TypeError("len() of a single number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if self.shape == ():
            raise TypeError("iteration over a single number")
        return iter([self[place] for place in range(self.shape[0])])

    def __contains__(self, item: Any) -> bool:
        return bool(np.any(self == item))

    def __getitem__(self, index: Any) -> Any:
        return COVERED["getitem"](self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        COVERED["setitem"](self, index, value)

    def __getattr__(self, name: str) -> Any:
        """Methods are rules too: `x.sum()` is np.sum(x), and `x.sin()` is what NumPy asks of the entries of an object array."""
        rule = METHODS.get(name) or (np.__dict__.get(name) if not name.startswith("_") else None)
        if isinstance(rule, np.ufunc) or (rule is not None and name in METHODS):
            return lambda *args, **settings: rule(self, *args, **settings)
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownAttributeError(
            f"Traced values have no attribute {name!r}.", hint="Write it as a function of NumPy, or leave it out."
        )

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        return np.transpose(self)

    @property
    def mT(self) -> Any:  # noqa: N802 (the array standard's name)
        return np.swapaxes(self, -1, -2)

    @property
    def flat(self) -> Any:
        return np.reshape(self, -1)

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, None if not axes else axes[0] if len(axes) == 1 else axes)

    def astype(self, dtype: Any, **_: Any) -> Any:
        return COVERED["astype"](self, dtype)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        return np.clip(self, min, max)

    def view(self, *_: Any) -> Any:
        raise refusal("A traced array has no memory to view in another way.", hint="astype changes the kind of number.")

    # Arrays that share memory -----------------------------------------------------------------------------------------------

    def shares(self, base: "Traced") -> None:
        """Notes that NumPy would have made this a view of `base`."""
        root = base if base._base is None else base._base
        self._base = root
        root._views.append(weakref.ref(self))

    def rebind(self, other: "Traced") -> None:
        """What `x += 1` and `x[0] = 1` do: the same array, from now on with other entries."""
        if self.is_argument:
            raise refusal(
                "The function changes its own argument in place; the caller's array would be changed too.",
                hint="Work on a copy: x = x.copy(), or write x = x + 1 for x += 1.",
            )
        if self._base is not None or any(view() is not None for view in self._views):
            raise refusal(
                "This array shares its entries with another one (a slice, a transpose or a reshape of it) and is changed in place.",
                hint="Take a copy first (x.copy()), or build the new array with np.where or np.concatenate.",
            )
        self.node = other.node


METHODS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        "sum mean prod var std max min cumsum cumprod argmax argmin argsort ravel squeeze swapaxes take repeat diagonal trace dot"
        " round any all nonzero conj conjugate copy compress choose searchsorted ptp"
    ).split()
    if hasattr(np, name)
} | {"flatten": np.ravel}
