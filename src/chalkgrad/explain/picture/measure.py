"""How much room every box needs: its texts are shortened here, and from then on only rectangles matter."""

from dataclasses import dataclass

from chalkgrad.explain.picture.heights import Extent
from chalkgrad.explain.picture.model import Picture, Wire
from chalkgrad.explain.picture.text import fit, width

TEXT, SMALL, LARGE = 13.0, 11.0, 16.0  # font sizes: values and gradients; locals and marks; symbols and the title
BOLD = 1.15  # how much wider bold letters are; marks are bold
LINE = 16.0  # the room for a line of text
BOX = 40.0  # the smallest box: a circle of this diameter
PITCH = 20.0  # between the inputs of a box, so that each can carry its local gradient
AIR = 6.0  # between neighbours
TAIL = 18.0  # the arrow by which an output leaves
WIDEST = {"symbol": 140.0, "name": 90.0, "value": 190.0, "local": 90.0, "mark": 120.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """The texts of one box, shortened, and the room they need."""

    symbol: str
    name: str
    value: str
    gradient: str
    mark: str
    tail: float  # of the wire, beyond what is written on it
    ports: dict[int, float]  # slot -> how far below the axis its wire enters
    locals: dict[int, str]  # slot -> local gradient

    @property
    def width(self) -> float:
        return max(BOX, width(self.symbol, LARGE) + 2 * AIR)

    @property
    def height(self) -> float:
        return max(BOX, len(self.ports) * PITCH)

    @property
    def value_width(self) -> float:
        return width(f"{self.name} = {self.value}" if self.name else self.value, TEXT)

    @property
    def entering(self) -> float:
        """From where a wire arrives in the column to the box."""
        return max((width(text, SMALL) + 3 * AIR for text in self.locals.values()), default=AIR)

    @property
    def mark_width(self) -> float:
        return BOLD * width(self.mark, SMALL)

    @property
    def strip(self) -> float:
        return max(self.width, self.mark_width)

    @property
    def leaving(self) -> float:
        """From the box to where its wire leaves the column."""
        return AIR + max(self.value_width, width(self.gradient, TEXT)) + self.tail

    @property
    def extent(self) -> Extent:
        half = self.height / 2 + AIR
        return Extent(half, half + LINE if self.mark else half)


def measure(picture: Picture) -> dict[int, Measured]:
    entering: dict[int, list[Wire]] = {box.key: [] for box in picture.boxes}
    for wire in picture.wires:
        entering[wire.target].append(wire)
    measured = {}
    for box in picture.boxes:
        wires = sorted(entering[box.key], key=lambda wire: wire.slot)
        first = -(len(wires) - 1) / 2
        symbol = fit(box.symbol, LARGE, WIDEST["symbol"])
        name = fit(box.name or "", TEXT, WIDEST["name"])
        value = fit(box.value, TEXT, WIDEST["value"])
        measured[box.key] = Measured(
            symbol=symbol,
            name="" if name == symbol else name,
            value="" if box.kind == "constant" and value == symbol and not name else value,  # a 2 need not say it is 2
            gradient=fit(box.gradient or "", TEXT, WIDEST["value"]),
            mark=fit(box.mark or "", SMALL, WIDEST["mark"]),
            tail=TAIL if box.kind == "output" else AIR,
            ports={wire.slot: (first + rank) * PITCH for rank, wire in enumerate(wires)},
            locals={wire.slot: fit(wire.local, SMALL, WIDEST["local"]) for wire in wires if wire.local},
        )
    return measured
