"""Angles, distances and areas that the doctor writes by differences of vectors: value and gradients of the truth."""

import numpy as np
import pytest

from chalkgrad import doctor

NEAR = np.array([1.0, 2.0, 2.0]), np.array([1.0, 2.0, 2.0000001])
ROWS = np.stack([NEAR[0], [1.0, 0.0, 0.0]]), np.stack([NEAR[1], [1.0, 1e-9, 0.0]])
TURNS = np.array([1.0, 0.0, 0.0, 0.0]), np.array([-1.0, -1e-9, 0.0, -2e-9])


def unit(a, axis=-1):
    return a / np.linalg.norm(a, axis=axis, keepdims=True)


def angle_of_units(a, b):
    return np.arccos(np.clip(np.dot(a / np.linalg.norm(a), b / np.linalg.norm(b)), -1.0, 1.0))


def angles_of_rows(a, b):
    return np.sum(np.arccos(np.sum(unit(a) * unit(b), axis=-1)))


def angles_by_einsum(a, b):
    return np.sum(np.arccos(np.einsum("ij,ij->i", a / np.sqrt((a**2).sum(1))[:, None], b / np.sqrt((b**2).sum(1))[:, None])))


def turn(p, q):
    return 2 * np.arccos(np.abs(np.sum(p * q) / np.sqrt(np.sum(p * p) * np.sum(q * q))))


def left_of(a, b):
    q = a / np.sqrt(np.sum(a * a))
    r = np.sum(q * b)
    return np.sqrt(np.sum(b * b) - r * r)


def area(a, b):
    return (a @ a) * (b @ b) - (a @ b) ** 2


@pytest.mark.parametrize(
    "f, vectors",
    [(angle_of_units, NEAR), (angles_of_rows, ROWS), (angles_by_einsum, ROWS), (turn, TURNS), (left_of, NEAR), (area, NEAR)],
)
def test_close_vectors_are_told_apart_by_their_difference(f, vectors):
    found = doctor(f, *vectors, argnums=(0, 1))
    assert not found.healthy
    assert found.diagnosis.cure.works
    assert found.diagnosis.cure.bits_lost < 4
