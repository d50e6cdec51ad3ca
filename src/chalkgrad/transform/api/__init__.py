"""The transforms that people call: grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp, vmap, jit, and their helpers.

Each is written once, as a procedure on traced values; `staged` gives it the face of an ordinary function. Inside another transform
the procedure writes into the trace that is under way, and so transforms nest in any order.

- `pytrees`: arguments that are nested dicts, lists, tuples and dataclasses
- `arguments`: which arguments are meant by argnums and argnames, and what may be one
- `staged`: first call: trace; later calls: run the program again if its guards hold
- `gradient`, `directional`, `matrices`, `mapping`: the transforms, by family
"""
