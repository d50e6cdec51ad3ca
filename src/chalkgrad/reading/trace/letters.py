"""Refusals that quote the user's own line: the line of the innermost call that is neither ours nor NumPy's.

A letter says what happened and what to write instead; the line and the carets come from the running code itself:

    I cannot turn a traced value into a Python float.

        return math.sin(x) + 1
               ^^^^^^^^^^^

    Write np.sin in place of math.sin ...
"""

import dis
import linecache
import math
import re
import sys
import traceback
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from chalkgrad.errors import ChalkgradError, NoRoomError, Span
from chalkgrad.graph.shapes import show

OURS = str(Path(__file__).parents[2])
NUMPYS = str(Path(np.__file__).parent)

Letter = TypeVar("Letter", bound=ChalkgradError)


class TraceError(ChalkgradError):
    """A function that cannot be traced, or a traced value used in a way that would give a wrong number."""


class OutOfBoundsError(TraceError, IndexError):
    """An index that its array does not have; also an IndexError, as NumPy's own is."""


def refusal(what: str, hint: str = "") -> TraceError:
    """The letter, pointing at the user's line that is running now."""
    return pointed(TraceError(what, hint=hint), users_frame())


def without_room(error: MemoryError) -> NoRoomError:
    """The letter for memory that the system did not give, pointing at the user's line that asked for it."""
    if isinstance(error, NoRoomError):
        return error
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if is_users(frame)]
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    what = "There is no room for this in memory."
    if isinstance(shape, tuple) and isinstance(dtype, np.dtype):
        size = dtype.itemsize * math.prod(shape) / 2**30
        what = f"There is no room in memory for an array of the shape {show(shape)} and the dtype {dtype}: {size:,.1f} GiB."
    hint = "Compute in parts, or keep fewer values: chalkgrad.checkpoint lets go of those that can be computed again."
    return pointed(NoRoomError(what, hint=hint), frames[-1] if frames else users_frame())


def taken_apart(error: TypeError) -> TraceError | None:
    """The letter for a NumPy function that met `np.array([x, 0.0])`, whose entries are objects; None for other errors."""
    found = re.match(r"loop of ufunc does not support argument .* of type (\w+) which has no callable (\w+) method", str(error))
    if found is None:
        return None
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if is_users(frame)]
    what = (
        f"np.array made an array of objects, traced and plain numbers, and np.{found[2]} cannot take a plain {found[1]} out of it."
    )
    letter = TraceError(what, hint="np.stack([x, 0.0]) joins traced and plain numbers, in place of np.array([x, 0.0]).")
    return pointed(letter, frames[-1] if frames else users_frame())


class Located:
    """A block of code; letters that leave it point at the user's line, unless they point somewhere already."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, letter: object, __: object) -> None:
        if isinstance(letter, ChalkgradError):
            pointed(letter, users_frame())


LOCATED = Located()


def pointed(letter: Letter, frame: FrameType | None) -> Letter:
    spot = None if frame is None or letter.span is not None else running(frame)
    return letter if spot is None else letter.located(*spot)


def running(frame: FrameType) -> tuple[str, Span] | None:
    """The line that the frame is running, and which part of it; None where there is no source."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    if not line.strip():
        return None
    start, stop = _columns(frame, line)
    indent = len(line) - len(line.lstrip())
    return line.strip(), (max(start - indent, 0), max(stop - indent, 1))


def users_frame() -> FrameType | None:
    """The innermost frame whose code is neither Chalkgrad's nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    return frame


def is_users(frame: FrameType) -> bool:
    return not frame.f_code.co_filename.startswith((OURS, NUMPYS))


def is_writing() -> bool:
    """Whether the user's frame is in the middle of `y[...] = x` or `y += x`."""
    frame = users_frame()
    return frame is not None and dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR"


def _columns(frame: FrameType, line: str) -> tuple[int, int]:
    """Where in its line the running instruction stands; Python counts the columns in bytes."""
    position: tuple[Any, ...] = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    first, last, start, stop = position
    if start is None or stop is None or dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR":
        return 0, len(line.rstrip())
    encoded = line.encode()
    begin = len(encoded[:start].decode(errors="replace"))
    end = len(encoded[:stop].decode(errors="replace")) if first == last else len(line.rstrip())
    return begin, end
