"""Every line of every derivation equals the one before, to fifty digits at sampled points; the first is what the engine finds."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from chalkgrad.check.truth import Truth, true_gradients
from chalkgrad.errors import GateError
from chalkgrad.explain.derivations import TOPICS, Derivation, derive
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph

DIGITS = 50
CLOSE = 1e-40  # relative; lines that subtract nearly equal numbers lose some of the fifty digits
POINTS = 12
CHAINS = [pytest.param(topic, chain, id=f"{topic.name} {chain.what.text}") for topic in TOPICS.values() for chain in topic.chains]

LECTURE = (
    "-1 / (1 + e^(-x))^2 * e^(-x) * (-1)",
    "e^(-x) / (1 + e^(-x))^2",
    "(1 + e^(-x) - 1) / (1 + e^(-x))^2",
    "(1 + e^(-x) - 1) / (1 + e^(-x)) * (1 / (1 + e^(-x)))",
    "((1 + e^(-x)) / (1 + e^(-x)) - 1 / (1 + e^(-x))) * (1 / (1 + e^(-x)))",
    "(1 - σ(x)) * σ(x)",
)


def samples(topic):
    """Points for the variables: any number, but positive where the derivation says so; f_i is an entry of f."""
    random = np.random.default_rng(5)
    for _ in range(POINTS):
        scores, shift = random.normal(scale=3, size=4), random.normal()
        x, own, other, rest = map(float, scores)
        anything = {
            "x": x,
            "s_i": own,
            "s_j": other,
            "R": float(np.exp(rest)),
            "f": scores,
            "f_i": x,
            "C": float(np.exp(shift)),
        }
        yield {name: anything[name] for name, _ in topic.variables}


def value(topic, chain, formula, point):
    found = Derivation(topic).read(chain, formula, point)
    return evaluate(found.graph, found.given, xp=Truth(DIGITS))[found.output]


def gate_of(name, inputs):
    """A graph of one gate, and the leaves."""
    graph = Graph()
    leaves = [graph.leaf(f"x{place}", np.shape(one)) for place, one in enumerate(inputs)]
    return graph, graph.add(GATES[name], *leaves), dict(zip(leaves, inputs, strict=True))


def engine_value(name, given):
    graph, output, values = gate_of(name, [given])
    return evaluate(graph, values, xp=Truth(DIGITS))[output]


def engine_slope(name, given):
    graph, output, values = gate_of(name, given)
    seeded = output if graph.shape(output) == () else graph.add(GATES["index"], output, index=(0,))
    leaf = next(iter(values))
    return true_gradients(graph, seeded, [leaf], values, DIGITS)[leaf]


def close(one, other):
    return abs(one - other) <= CLOSE * max(abs(one), abs(other))


@pytest.mark.parametrize("topic, chain", CHAINS)
def test_each_line_equals_the_line_before(topic, chain):
    for point in samples(topic):
        values = [value(topic, chain, line.formula, point) for line in chain.lines]
        for line, before, after in zip(chain.lines[1:], values, values[1:], strict=False):
            assert close(before, after), f"{line.formula} is {after}, the line before {before}, at {point}"


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_the_first_line_is_the_slope_that_the_engine_finds(name):
    topic = TOPICS[name]
    for point in samples(topic):
        assert close(value(topic, topic.chains[0], topic.chains[0].lines[0].formula, point), engine_slope(name, [point["x"]]))


def test_the_first_lines_of_softmax_and_logsumexp_are_the_slopes_that_the_engine_finds():
    mp = Truth(DIGITS).mp
    for point in samples(TOPICS["softmax"]):
        scores = np.array([mp.mpf(point["s_i"]), mp.mpf(point["s_j"]), mp.log(mp.mpf(point["R"]))], dtype=object)
        alone = {"s_i": point["s_i"], "R": mp.exp(scores[1]) + mp.mpf(point["R"])}
        own, other = TOPICS["softmax"].chains
        by_scores = engine_slope("softmax", [scores])
        assert close(in_mp("softmax", own, alone), by_scores[0])
        assert close(in_mp("softmax", other, point), by_scores[1])
        assert close(in_mp("logsumexp", TOPICS["logsumexp"].chains[0], alone), engine_slope("logsumexp", [scores])[0])


def in_mp(name, chain, point):
    """The first line of a chain at a point of multi-precision numbers."""
    found = Derivation(TOPICS[name]).read(chain, chain.lines[0].formula)
    given = {node: point[leaf] for leaf, node in found.leaves.items()}
    truth = Truth(DIGITS)
    return evaluate(found.graph, {node: np.asarray(truth.mp.mpf(one), dtype=object) for node, one in given.items()}, xp=truth)[
        found.output
    ]


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_the_meaning_is_what_the_gate_computes(name):
    topic = TOPICS[name]
    for point in samples(topic):
        assert close(value(topic, topic.chains[0], topic.meaning[0][1], point), engine_value(name, point["x"]))


def test_the_shift_begins_with_what_the_softmax_gate_computes():
    topic = TOPICS["shift"]
    for point in samples(topic):
        assert close(value(topic, topic.chains[0], topic.chains[0].lines[0].formula, point), engine_value("softmax", point["f"])[0])


def test_the_sigmoid_goes_as_the_lecture_goes():
    assert tuple(line.formula for line in derive("sigmoid").lines) == LECTURE
    assert derive("sigmoid").lines[2].why == "adding and subtracting 1 in the numerator"


def test_the_shift_makes_every_exponent_zero_or_less():
    topic = TOPICS["shift"]
    for point in samples(topic):
        exponents = value(topic, topic.chains[0], "f - max(f)", {**point, "f_i": 0.0})
        assert max(exponents) == 0


def test_the_shift_shows_the_numbers_of_the_lecture():
    text = derive("shift").to_text()
    for shown in ("e^950 overflows", "log C = −max(s) = −950", "225 + (−950) = −725", "617 + (−950) = −333", "950 + (−950) = 0"):
        assert shown in text


@pytest.mark.parametrize("topic, chain", CHAINS)
def test_every_line_differs_from_the_line_before_and_has_a_reason(topic, chain):
    formulas = [line.formula for line in chain.lines]
    assert len(set(formulas)) == len(formulas)
    assert all(line.why for line in chain.lines)


class Tags(HTMLParser):
    """Counts tags, and fails on one that is closed without being open."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", TOPICS)
