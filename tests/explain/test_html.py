"""The page is well-formed, holds every line of the lesson, needs nothing from outside, and lets no text become markup."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import fromstring

import pytest

import chalkgrad
from chalkgrad.explain.arranging import equations_of
from chalkgrad.explain.lesson import BackwardStep, Both, Equation, ForwardStep, Lesson, LocalStep, Note
from chalkgrad.explain.page import escape, style

NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
NAMED = "f = A*B; A = C + D; B = V^2; V = X + Y"
WORKS = {
    "sum times number": ("f = (x + y) * z", {"x": -2, "y": 5, "z": 2}, {}),
    "named wires": (NAMED, {"C": 3, "D": -5, "X": 2, "Y": 4}, {}),
    "blocks": (NAMED, {"C": 3, "D": -5, "X": 2, "Y": 4}, {"level": "block"}),
    "choice": ("f = [x + y + max(z, w)] * 2", {"w": -1, "x": 3, "y": -4, "z": 2}, {}),
    "tie": ("max(x, y) * x", {"x": 2, "y": 2}, {}),
    "neuron": ("1 / (1 + exp(-(w0 x0 + w1 x1 + w2)))", NEURON, {}),
    "folded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {}),
    "unfolded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {"unfold": "sigmoid"}),
    "vector output": ("softmax(s)", {"s": [225, 617, 950]}, {}),
    "matrix": ("sum(relu(W @ x + b))", {"W": [[1, -2], [3, 4]], "x": [1, 2], "b": [0.5, -20]}, {}),
    "no number": ("log(x) * y + x", {"x": -1, "y": 3}, {}),
    "overflow": ("log(1 + exp(x))", {"x": 800}, {}),
    "slope of no number": ("sqrt(x) * y", {"x": 0, "y": 3}, {}),
    "an input alone": ("x", {"x": 2}, {}),
}
each_work = pytest.mark.parametrize("worked", WORKS.values(), ids=WORKS.keys(), indirect=True)

ATTACK = "</style></title><script>alert('1')</script>\"'><img src=x onerror=alert(2)> & &lt;b&gt; javascript:"
HOSTILE = Both(f"{ATTACK} = {ATTACK}", rf"\text{{{ATTACK}}} = \text{{{ATTACK}}} </math><script>")
LINE = Equation(HOSTILE, (HOSTILE, HOSTILE), rounded=True, why=ATTACK)
HOSTILE_LESSON = Lesson(
    title=HOSTILE, statements=(HOSTILE,), given=(LINE,), forward=(ForwardStep(ATTACK, ATTACK, LINE, (LINE,), ATTACK),),
    local=(LocalStep(ATTACK, ATTACK, (LINE,), ATTACK), LocalStep(ATTACK, ATTACK, (), ATTACK)),
    backward=(BackwardStep(ATTACK, LINE),), answer=(LINE, LINE), notes=(Note("kink", ATTACK, ATTACK),),
    stopped=Note("not finite", ATTACK, ATTACK),
)  # fmt: skip


@pytest.fixture
def worked(request):
    text, values, options = request.param
    return chalkgrad.work(text, values, **options)


@pytest.fixture
def hostile():
    solution = chalkgrad.work("x * y", x=2, y=3)
    solution.lesson = HOSTILE_LESSON
    return solution


def fragment_of(solution):
    return solution._repr_html_()


class Outline(HTMLParser):
    """What a browser would see: tags with attributes, and the text outside of style sheets."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.open = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


@each_work
def test_page_and_fragment_are_well_formed(worked):
    for written in (worked.to_html(), fragment_of(worked)):
        fromstring(written.removeprefix("<!DOCTYPE html>"))
        assert not Outline(written).open


@each_work
def test_every_equation_is_on_the_page(worked):
    spoken = {attributes["alttext"] for attributes in Outline(worked.to_html()).all("math") if "alttext" in attributes}
    for equation in equations_of(worked.lesson):
        assert equation.left.text in spoken
        sides = [f"{sign} {side.text}" for sign, side in zip(equation.signs(), equation.sides, strict=True)]
        assert spoken.issuperset(sides) or spoken.issuperset({*sides[:-1], equation.sides[-1].text})


@each_work
def test_every_sentence_is_on_the_page(worked):
    said = " ".join(Outline(worked.to_html()).text)
    lesson = worked.lesson
    sentences = [note.sentence for note in (*lesson.notes, *([lesson.stopped] if lesson.stopped else []))]
    sentences += [step.remark for step in lesson.forward] + [step.why[1:] for step in lesson.local]
    sentences += [equation.why for equation in equations_of(lesson)]
    for sentence in sentences:
        assert sentence in said


@each_work
def test_the_page_needs_nothing_from_outside(worked):
    for written in (worked.to_html(), fragment_of(worked)):
        seen = Outline(written)
        assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in seen.tags}
        for tag, attributes in seen.tags:
            assert not {name for name in attributes if name.startswith("on") or name in ("src", "srcset", "data", "action")}
            assert all(value.startswith("#") for name, value in attributes.items() if name.endswith("href")), tag
        assert not re.search(r"@import|url\(", written)
        addresses = set(re.findall(r"https?://[^\s\"']+", written))
        assert addresses <= {"http://www.w3.org/2000/svg"}  # the name of a language, not a place


