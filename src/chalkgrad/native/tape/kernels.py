"""Gates' rules as loops over runs: one kernel for each kind of gate, forward and back.

A kernel is made of the gate's own declaration and depends on nothing else of a graph, so each is compiled once. Going forward it
takes the inputs' values from their slots, several gates at a time where LLVM finds vectors for the rule. Going back it reads the
upstream gradients and the inputs' values, and adds what flows back to the inputs' gradients one by one, since inputs may coincide.
The upstream gradient is not needed after that, and is set to zero for the next time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from chalkgrad.graph.gate import Gate
from chalkgrad.native.instructions import Instructions
from chalkgrad.native.llvm import F64, I32, I64, POINTER, TRUTH, VOID, Code, Common, all_compiled, load, new_module
from chalkgrad.native.locks import open_in_forks
from chalkgrad.native.number import FLOATS, Body, NotNativeError, Number
from chalkgrad.native.tape.writing import Writing
from chalkgrad.native.unrolled import Unrolled

FEW = 6  # gates that are not worth a loop of vectors
STRIP = 64  # gates whose slopes are computed before they are added


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """A kind of gate: the gate, its settings, what its inputs are (numbers or conditions), and which of them are one wire."""

    gate: Gate
    settings: MappingProxyType[str, Any]
    inputs: tuple[Any, ...]
    wires: tuple[int, ...]
    kind: Any = F64

    @property
    def key(self) -> Any:
        return self.gate.name, repr(dict(self.settings)), tuple(map(str, self.inputs)), self.wires, str(self.kind)


class Input(Number):
    """An input of a gate; `node` tells which inputs are the same wire."""

    __slots__ = ("node",)

    def __init__(self, body: Body, value: Any, node: int) -> None:
        super().__init__(body, value)
        self.node = node

    def __pow__(self, exponent: float) -> Number:
        return Instructions(self.body).constant_power(self, exponent)


@dataclass(frozen=True, slots=True)
class Described:
    """What a gate yields, a number or a condition, and to which of its inputs a gradient flows back, as bits."""

    result: Any
    flows: int


@dataclass(frozen=True, slots=True)
class Kernel:
    code: Code  # the addresses hold as long as it is there
    forward: int
    backward: int


_LOCK = open_in_forks()
_described: dict[Any, Described] = {}
_kernels: dict[Any, Kernel] = {}


def described(signature: Signature) -> Described:
    """Reads the rules once, in a function that is thrown away. Raises NotNativeError where they have no code."""
    key = signature.key
    if key not in _described:
        if not all(map(_is_plain, signature.settings.values())):
            raise NotNativeError(f"The settings of {signature.gate.name} are no plain numbers.")
        _described[key] = _description(signature)
    return _described[key]


def _is_plain(value: Any) -> bool:
    """Whether what is printed of a setting tells it from any other."""
    return all(map(_is_plain, value)) if type(value) is tuple else value is None or type(value) in (bool, int, float, str)


def _description(signature: Signature) -> Described:
    try:
        write = Writing(new_module("look"), "look", VOID, [POINTER])
        body = Body(write.build, signature.kind)
        xp = Unrolled(body)
        inputs = [
            Input(body, write.read(kind, write.given[0], I64(place)), node)
            for place, (kind, node) in enumerate(zip(signature.inputs, signature.wires, strict=True))
        ]
        out = _result(signature, xp, inputs)
        flows = 0
        if signature.gate.differentiable:
            found = _slopes(signature, xp, inputs, out, Number(body, write.read(signature.kind, write.given[0], I64(0))))
            flows = sum(1 << place for place, one in enumerate(found) if one is not None)
        return Described(out.value.type, flows)
    except (AttributeError, TypeError) as trouble:
        raise NotNativeError(f"The rules of {signature.gate.name} have no machine code for single numbers.") from trouble


def kernels(signatures: Sequence[Signature], common: Sequence[Common] = ()) -> list[Kernel]:
    """The kernels, each compiled at its first use, and `common` beside them."""
    with _LOCK:
        fresh = {one.key: one for one in signatures if one.key not in _kernels}
        images = all_compiled([(_written(one), 2) for one in fresh.values()], common)
        for key, image in zip(fresh, images, strict=True):
            code = load(image, ["forward", "backward"])
            _kernels[key] = Kernel(code, code.address("forward"), code.address("backward"))
        return [_kernels[one.key] for one in signatures]


def _written(signature: Signature) -> Any:
    module = new_module("kernel")
    _forward(module, "forward", signature)
    _backward(module, "backward", signature)
    return module


def _result(signature: Signature, xp: Unrolled, inputs: Sequence[Number]) -> Number:
    body = xp.body
    out = body.lift(signature.gate.forward(xp, *inputs, **signature.settings))
    if out.weak:
        out = body.cast(out, signature.kind)
    if out.value.type not in (*FLOATS, TRUTH):
        raise NotNativeError(f"{signature.gate.name} yields whole numbers, which a tape does not hold.")
    return out


def _slopes(signature: Signature, xp: Unrolled, inputs: Sequence[Number], out: Number, upstream: Number) -> "list[_Slope | None]":
    """What flows back to each input."""
    gate, settings, body = signature.gate, signature.settings, xp.body
    if gate.local is not None:
        return [None if one is None else _Slope(signature, body, upstream, one) for one in gate.local(xp, *inputs, out, **settings)]
    if gate.push is not None or gate.pull is None:
        raise NotNativeError(f"The slope of {gate.name} is told by its tangent, which a tape does not hold.")
    pulled = [gate.pull(xp, upstream, inputs, place, **settings) for place in range(len(inputs))]
    return [None if one is None else _Slope(signature, body, body.lift(one), 1.0) for one in pulled]


class _Slope:
    """Upstream times local, without a product where the local gradient is written as 1, −1 or 0."""

    def __init__(self, signature: Signature, body: Body, upstream: Number, local: Any) -> None:
        self.plain = isinstance(local, int | float) and local in (1, -1, 0)
        self.value: Any = None  # None: nothing to add
        if self.plain and local == 0:
            return
        product = upstream if self.plain else body.lift(local) * upstream
        self.value = body.cast(product, signature.kind).value
        self.negative = self.plain and local == -1
        self.same = self.plain and product is upstream


class _Run:
    """The arguments of a kernel, and how an input's slot is found."""

    def __init__(self, module: Any, name: str, signature: Signature, columns: int) -> None:
        kinds = [*[POINTER] * (columns + 1), I64]
        self.signature = signature
        self.write = Writing(module, name, VOID, kinds, range(columns + 1))
        self.columns = self.write.given[:columns]
        self.operands, self.count = self.write.given[columns:]
        self.body = Body(self.write.build, signature.kind)
        self.xp = Unrolled(self.body)
        self.starts = [self.write.build.mul(self.count, I64(place)) for place in range(len(signature.inputs))]

    def slot(self, place: int, gate: Any) -> Any:
        return self.write.index(self.operands, self.write.build.add(self.starts[place], gate), I32)

    def number(self, column: Any, slot: Any, kind: Any) -> Number:
        """The number as its producer meant it: conditions and narrower floats stand in the column as floats."""
        return self.body.cast(Number(self.body, self.write.read(self.signature.kind, column, slot)), kind)

    def inputs(self, values: Any, gate: Any) -> list[Number]:
        signature = self.signature
        taken: dict[int, Any] = {}
        found: list[Number] = []
        for place, (kind, node) in enumerate(zip(signature.inputs, signature.wires, strict=True)):
            if node not in taken:
                taken[node] = self.number(values, self.slot(place, gate), kind).value
            found.append(Input(self.body, taken[node], node))
        return found


