"""The table of gates: how formulas call each, its local gradients, its lesson, its kinks. Made from the declarations alone."""

import json
from dataclasses import asdict, dataclass
from types import MappingProxyType

from chalkgrad.explain.rendering import Rendered
from chalkgrad.gates import GATES
from chalkgrad.gates.choice import TIE_CONVENTIONS
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.notation.expression import Part, write
from chalkgrad.notation.numbers import show

SCHEMA = "chalkgrad.gates/1"
LETTERS = "xyzuvw"
CHOICE = "1 for what is chosen, 0 for the rest"


@dataclass(frozen=True, slots=True)
class Row:
    """One gate of the table, all in words."""

    name: str
    family: str
    written: str
    slopes: tuple[str, ...]
    means: str
    lesson: str
    kinks: tuple[str, ...]


class GateTable(Rendered):
    """Every gate, in the order of declaration; `rows` holds the data."""

    renderers = MappingProxyType(
        {
            "text": "chalkgrad.explain.text:render_gates",
            "markdown": "chalkgrad.explain.gate_table:to_markdown",
            "json": "chalkgrad.explain.gate_table:to_json",
        }
    )

    def __init__(self) -> None:
        self.rows = tuple(row(gate) for gate in GATES.values())


def to_json(table: GateTable) -> str:
    """The table as JSON."""
    return json.dumps({"schema": SCHEMA, "gates": [asdict(one) for one in table.rows]}, ensure_ascii=False, indent=1)


def to_markdown(table: GateTable) -> str:
    """The table as Markdown."""
    lines = ["| gate | in a formula | local gradients | lesson |", "|---|---|---|---|"]
    for one in table.rows:
        cells = (one.name, f"`{one.written}`", "; ".join(one.slopes) or "–", one.lesson)
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def row(gate: Gate) -> Row:
    """A gate in words, from its declaration; its first sample tells the shapes of typical inputs."""
    graph = Graph()
    sample = gate.samples[0]
    letters = LETTERS[: len(sample.inputs)] if gate.family != "losses" else "s"
    leaves = tuple(graph.leaf(letter, _shape(value)) for letter, value in zip(letters, sample.inputs, strict=True))
    out = graph.add(gate, *leaves, **sample.params)
    written = write(graph, out)
    means = ""
    if gate.means is not None:
        xp = Drawing(graph)
        means = write(graph, gate.means(xp, *(Wire(xp, leaf) for leaf in leaves), **graph.settings(out)).node, longest=200)
    return Row(
        gate.name,
        gate.family,
        written,
        _slopes(gate, graph, leaves, out),
        means,
        gate.lesson,
        tuple("; ".join(TIE_CONVENTIONS.values()) if kink.convention == "ties" else kink.convention for kink in gate.kinks),
    )


def _shape(value: object) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, list) else ()


def _slopes(gate: Gate, graph: Graph, leaves: tuple[int, ...], out: int) -> tuple[str, ...]:
    if gate.local is None:
        return ()
    if gate.chooses:
        return (CHOICE,)
    xp = Drawing(graph)
    rule = gate.textbook or gate.local
    found = rule(xp, *(Wire(xp, leaf) for leaf in leaves), Wire(xp, out), **graph.settings(out))
    parts = {**{leaf: Part(graph.names[leaf]) for leaf in leaves}, out: Part("out")}
    return tuple(
        "none" if slope is None else write(graph, slope.node, parts, longest=200) if isinstance(slope, Wire) else show(slope)
        for slope in found
    )
