"""Memory of results is used again once nobody holds an array on it, and never before."""

import threading

import numpy as np
import pytest

from chalkgrad.errors import NoRoomError
from chalkgrad.native.recycling import LARGE, LEAST, MOST_OF_A_KIND, room, room_for

SIZES = {"kept of a kind": LEAST // 8 + 3, "large": LARGE // 8 + 3}
FLOAT = np.dtype(float)


def address(array):
    return array.ctypes.data


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_what_is_held_is_not_given_again(size):
    make = room_for((size,), FLOAT)
    held = [make() for _ in range(2 * MOST_OF_A_KIND)]
    for place, one in enumerate(held):
        one[:] = place
    part = held[0][5:7]  # what looks at a part holds the whole
    del held[0], one
    held += [make() for _ in range(2 * MOST_OF_A_KIND)]
    for one in held[-2 * MOST_OF_A_KIND :]:
        one[:] = np.nan
    assert part.tolist() == [0.0, 0.0]
    assert all((one == place).all() for place, one in enumerate(held[: 2 * MOST_OF_A_KIND - 1], start=1))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_what_nobody_holds_is_given_again(size):
    make = room_for((size,), FLOAT)
    first = make()
    seen = address(first)
    del first
    assert any(address(make()) == seen for _ in range(10 * MOST_OF_A_KIND))


def test_arrays_are_of_the_kind_that_was_asked_for():
    for shape, dtype in (((3,), FLOAT), ((64, 100), np.dtype(np.float32)), ((300, 400), FLOAT), ((0, 4), FLOAT)):
        for _ in range(3):
            made = room(shape, dtype)
            assert made.shape == shape
            assert made.dtype == dtype
            assert made.flags.c_contiguous
            assert made.flags.writeable


def test_what_cannot_fit_is_refused():
    with pytest.raises(NoRoomError, match="GiB"):
        room((2**40,), FLOAT)


def test_threads_never_share_what_they_were_given():
    make, wrong = room_for((LEAST // 8,), FLOAT), []

    def work(number):
        for turn in range(3000):
            made = make()
            made[::500] = number + turn
            again = make()
            again[::500] = -1.0
            if (made[::500] != number + turn).any():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(10_000 * number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong


def test_of_several_large_ones_that_are_free_the_last_is_given_again():
    first, second = room((LARGE,), FLOAT), room((LARGE,), FLOAT)
    there = address(second)
    del first, second
    for _ in range(4):
        assert address(room((LARGE,), FLOAT)) == there
