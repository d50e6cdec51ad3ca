"""The picture of a diagnosis as SVG."""

from chalkgrad.errors import TooLargeError
from chalkgrad.explain.diagnosis.answer import Diagnosed
from chalkgrad.explain.diagnosis.picture import picture
from chalkgrad.explain.picture import draw


def render(answer: Diagnosed) -> str:
    """The SVG text. Raises TooLargeError where there are too many gates for a picture."""
    drawn = picture(answer.diagnosis, answer.view, answer.statement)
    if drawn is None:
        raise TooLargeError(f"A picture of {len(answer.view.wires)} gates cannot be read.", hint="Ask for text or JSON.")
    return draw(drawn)
