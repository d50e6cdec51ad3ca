"""The lines of a handout as JSON holds them: section, text, LaTeX, reason."""

from chalkgrad.explain.handout.model import Handout
from chalkgrad.explain.lesson import Equation


def steps(handout: Handout) -> list[dict[str, str]]:
    """Every line, in order."""
    return [{"section": section.title, **written(line)} for section in handout.sections for line in section.lines]


def written(equation: Equation) -> dict[str, str]:
    """One line in text and in LaTeX, with its reason."""
    pairs = list(zip(equation.signs(), equation.sides, strict=True))
    text = [equation.left.text, *(f"{sign} {side.text}" for sign, side in pairs)]
    latex = [equation.left.latex, *((r"\approx " if sign == "≈" else "= ") + side.latex for sign, side in pairs)]
    return {"text": " ".join(filter(None, text)), "latex": " ".join(filter(None, latex)), "why": equation.why}
