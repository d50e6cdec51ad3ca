"""Which calls a peer is not asked, and why. Every other pair of peer and call has to agree.

`ABSENT`: the peer has no such function, no gradient of it, or fails on these arguments. `OTHERWISE`: it means something else by the
same words. `WRONG`: it gives nan or a wrong number where there is a slope; the multi-precision truth is asked instead.
The patterns are those of `fnmatch`.
"""

from fnmatch import fnmatchcase

NO_GRADIENT = "no gradient"
NO_FUNCTION = "no function of this name"
NO_UFUNC = "functions have no methods of ufuncs"
NO_BROADCAST = "its gradient does not undo this broadcast"

ABSENT: dict[str, dict[str, str]] = {
    "autograd": {
        **dict.fromkeys(
            ("cbrt *", "positive *", "copysign *", "fmod *", "ptp *", "median *", "nansum *", "nanmean *", "cumprod *", "average *",
             "quantile *", "trapezoid *", "cov *", "broadcast_arrays *", "flip *", "take *", "take_along_axis *",
             "sorted by another *", "interp *", "heaviside *", "convolve *", "correlate *", "polyval *", "vander *", "vdot *",
             "eigvalsh *", "matrix_power *", "a matrix squared and inverted *", "clip by arrays *", "float_power*", "divmod*",
             "modf*", "degrees and back*", "percentile *", "ediff1d *", "unstack *", "matrix_transpose *",
             "diagflat *", "compress *", "extract *", "nan* with holes *", "svdvals *", "qr*", "cond *", "lstsq *",
             "matrix norm 1 *", "matrix norm 2 *", "cumulative_sum *", "meshgrid *",  "* of linalg *", "vecdot *"), NO_GRADIENT),
        **dict.fromkeys(("*.outer*", "*.reduce *", "*.accumulate *"), NO_UFUNC), "written into*": "writes into no array",
        "more conditions*": "no ~ of a boxed condition",
        **dict.fromkeys(("special.log_expit *", "special.entr *", "special.xlog*", "special.*softmax*", "special.kl_div *",
                         "special.rel_entr *", "special.erfcx *", "special.*ndtr *"), NO_FUNCTION),
        **dict.fromkeys(("where () (3,)*", "where (2, 1, 4) (3, 1)*", "where (1,) (2, 3)*", "broadcast_to *"), NO_BROADCAST),
        "sort (*, *) axis=*": "sorts vectors only", "norm axis *": "no axis -1 with keepdims", "norm 1 *": "no norm of order 1",
        "concatenate flat *": "no axis=None", "split *": "lists of arrays are boxed whole", "array_split *": "the same",
        "repeat unevenly *": "repeats every entry equally often", "roll axes *": "rolls one axis", "pad ?0?*": "wants a mode",
        "pad ?1?*": "wants a mode", "diagonal *": "the main diagonal of a square only", "diag of a matrix *": "squares only",
        **dict.fromkeys(("pad edge*", "pad reflect*", "pad symmetric*", "pad wrap*"), "pads with constants only"),
        "einsum *ii*": "no repeated axes", "outer *": "vectors only",
    },
    "jax": {"special.log_expit *": NO_FUNCTION, "written into*": "arrays are immutable"},
    "torch": {
        **dict.fromkeys(("floor_divide *", "heaviside *"), NO_GRADIENT),
        **dict.fromkeys(("special.log_expit *", "special.gamma *", "special.betaln *", "special.kl_div *", "special.rel_entr *",
                         "interp *", "convolve *", "correlate *", "polyval *", "compress *",
                         "ediff1d *", "extract *", "flatnonzero *", "modf*", "nanm?? with holes *", "nanprod *",
                         "nanvar *", "nanstd *", "nancum*", "rollaxis *", "divmod*"),
                        NO_FUNCTION),
        **dict.fromkeys(("*.outer*", "*.reduce *", "*.accumulate *"), NO_UFUNC),
        "sum where *": "no where=", "sum initial *": "no initial=", "linspace *": "between plain numbers only",
        "cross of linalg *": "vectors of one rank only",
        "median (2, 3, 4) axis=(*": "one axis at a time", "vander *": "its gradient trips over its own writing in place",
        "x?::-1, *": "no steps backward", "det * float32": "its gradient mixes float32 with the default precision",
    },
}  # fmt: skip
OTHERWISE: dict[str, dict[str, str]] = {
    "torch": {"x?1, :, ?3, 0??*": "a whole number beside an array is no array there, and the axes stay in place"},
}
WRONG: dict[str, dict[str, str]] = {
    "autograd": {
        "prod of *": "divides the product by the entry: nan at 0",
        "norm inf *": "∞ to the power 0 on its way: nan",
        "sum where *": "the gradient does not look at where=",
    },
    "torch": dict.fromkeys((f"special.digamma {one}" for one in ("()", "(5,)", "(3, 4)", "(2, 1, 3)")), "nine digits of trigamma"),
}


def reason(table: dict[str, dict[str, str]], peer: str, name: str) -> str | None:
    return next((why for pattern, why in table.get(peer, {}).items() if fnmatchcase(name, pattern)), None)


def is_asked(peer: str, name: str) -> bool:
    return all(reason(table, peer, name) is None for table in (ABSENT, OTHERWISE, WRONG))
