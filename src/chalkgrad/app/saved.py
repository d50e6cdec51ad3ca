"""The arguments of a call in a file: arrays as arrays, everything around them as JSON, no pickle.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     file, script = save(Path(folder), "loss", np.sin, ({"w": np.ones(2), "n": 3},), {"rate": 0.5})
...     load_inputs(file)
(({'w': array([1., 1.]), 'n': 3},), {'rate': 0.5})
"""

import inspect
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError

LAYOUT = "layout"
SCRIPT = '''"""Repeats the diagnosis of {name}, whose result was not finite, with the arguments of that call."""

from pathlib import Path

import chalkgrad
{imported}
args, settings = chalkgrad.load_inputs(Path(__file__).with_suffix(".npz"))
chalkgrad.doctor({name}, *args, **settings).show()
'''


def save(folder: Path, name: str, f: Callable[..., Any], args: tuple[Any, ...], settings: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write the arguments, and a script that calls the doctor with them; returns both paths."""
    arrays: dict[str, np.ndarray] = {}
    layout = {"args": [_laid(one, arrays) for one in args], "settings": {key: _laid(one, arrays) for key, one in settings.items()}}
    stem = f"chalkgrad-{name if name.isidentifier() else 'function'}-{datetime.now():%Y%m%d-%H%M%S-%f}"
    file, script = folder / f"{stem}.npz", folder / f"{stem}.py"
    try:
        np.savez(file, **{LAYOUT: np.array(json.dumps(layout)), **arrays})  # type: ignore[arg-type]
        script.write_text(SCRIPT.format(name=_callable_name(f), imported=_import_of(f)), encoding="utf-8")
    except OSError as error:
        raise ChalkgradError(f"A result is not finite, and its inputs could not be saved: {error.strerror or error}.") from None
    return file, script


def load_inputs(file: str | Path) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments that `watch` saved: by position, and by name. Raises ChalkgradError for another file."""
    try:
        with np.load(file, allow_pickle=False) as held:
            layout = json.loads(str(held[LAYOUT]))
            args = tuple(_put_back(one, held) for one in layout["args"])
            return args, {key: _put_back(one, held) for key, one in layout["settings"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChalkgradError(f'"{file}" holds no inputs that watch saved: {error}.') from None


def _laid(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A tree of arguments as JSON, its arrays put aside."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        arrays[f"a{len(arrays)}"] = np.asarray(value)
        return {"array": f"a{len(arrays) - 1}", "single": isinstance(value, np.generic)}
    if isinstance(value, float):
        return {"float": value.hex()}
    if value is None or isinstance(value, bool | int | str):
        return {"plain": value}
    if isinstance(value, dict):
        return {"dict": [[_laid(key, arrays), _laid(one, arrays)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return {"tuple" if isinstance(value, tuple) else "list": [_laid(one, arrays) for one in value]}
    return {"unknown": repr(value)}


def _put_back(laid: dict[str, Any], held: Any) -> Any:
    if "array" in laid:
        array = held[laid["array"]]
        return array[()] if laid["single"] else array
    if "float" in laid:
        return float.fromhex(laid["float"])
    if "dict" in laid:
        return {_put_back(key, held): _put_back(one, held) for key, one in laid["dict"]}
    if "unknown" in laid:
        raise ChalkgradError(
            f"An argument could not be saved; it was {laid['unknown']}.", hint="Make it again, beside what was saved."
        )
    for kind, make in (("tuple", tuple), ("list", list)):
        if kind in laid:
            return make(_put_back(one, held) for one in laid[kind])
    return laid["plain"]


def _callable_name(f: Callable[..., Any]) -> str:
    name = getattr(f, "__qualname__", "")
    return name if name and all(part.isidentifier() for part in name.split(".")) else "function"


def _import_of(f: Callable[..., Any]) -> str:
    """How the script comes by the function; where it has no name to ask for, a line for the reader to fill in."""
    name, module = _callable_name(f), getattr(f, "__module__", None)
    if name == "function" or module is None:
        return "\nfunction = ...  # put the function here that was watched\n"
    top = name.split(".")[0]
    if module != "__main__":
        return f"from {module} import {top}\n"
    try:
        source = str(Path(inspect.getsourcefile(f) or "").resolve())
    except (OSError, TypeError):
        return f"\n{top} = ...  # put the function here that was watched\n"
    return f"from runpy import run_path\n\n{top} = run_path({source!r})[{top!r}]  # runs what is not behind `if __name__ == ...`\n"