def test_every_derivation_renders_in_every_form(name):
    found = derive(name)
    text, markdown, page = found.to_text(), found.to_markdown(), found.to_html()
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert tags.seen.count("math") >= len(found.lines)
    for line in found.lines:
        assert line.text in text
        assert line.why in text
    assert markdown.startswith(f"# {found.title}")
    assert markdown.count("$$") % 2 == 0
    assert "<style>" in found._repr_html_()
    assert str(found) == text.rstrip("\n")


@pytest.mark.parametrize("name", TOPICS)
def test_the_json_holds_every_line(name):
    record = json.loads(derive(name).to_json())
    assert record["schema"] == "chalkgrad.derivation/1"
    assert [line["formula"] for line in record["lines"]] == [line.formula for line in derive(name).lines]
    assert all(line["latex"] and line["why"] for line in record["lines"])


@pytest.mark.parametrize("name", ["σ", "Sigmoid", " sigmoid "])
def test_other_spellings_find_the_sigmoid(name):
    assert derive(name).name == "sigmoid"


@pytest.mark.parametrize(
    "name, said",
    [
        ("sigmod", "Did you mean sigmoid?"),
        ("nonsense", "There are derivations of sigmoid, tanh, softplus, softmax, logsumexp, shift."),
        ("exp", "I have no derivation of exp: the exponential is its own slope"),
        ("", 'I have no derivation called "".'),
        ("x" * 5000, "There are derivations of"),
        (3, "not an object of type int"),
    ],
)
def test_an_unknown_name_is_answered_with_a_letter(name, said):
    with pytest.raises(GateError) as letter:
        derive(name)
    assert said in str(letter.value)
    assert len(str(letter.value)) < 400


def test_in_a_narrow_terminal_lines_go_on_under_their_right_side(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    derive("sigmoid").show()
    lines = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 60
    start = next(place for place, line in enumerate(lines) if line.startswith("  dσ(x)/dx = "))
    stop = lines.index(next(line for line in lines if line.startswith("To remember")))
    assert all(not line.strip() or line.startswith((" " * 11 + "=", " " * 13)) for line in lines[start + 1 : stop])
