"""`compile`: a formula as machine code, to be called with Python floats.

>>> f = compile("f = (x + y) * z")
>>> f(-2.0, 5.0, 2.0)
6.0
>>> f.value_and_grad(-2.0, 5.0, z=2.0)
(6.0, (2.0, 2.0, 3.0))
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MethodType
from typing import Any

import numpy as np

from chalkgrad.app.batched import Batches
from chalkgrad.app.calls import MOST_SHAPES, as_number, on_tape, slowly
from chalkgrad.app.drawn import as_formula
from chalkgrad.app.shaped import Shaped
from chalkgrad.errors import ChalkgradError, GivenError, ShapeError, nearest
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.native import explained_straight, straight
from chalkgrad.native.locks import Once, open_in_forks
from chalkgrad.native.recycling import NOTHING
from chalkgrad.reading.formula import Formula, inputs_of, read
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.forward import forward
from chalkgrad.transform.picked import by_places
from chalkgrad.transform.stabilise import Rewrite
from chalkgrad.transform.stabilise.formulas import in_stable_form

Numbers = Sequence[Any]
WHAT = ("value", "value_and_grad", "grad", "hessian")


def compile(formula: str | Wire, *, ties: str = "one", stabilise: bool | None = None) -> "CompiledFormula":
    """A formula as functions that take and return Python floats, at the speed of C.

    The inputs come in order of their appearance (`.inputs`) or by name; those with a value in the formula may be left out.
    Arrays are taken too; then the formula is compiled for their shapes, in float32 where every array is. Textbook forms are
    computed in stable forms, which `.rewrites` tells, unless `stabilise` is False. A wire of a `drawing()` is compiled with what
    was drawn until now, and literally unless `stabilise` is True. Raises ChalkgradError for what cannot be read.

    >>> print(*compile("log(1 + exp(x))").rewrites)
    log(1 + exp(x))  →  softplus(x)
    """
    return CompiledFormula(formula, ties, stabilise)


class CompiledFormula:
    """`f(...)` is the value, `f.grad`, `f.value_and_grad` and `f.hessian` are called alike; `f.batch` takes many points at once.

    The gradient is a tuple with the partial derivative by each input, the Hessian a tuple of its rows.
    """

    def __init__(self, source: str | Wire, ties: str = "one", stabilise: bool | None = None) -> None:
        self.source = source
        self.ties = ties
        self.stabilise = stabilise if stabilise is not None else not isinstance(source, Wire)
        if isinstance(source, Wire) and ties != "one":
            raise GivenError("What is drawn says at each gate how it treats ties: draw.maximum(a, b, ties=…).")
        self._form: Formula | None = None  # of single numbers, where they will do
        self.rewrites: tuple[Rewrite, ...] = ()
        try:
            formula = as_formula(source) if isinstance(source, Wire) else read(source, ties=ties)
            self._form, self.rewrites = in_stable_form(formula) if self.stabilise else (formula, ())
            known = {name: formula.given.get(node) for name, node in formula.leaves.items()}
        except ShapeError:  # it needs arrays, which a call may bring
            known = inputs_of(str(source))
            if not known:
                raise
        self.inputs = tuple(known)
        self._defaults = {name: value for name, value in known.items() if value is not None}
        self._shaped: dict[Any, Shaped] = {}
        self._ready: dict[Any, Callable[[Sequence[Any]], Any]] = {}  # by what is asked and the kinds of the values
        self._batches = Batches(self)
        self._lock = open_in_forks()  # held while graphs grow and code is made, not while it runs

    def __reduce__(self) -> Any:
        """A copy, or what comes out of a pickle, reads the formula again and makes its code anew."""
        if isinstance(self.source, Wire):
            raise GivenError("What was drawn cannot be copied or pickled.", hint="Draw it again, or write it as text.")
        return CompiledFormula, (self.source, self.ties, self.stabilise)

    def __repr__(self) -> str:
        return f"<compiled {self.source!r} of {', '.join(self.inputs) or 'no inputs'}>"

    def __call__(self, *values: Any, **named: Any) -> Any:
        return self.value(*values, **named)

    # Each of these becomes, when first asked for, the fast function itself: an attribute of the instance, without Python between.

    @Once
    def value(self) -> Callable[..., Any]:
        """The value."""
        return self._function("value")

    @Once
    def grad(self) -> Callable[..., Any]:
        """The partial derivative by each input."""
        return self._function("grad")

    @Once
    def value_and_grad(self) -> Callable[..., Any]:
        """The value, and the partial derivative by each input."""
        return self._function("value_and_grad")

    @Once
    def hessian(self) -> Callable[..., Any]:
        """The second derivatives, a row for each input."""
        return self._function("hessian")

    def jvp(self, primals: Numbers, tangents: Numbers) -> tuple[Any, Any]:
        """The value at `primals`, and how it moves as they move by `tangents`.

        >>> compile("x * y").jvp((2.0, 3.0), (1.0, 0.5))
        (6.0, 4.0)
        """
        point, moves = self._floats(primals), self._floats(tangents)
        if self._for_shapes(self._single).tape is not None:
            value, slopes = self.value_and_grad(*point)
            return value, sum(slope * move for slope, move in zip(slopes, moves, strict=True))
        found: tuple[Any, Any] = self._jvp(*point, *moves)
        return found

    def _floats(self, given: Numbers) -> list[float]:
        try:
            numbers = [as_number(name, one) for name, one in zip(self.inputs, given, strict=True)]
        except (TypeError, ValueError):
            raise GivenError(f"jvp takes {len(self.inputs)} numbers and as many tangents: ({', '.join(self.inputs)}).") from None
        if any(one.shape or isinstance(one, Traced) for one in numbers):
            raise GivenError("jvp is for single numbers.", hint="chalkgrad.jvp takes NumPy functions of arrays.")
        return [float(one) for one in numbers]

    @Once
    def _jvp(self) -> Callable[..., Any]:
        formula = self._read(self._single)
        graph, leaves = formula.graph, list(formula.leaves.values())
        tangents = [graph.leaf(f"d{name}") for name in self.inputs]
        moved = forward(graph, formula.output, dict(zip(leaves, tangents, strict=True)))
        outputs = [formula.output, graph.constant(0.0) if moved is None else moved]
        return straight(graph, [*leaves, *tangents], outputs, [None, None], "jvp", _no_other_way)

    @property
    def _single(self) -> tuple[Shape, ...]:
        """The shapes where each input is a single number."""
        return ((),) * len(self.inputs)

    def _read(self, shapes: tuple[Shape, ...]) -> Formula:
        if isinstance(self.source, Wire):
            assert self._form is not None
            if any(shapes):
                raise GivenError(
                    "What was drawn is of single numbers, and arrays were given.", hint="batch takes many points at once."
                )
            return replace(self._form, graph=self._form.graph.copied())
        pairs = zip(self.inputs, shapes, strict=True) if any(shapes) else ()
        given = {name: np.zeros(shape)[()] for name, shape in pairs if name not in self._defaults}
        formula = read(self.source, given if any(shapes) else None, ties=self.ties)
        return by_places(in_stable_form(formula)[0] if self.stabilise else formula)

    def _function(self, what: str) -> Callable[..., Any]:
        """The function of floats; where the formula has none, what takes arrays."""
        otherwise = MethodType(partial(slowly, what), self)
        try:
            shaped = self._for_shapes(self._single)
        except ChalkgradError:  # it needs arrays, which a call may bring
            return otherwise
        with self._lock:
            if what != "hessian" and shaped.tape is not None:
                return on_tape(what, self, shaped, otherwise)
            return shaped.straight(what, otherwise) or otherwise

    def _bound(self, values: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        if len(values) > len(self.inputs):
            raise GivenError(f"{len(values)} values were given for {len(self.inputs)} inputs: {', '.join(self.inputs) or 'none'}.")
        found = dict(self._defaults)
        found.update(zip(self.inputs, values, strict=False))
        for name, value in named.items():
            if name not in self.inputs:
                close = nearest(name, self.inputs)
                raise GivenError(f"The formula has no input {name!r}.", hint=f"It has {', '.join(close or self.inputs) or 'none'}.")
            if name in self.inputs[: len(values)]:
                raise GivenError(f"{name} was given twice: by its place and by its name.")
            found[name] = value
        missing = [name for name in self.inputs if name not in found]
        if missing:
            raise GivenError(f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no value.",
                             hint=f"The inputs in order: {', '.join(self.inputs)}.")  # fmt: skip
        return [as_number(name, found[name]) for name in self.inputs]

    def _for_shapes(self, shapes: tuple[Shape, ...]) -> Shaped:
        with self._lock:
            if shapes not in self._shaped:
                if len(self._shaped) > MOST_SHAPES:
                    self._shaped.clear()
                self._shaped[shapes] = Shaped(self._form if self._form and not any(shapes) else self._read(shapes))
            return self._shaped[shapes]

    def explain_compile(self) -> Any:
        """Why it is fast: what became of the gates, and the code in LLVM's and the processor's instructions.

        >>> print(compile("x * y").explain_compile())
        Straight-line code in registers: 1 gates (multiply), 3 results, no loop, no memory between.
        """
        with self._lock:
            shaped = self._for_shapes(self._single)
            return explained_straight(*shaped.differentiated()) if shaped.tape is None else shaped.tape.explained()

    def batch(self, **arrays: Any) -> tuple[Any, tuple[Any, ...]]:
        """The value and all partial derivatives at many points at once, in one loop.

        Each input is an array with an entry for each point, or a number for all of them. The value and the derivatives are arrays
        of the points' common shape, float32 where every array is.

        >>> value, (by_x, by_y) = compile("x * exp(y)").batch(x=np.array([1.0, 2.0]), y=0.0)
        >>> value, by_y
        (array([1., 2.]), array([1., 2.]))
        """
        return self._batches.run(NOTHING, arrays)

    def batch_into(self, out: Any, /, **arrays: Any) -> tuple[Any, tuple[Any, ...]]:
        """The same, written into arrays that you give: (value, (by_x, by_y)), with None for what you want as a new array.

        >>> slopes = np.empty(2)
        >>> value, (_, same) = compile("x * exp(y)").batch_into((None, (None, slopes)), x=np.array([1.0, 2.0]), y=0.0)
        >>> slopes, same is slopes
        (array([1., 2.]), True)
        """
        if (found := self._batches.at_once(out, arrays)) is not None:
            return found  # type: ignore[no-any-return]
        filling = importlib.import_module("chalkgrad.transform.api.filling")  # which loads optree, for this alone
        into = filling.offered_for(out, (None, (None,) * len(self.inputs)))
        return filling.filled(out, self._batches.run(into, arrays))  # type: ignore[no-any-return]


def _no_other_way(*values: Any, **named: Any) -> Any:
    raise GivenError("This function takes exactly its floats.")
