"""Polynomials written out: what cancels in them cancels before anything is rounded.

(x + h)³ − x³ is 3·x²·h + 3·x·h² + h³, and over h one factor less; (x² − y²)/(x − y) is x + y; S − √T is (S² − T)/(S + √T), where
S² − T loses its large terms.
"""

from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire

EXPANDED = Remedy("written out", "powers of sums differ by little, and written out their large terms cancel exactly")
CONJUGATE = Remedy("by the conjugate", "a sum and a root are close, and the difference of their squares loses its large terms")
MOST_TERMS, MOST_DEGREE = 16, 8

Monomial = tuple[tuple[int, int], ...]  # wires with their powers, in order
Polynomial = dict[Monomial, float]


def expanded(patient: Patient) -> Iterator[Draft]:
    """Differences of which terms cancel when they are written out, and quotients that come out even."""
    for node in patient.nodes:
        name, inputs = patient.name(node), patient.graph.inputs(node)
        if name == "divide" and (patient.sick(node) or patient.sick(inputs[0])):
            above, below = (_written_out(patient, one) for one in inputs)
            even = _quotient(above, below) if above and below else None
            if even and above != {((patient.views.numbers.of(inputs[0]), 1),): 1.0}:
                yield Draft(node, EXPANDED, partial(_drawn, even))
        elif name in ("add", "subtract") and patient.sick(node):
            whole = _written_out(patient, node)
            if whole and len(whole) < _size(patient, node):
                yield Draft(node, EXPANDED, partial(_drawn, whole))


def _quotient(above: Polynomial, below: Polynomial) -> Polynomial | None:
    """above/below, if nothing is left over; below is a product, or a sum with a wire that its other terms do not have."""
    if len(below) == 1:
        ((factors, coefficient),) = below.items()
        divided = {_over(one, factors): value / coefficient for one, value in above.items()}
        return None if any(power < 0 for one in divided for _, power in one) else divided
    lone = [
        one[0][0] for one in below if len(one) == 1 and one[0][1] == 1 and sum(one[0][0] in dict(other) for other in below) == 1
    ]
    if not lone:
        return None
    wire = lone[0]
    scale = below[((wire, 1),)]
    root = {one: -value / scale for one, value in below.items() if one != ((wire, 1),)}  # below = scale · (wire − root)
    columns: dict[int, Polynomial] = {}  # above by the powers of the wire
    for one, value in above.items():
        power = dict(one).get(wire, 0)
        columns.setdefault(power, {})[_over(one, ((wire, power),))] = value
    result: Polynomial = {}
    carried: Polynomial | None = {}
    for power in range(max(columns), -1, -1):  # Horner's division by wire − root
        if carried is None:
            return None
        times = _times(carried, root)
        column = None if times is None else _plus(columns.get(power, {}), times, 1.0)
        if column is None:
            return None
        if not power:
            return result if not column else None
        result |= {_over(one, ((wire, 1 - power),)): value / scale for one, value in column.items()}
        carried = column
    return None