def _forward(module: Any, name: str, signature: Signature) -> None:
    """name(values, values of the run, operands, count)"""
    run = _Run(module, name, signature, 2)
    values, here = run.columns
    with run.write.counting(I64(0), run.count) as gate:
        out = _result(signature, run.xp, run.inputs(values, gate))
        run.write.put(run.body.cast(out, signature.kind).value, here, gate)
    run.write.build.ret_void()


def _backward(module: Any, name: str, signature: Signature) -> None:
    """name(values, values of the run, gradients, gradients of the run, operands, count)"""
    run = _Run(module, name, signature, 4)
    if not signature.gate.differentiable or not described(signature).flows:
        run.write.build.ret_void()
        return
    write, build = run.write, run.write.build
    gradients = run.columns[2]
    few = build.icmp_signed("<", run.count, I64(FEW))
    with build.if_else(few) as (then, otherwise):
        with then, write.counting(I64(0), run.count) as gate:
            for place, slope in _flowing(run, gate):
                _add(run, gradients, place, gate, slope.value, slope.negative)
        with otherwise:
            _in_strips(run, gradients)
    build.ret_void()


def _in_strips(run: _Run, gradients: Any) -> None:
    """Slopes of a strip of gates first, in a loop that can use vectors, and then one sum after the other."""
    write, build, kind = run.write, run.write.build, run.signature.kind
    start = write.variable(I64, 0)
    with write.following(lambda: build.icmp_signed("<", start.get(), run.count)):
        first = start.raised(I64(STRIP))
        rest = build.sub(run.count, first)
        length = build.select(build.icmp_signed("<", rest, I64(STRIP)), rest, I64(STRIP))
        room: dict[int, Any] = {}  # what waits to be added, by input
        with write.counting(I64(0), length) as place:
            slopes = _flowing(run, build.add(first, place))
            for slot, slope in slopes:
                key = -1 if slope.same else slot
                if key not in room:
                    room[key] = write.room(kind, STRIP)
                    write.put(slope.value, room[key], place)
        with write.counting(I64(0), length) as place:
            for slot, slope in slopes:
                share = write.read(kind, room[-1 if slope.same else slot], place)
                _add(run, gradients, slot, build.add(first, place), share, slope.negative)


def _flowing(run: _Run, gate: Any) -> "list[tuple[int, _Slope]]":
    """What flows back from a gate of the run, by input; takes the upstream gradient away."""
    signature, write = run.signature, run.write
    values, here, _, upstreams = run.columns
    upstream = Number(run.body, write.read(signature.kind, upstreams, gate))
    write.put(signature.kind(0.0), upstreams, gate)
    out = run.number(here, gate, described(signature).result)
    slopes = _slopes(signature, run.xp, run.inputs(values, gate), out, upstream)
    return [(place, slope) for place, slope in enumerate(slopes) if slope is not None and slope.value is not None]


def _add(run: _Run, gradients: Any, place: int, gate: Any, share: Any, negative: bool) -> None:
    build, target = run.write.build, run.slot(place, gate)
    before = run.write.read(run.signature.kind, gradients, target)
    run.write.put((build.fsub if negative else build.fadd)(before, share), gradients, target)
