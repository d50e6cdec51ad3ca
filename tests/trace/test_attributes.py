"""What a function reads of an object that holds more: compared before each run, and nothing else is."""

from types import SimpleNamespace

import numpy as np
import pytest

from chalkgrad import grad, jit
from chalkgrad.reading.trace.surroundings import Surroundings


def held():
    return SimpleNamespace(labels=np.array([1.0, 2.0]), images=np.ones((400, 400)), rate=0.5)


def arrays(function):
    return [one.shape for one, _ in Surroundings([function])._arrays]


def test_only_the_attributes_that_are_read_are_compared():
    data = held()
    assert arrays(lambda x: np.sum(x * data.labels)) == [(2,)]
    assert arrays(lambda x: [np.sum(x * data.labels) for _ in range(3)]) == [(2,)]


@pytest.mark.parametrize(
    "function",
    [
        lambda data: lambda x: x * getattr(data, "lab" + "els"),
        lambda data: lambda x: x * vars(data)["labels"],
        lambda data: lambda x: (lambda other: x * other.labels)(data),
        lambda data: lambda x: [x * one.labels for one in [data]],
    ],
    ids=["getattr", "vars", "passed on", "in a list"],
)
def test_an_object_that_goes_elsewhere_is_compared_in_full(function):
    data = held()
    assert (400, 400) in arrays(function(data))
    made = function(data)
    slope = grad(lambda x: np.sum(np.asarray(made(x) if not isinstance(made(x), list) else made(x)[0])))
    assert slope(np.ones(2)).tolist() == [1.0, 2.0]
    data.labels[0] = 7.0
    assert slope(np.ones(2)).tolist() == [7.0, 2.0]


def test_changes_of_what_is_read_are_seen():
    data = held()
    slope = grad(lambda x: np.sum(x * data.labels * data.rate))
    assert slope(np.ones(2)).tolist() == [0.5, 1.0]
    data.labels[1] = 4.0
    assert slope(np.ones(2)).tolist() == [0.5, 2.0]
    data.labels = np.array([3.0, 3.0])
    assert slope(np.ones(2)).tolist() == [1.5, 1.5]
    data.rate = 1.0
    assert slope(np.ones(2)).tolist() == [3.0, 3.0]
    traces = slope.traces
    data.images = None
    data.more = 3
    assert slope(np.ones(2)).tolist() == [3.0, 3.0]
    assert slope.traces == traces


def test_a_property_and_a_class_with_a_say_are_followed():
    class Lazy:
        def __init__(self):
            self.scale, self.factor = 2.0, 3.0

        @property
        def factor(self):
            return self.scale

        @factor.setter
        def factor(self, value):
            self.__dict__["factor"] = value

    lazy = Lazy()
    slope = grad(lambda x: x * lazy.factor)
    assert slope(1.0) == 2.0
    lazy.scale = 5.0
    assert slope(1.0) == 5.0


def test_long_programs_in_lists_are_kept():
    steps = [(place % 2, place, -place) for place in range(30_000)]

    def walked(x):
        for kind, first, _ in steps[:5]:
            x = x * 2 if kind else x + first
        return x

    double = jit(walked)
    assert double(1.0) == double(1.0) == 12.0
    assert double.traces == 1
    steps[1] = (0, 10, 0)
    assert double(1.0) == 30.0
    steps[0] = (0, -0.0, 0)
    assert double.traces == 2
