"""What every answer offers: its renderings by name, and itself in a notebook or terminal.

A renderer is a function `render(answer, **options) -> str`, named "module:function" and loaded when it is first asked for, so that
a library of one form (rich, MathML, the layout of pictures) costs nothing to those who ask for another.
"""

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

from chalkgrad.errors import ChalkgradError

FORMATS = ("text", "markdown", "html", "svg", "json")
TERMINAL = "chalkgrad.explain.text:terminal"


def load(place: str) -> Any:
    """The function that "module:function" names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


class Rendered:
    """An answer with renderings. A subclass tells its renderers by format; a format it lacks is refused."""

    renderers: ClassVar[Mapping[str, str]] = {}

    def rendered(self, form: str, **options: Any) -> str:
        """The answer in one of the formats. Raises ChalkgradError for a format it does not come in."""
        if form not in self.renderers:
            raise ChalkgradError(f"This answer does not come as {form}.", hint=f"It comes as {', '.join(self.renderers)}.")
        written: str = load(self.renderers[form])(self, **options)
        return written

    def show(self) -> None:
        """Print the answer to the terminal, in its colours and width; plainly into a pipe."""
        console = load(TERMINAL)()
        if console is None:
            print(self)
        else:
            self.rendered("text", console=console)

    def to_text(self) -> str:
        """Plain text, as in a terminal without colour."""
        return self.rendered("text")

    def to_markdown(self) -> str:
        """Markdown with LaTeX between dollar signs."""
        return self.rendered("markdown")

    def to_html(self) -> str:
        """A stand-alone page: MathML and SVG, no network."""
        return self.rendered("html")

    def to_svg(self) -> str:
        """The picture of the graph."""
        return self.rendered("svg")

    def to_json(self) -> str:
        """The record for programs; docs/json.md documents its schema."""
        return self.rendered("json")

    def _repr_html_(self) -> str | None:
        return self.rendered("html", fragment=True) if "html" in self.renderers else None

    def _repr_markdown_(self) -> str | None:
        return self.to_markdown() if "markdown" in self.renderers and "html" not in self.renderers else None

    def __str__(self) -> str:
        return self.to_text().rstrip("\n")