@each_work
def test_a_link_leads_somewhere(worked):
    for written in (worked.to_html(), fragment_of(worked)):
        seen = Outline(written)
        idents = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
        assert len(idents) == len(set(idents))
        assert {attributes["href"][1:] for attributes in seen.all("a")} <= set(idents)
        labels = [label for _, attributes in seen.tags for label in attributes.get("aria-labelledby", "").split()]
        assert set(labels) <= set(idents)


@each_work
def test_who_cannot_see_can_read_it(worked):
    seen = Outline(worked.to_html())
    assert seen.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert set(levels[1:]) <= {2}
    assert all(attributes.get("scope") in ("row", "col") for attributes in seen.all("th"))
    assert all("aria-label" in attributes for _, attributes in seen.tags if "tabindex" in attributes)


def test_title_and_picture_stand_at_the_top():
    written = chalkgrad.work("f = (x + y) * z", x=-2, y=5, z=2).to_html()
    assert "<title>f = (x + y) * z</title>" in written
    order = [written.index(mark) for mark in ("<h1", "<figure", ">Given<", ">Forward pass</h2>", ">Local gradients</h2>",
                                              ">Backward pass</h2>", ">Answer</h2>")]  # fmt: skip
    assert order == sorted(order)


def test_upstream_and_local_gradients_have_their_colours():
    written = chalkgrad.work(NAMED, C=3, D=-5, X=2, Y=4).to_html()
    assert (
        '<mrow class="gradient"><mo form="prefix">−</mo><mn>2</mn></mrow><mo>·</mo><mrow class="local"><mn>12</mn></mrow>'
        in written
    )


def test_where_it_stopped_stands_out():
    written = chalkgrad.work("log(x) * y + x", x=-1, y=3).to_html()
    (box,) = re.findall(r'<div class="trouble" role="note">(.*?)</div>', written)
    assert "A negative number has no real logarithm." in box
    assert "Backward pass" not in written


def test_too_many_gates_for_a_picture_are_said_so():
    chain = "; ".join(["a0 = x", *(f"a{one} = sin(a{one - 1})" for one in range(1, 500))])
    written = chalkgrad.work(f"f = a499 * x; {chain}", x=0.5).to_html()
    assert "<svg" not in written
    assert "cannot be read" in written


def test_a_lesson_of_hundreds_of_gates_is_one_page():
    chain = "; ".join(["a0 = x * y", *(f"a{one} = sin(a{one - 1}) * x + y" for one in range(1, 90))])
    worked = chalkgrad.work(f"f = a89 * x; {chain}", x=0.5, y=0.25)
    written = worked.to_html()
    assert all(escape(step.equation.left.text) in written for step in worked.lesson.backward)


def test_hostile_text_stays_text(hostile):
    for written in (hostile.to_html(), fragment_of(hostile)):
        fromstring(written.removeprefix("<!DOCTYPE html>"))
        seen = Outline(written)
        assert {tag for tag, _ in seen.tags}.isdisjoint({"script", "img"})
        assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
        assert ATTACK in "".join(seen.text)


def test_text_that_xml_cannot_hold_is_replaced():
    assert escape("a\x00b\x1bc\ud800") == "a\ufffdb\ufffdc\ufffd"


def test_the_page_is_light_and_dark_and_prints():
    sheet = style()
    assert "@media (prefers-color-scheme: dark)" in sheet
    assert "@media print" in sheet
    assert "color-scheme: light dark" in sheet
    light, dark = (set(re.findall(r"(--[\w-]+):", part)) for part in re.findall(r"\.chalkgrad \{([^}]*--ink[^}]*)\}", sheet))
    assert light == dark


def test_the_page_has_the_colours_of_the_picture():
    written = chalkgrad.work("x * y", x=2, y=3).to_html()
    for name in ("value", "gradient", "local"):
        colours = re.findall(rf"--{name}: (#\w+)", written)
        assert colours[:2] == colours[2:], name


def test_every_rule_keeps_to_the_fragment():
    plain = re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL)
    selectors = [
        one.strip() for group in re.findall(r"([^{}]+)\{", plain) if not group.strip().startswith("@") for one in group.split(",")
    ]
    assert len(selectors) > 50
    assert all(one.startswith(".chalkgrad") for one in selectors)


@each_work
def test_a_fragment_is_no_document(worked):
    written = fragment_of(worked)
    seen = Outline(written)
    assert not {"html", "head", "body", "title", "main", "h1", "h2"} & {tag for tag, _ in seen.tags if tag != "title"}
    assert written.startswith('<div class="chalkgrad')
    idents = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert all(one.startswith("chalkgrad-") for one in idents)


def test_two_fragments_get_along():
    first, second = (chalkgrad.work("x * y", x=2, y=y)._repr_html_() for y in (3, 4))
    idents = [{attributes["id"] for _, attributes in Outline(one).tags if "id" in attributes} for one in (first, second)]
    assert idents[0].isdisjoint(idents[1])
