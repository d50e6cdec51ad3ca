from chalkgrad.reading.formula.automaton import HOME
from tests.reading import automata


def test_the_automaton_is_that_of_the_grammar():
    assert HOME.read_text(encoding="utf-8") == automata.text(), "make grammar writes it anew"
