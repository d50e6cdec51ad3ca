"""The lecture's examples, worked in the terminal; the last one is also written as a page.

$ python examples/demo.py
"""

from pathlib import Path

import chalkgrad

PAGE = Path("build/demo.html")

EXAMPLES = (
    ("Where a wire feeds a product", "f = (x + y) * z", {"x": -2, "y": 5, "z": 2}),
    ("The chain rule, block by block", "f = A*B; A = C + D; B = V^2; V = X + Y", {"C": 3, "D": -5, "X": 2, "Y": 4}),
    ("A gate that chooses", "f = [x + y + max(z, w)] * 2", {"w": -1, "x": 3, "y": -4, "z": 2}),
    ("The problem with softmax, and its cure", "softmax(s)", {"s": [225, 617, 950]}),
    ("The sigmoid as one gate", "f = sigmoid(w0*x0 + w1*x1 + w2)", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}),
    (
        "The same, gate by gate",
        r"\frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}",
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    ),
)


def main() -> None:
    """Work every example, then write the page of the last."""
    for title, formula, values in EXAMPLES:
        heading(title)
        worked = chalkgrad.work(formula, values)
        worked.show()
    heading("Why the slope of the sigmoid is (1 − σ)·σ")
    chalkgrad.derive("sigmoid").show()
    heading("Softmax against SVM: two classifiers that both get it right")
    chalkgrad.compare([10, -2, 3], [10, 9, 9], true=0).show()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(worked.to_html(), encoding="utf-8")
    print(f"\nThe last formula as a page with its picture: {PAGE}")


def heading(title: str) -> None:
    """A line between examples."""
    print(f"\n── {title} {'─' * (76 - len(title))}\n")


if __name__ == "__main__":
    main()
