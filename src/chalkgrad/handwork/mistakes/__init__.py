"""The catalogue of mistakes, and the search for those that yield a wrong number."""

from chalkgrad.handwork.mistakes.question import Diagnosis, Mistake, Question, Written

__all__ = ["Diagnosis", "Mistake", "Question", "Written", "diagnose"]


def diagnose(question: Question) -> tuple[Diagnosis, ...]:
    """All single mistakes that yield the claimed number within its rounding, else pairs, else nothing."""
    return ()