def conjugates(patient: Patient) -> Iterator[Draft]:
    """A + B·√T where B²·T − A², written out, is shorter than B²·T and A²."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
            continue
        written = _written_out(patient, node)
        roots = {wire for factors in written or () for wire, _ in factors if patient.name(wire) in ("sqrt", "hypot")}
        if written is None or len(roots) != 1:
            continue
        (root,) = roots
        plain = {factors: value for factors, value in written.items() if root not in dict(factors)}
        beside = {_over(factors, ((root, 1),)): value for factors, value in written.items() if factors not in plain}
        under = _under(patient, root)
        if not plain or under is None or any(root in dict(factors) for factors in beside):
            continue
        squares = _times(plain, plain), _times(beside, beside)
        raised = None if squares[1] is None else _times(squares[1], under)
        left = None if raised is None or squares[0] is None else _plus(raised, squares[0], -1.0)
        if left and len(left) < len(squares[0] or ()) + len(raised or ()):
            yield Draft(node, CONJUGATE, partial(_by_conjugate, plain, beside, left, root))


def _under(patient: Patient, root: int) -> Polynomial | None:
    """The square of a root."""
    parts = [_written_out(patient, one) for one in patient.graph.inputs(root)]
    if len(parts) == 1:
        return parts[0]
    squares = [None if one is None else _times(one, one) for one in parts]
    return None if squares[0] is None or squares[1] is None else _plus(squares[0], squares[1], 1.0)


def _by_conjugate(plain: Polynomial, beside: Polynomial, left: Polynomial, root: int, canvas: Canvas) -> Wire:
    below = canvas.now(root) if beside == {(): 1.0} else _drawn(beside, canvas) * canvas.now(root)
    return _drawn(left, canvas) / (below - _drawn(plain, canvas))


def _size(patient: Patient, node: int) -> int:
    """How many terms there would be if nothing cancelled."""
    parts = [_written_out(patient, one) for one in patient.graph.inputs(node)]
    return sum(len(one) for one in parts if one is not None)


def _written_out(patient: Patient, node: int, depth: int = 8) -> Polynomial | None:
    """The wire as a polynomial of wires; None where that is too long."""
    number = patient.views.number(node)
    if number is not None:
        return {(): number} if number else {}
    name, inputs = patient.name(node), patient.graph.inputs(node)
    power = {"square": 2.0}.get(name, patient.graph.settings(node)["exponent"] if name == "constant_power" else 0.0)
    raised = 2.0 <= power <= MOST_DEGREE and power == int(power)
    if depth and (raised or name in ("add", "subtract", "multiply", "negative", "divide", "square_difference", "one_minus_square")):
        parts = [_written_out(patient, one, depth - 1) for one in inputs]
        if any(one is None for one in parts):
            return None
        known = [one for one in parts if one is not None]
        if name in ("add", "subtract"):
            return _plus(known[0], known[1], 1.0 if name == "add" else -1.0)
        if name in ("square_difference", "one_minus_square"):
            unity: Polynomial = {(): 1.0}
            first, second = (_times(part, part) for part in ([unity, *known] if len(known) == 1 else known))
            return None if first is None or second is None else _plus(first, second, -1.0)
        if name == "negative":
            return {one: -value for one, value in known[0].items()}
        if name == "multiply":
            return _times(known[0], known[1])
        if name == "divide":
            if list(known[1]) == [()]:
                return {one: value / known[1][()] for one, value in known[0].items()}
        else:
            result: Polynomial | None = known[0]
            for _ in range(int(power) - 1):
                result = None if result is None else _times(result, known[0])
            return result
    return {((patient.views.numbers.of(node), 1),): 1.0}


def _plus(one: Polynomial, other: Polynomial, sign: float) -> Polynomial | None:
    result = dict(one)
    for factors, value in other.items():
        result[factors] = result.get(factors, 0.0) + sign * value
    result = {factors: value for factors, value in result.items() if value}
    return result if len(result) <= MOST_TERMS else None


def _times(one: Polynomial, other: Polynomial) -> Polynomial | None:
    result: Polynomial = {}
    for factors, value in one.items():
        for others, beside in other.items():
            joined = _over(factors, tuple((wire, -power) for wire, power in others))
            result[joined] = result.get(joined, 0.0) + value * beside
    fits = len(result) <= MOST_TERMS and all(sum(power for _, power in factors) <= MOST_DEGREE for factors in result)
    return {factors: value for factors, value in result.items() if value} if fits else None


def _over(factors: Monomial, below: Monomial) -> Monomial:
    powers = dict(factors)
    for wire, power in below:
        powers[wire] = powers.get(wire, 0) - power
    return tuple(sorted((wire, power) for wire, power in powers.items() if power))


def _drawn(polynomial: Polynomial, canvas: Canvas) -> Wire:
    total: Wire | None = None
    for factors, value in polynomial.items():
        product: Wire | None = None
        for wire, power in factors:
            one = canvas.now(wire) if power == 1 else canvas.now(wire) ** power
            product = one if product is None else product * one
        size = abs(value)
        term = canvas.constant(size) if product is None else product if size == 1.0 else size * product
        signed = term if value > 0 else -term
        total = signed if total is None else total + term if value > 0 else total - term
    assert total is not None
    return total
