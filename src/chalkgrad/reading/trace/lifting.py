"""What becomes of plain numbers and arrays that meet a traced value: constants of the trace, or a letter.

An array of objects that holds traced numbers (what `np.array([x, y])` makes) is joined to one traced array.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.reading.masked import is_masked_array
from chalkgrad.reading.trace.letters import LOCATED, OutOfBoundsError, pointed, refusal, users_frame
from chalkgrad.reading.trace.session import Trace, current
from chalkgrad.reading.trace.traced import Traced

FLOAT = np.dtype(np.float64)
VIEWS = frozenset({"index", "reshape", "transpose", "broadcast_to"})


def apply(name: str, *inputs: Any, **params: Any) -> Traced:
    """Append the gate `name` over traced and plain inputs."""
    with LOCATED:
        trace = trace_of(inputs)
        settled = [joined(one) for one in inputs]
        kind = weak_kind(settled) if any(isinstance(one, int) for one in settled) else FLOAT
        nodes = [wire(trace, one, kind) for one in settled]
        try:
            result = Traced(trace, trace.call(name, *nodes, **params))
        except IndexError as error:
            raise out_of_bounds(trace, error) from None
        if name in VIEWS and result.shape != () and isinstance(inputs[0], Traced):
            result.shares(inputs[0])
        return result


def out_of_bounds(trace: Trace, error: IndexError) -> OutOfBoundsError:
    """NumPy's verdict on an index as a letter. The function may catch it, and that way hangs on values, so it is taken once."""
    trace.repeatable = False
    said = str(error)
    hint = "Entries count from 0; -1 is the last." if "out of bounds" in said else ""
    letter = OutOfBoundsError(f"{said[:1].upper()}{said[1:]}.", hint=hint)
    return pointed(letter, users_frame())


def traced(value: Any) -> Any:
    """The value as a `Traced`; to the type checker an array like any other."""
    if isinstance(value, Traced):
        return value
    held = joined(value)
    if isinstance(held, Traced):
        return held
    trace = trace_of((held,))
    return Traced(trace, wire(trace, held, FLOAT))


def trace_of(inputs: Sequence[Any]) -> Trace:
    """The trace to which the inputs belong."""
    for one in inputs:
        if isinstance(one, Traced):
            one.usable()
    found = {id(one.session): one.session for one in inputs if isinstance(one, Traced)}
    here = current()
    if len(found) > 1 or (found and here is not None and id(here) not in found):
        raise refusal(
            "Traced values of two different runs meet here: one was kept from an earlier call or comes from another thread.",
            hint="Pass it as an argument, or return it; has_aux=True returns things beside the result.",
        )
    trace = next(iter(found.values()), here)
    if trace is None:
        raise refusal("There is nothing to trace here.")
    return trace


def weak_kind(inputs: Sequence[Any]) -> np.dtype[Any]:
    """The kind of number that a plain Python number becomes beside these inputs, as NumPy would have it."""
    strong = [one.dtype for one in inputs if isinstance(one, Traced | np.ndarray | np.generic)]
    return np.result_type(*strong) if strong else np.dtype(np.float64)


def wire(trace: Trace, value: Any, kind: np.dtype[Any]) -> int:
    """The node of a value; plain ones become constants."""
    if isinstance(value, Traced):
        return value.node
    if isinstance(value, bool):
        return trace.constant(np.bool_(value))
    if isinstance(value, int):
        if kind.kind == "f":
            return trace.constant(float(value))
        return trace.constant(np.asarray(value, dtype=np.result_type(kind, np.int64) if kind.kind == "b" else kind))
    return trace.constant(value)


def joined(value: Any) -> Any:
    """Plain numbers as they are, lists and ranges as arrays, arrays that hold traced numbers as one traced array; else a letter."""
    if isinstance(value, Traced | bool | int | float):
        return value
    if isinstance(value, list | tuple | range):
        value = _array(value)
    if is_masked_array(value):
        raise refusal(
            "Masked arrays cannot be traced: their gradient would ignore the mask.", hint="Write np.where(mask, ..., ...)."
        )
    if isinstance(value, np.matrix):
        raise refusal("np.matrix cannot be traced: its * means something else.", hint="Use np.asarray(...) and @.")
    if isinstance(value, np.ndarray | np.generic):
        return _checked(value)
    if hasattr(value, "__array__"):
        return _checked(np.asarray(value))
    raise refusal(f"A value of type {type(value).__name__} cannot be part of a calculation that is traced.",
                  hint="Numbers and NumPy arrays can.")  # fmt: skip


def _array(values: Sequence[Any]) -> Any:
    try:
        return np.array(values)
    except ValueError:
        raise refusal("The rows of this list are of different lengths.", hint="An array needs rows of one length.") from None


def _checked(value: Any) -> Any:
    kind = value.dtype.kind
    if kind in "biuf":
        return value
    if kind == "O" and isinstance(value, np.ndarray) and any(isinstance(one, Traced) for one in value.flat):
        return _joined_entries(value)
    if kind == "c":
        raise refusal("Complex numbers cannot be traced yet.", hint="Write the real and the imaginary part as arrays of their own.")
    names = {"O": "objects", "U": "texts", "S": "bytes", "M": "dates", "m": "time spans", "V": "records"}
    raise refusal(f"An array of {names.get(kind, str(value.dtype))} cannot be traced.",
                  hint="Convert it to numbers before, with astype(float).")  # fmt: skip


def _joined_entries(array: Any) -> Any:
    entries = list(array.flat)
    whole = _untouched(array, entries)
    if whole is not None:
        return whole
    if any(isinstance(one, Traced) and one.shape != () for one in entries):
        raise refusal(
            "Arrays of different shapes stand in one array of objects.", hint="np.concatenate joins arrays of different lengths."
        )
    vector = apply("stack", *entries)
    return vector if vector.shape == array.shape else apply("reshape", vector, shape=array.shape)


def _untouched(array: Any, entries: list[Any]) -> Traced | None:
    """The traced array itself, where its entries stand as `np.asarray` laid them out."""
    part = entries[0]._part if isinstance(entries[0], Traced) else None
    if part is None or part[0].shape != array.shape:
        return None
    whole: Traced = part[0]
    same = all(isinstance(one, Traced) and one._part is not None and one._part[0] is whole and one._part[1] == place
               for place, one in enumerate(entries))  # fmt: skip
    return whole if same else None
