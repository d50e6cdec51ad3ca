"""The names of the standard, by chapter, and which of them cannot be traced: what docs/numpy.md counts."""

from typing import Any

VERSION = "2025.12"

CHAPTERS = {
    "Constants": "e inf nan newaxis pi",
    "Creation": "arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros"
    " zeros_like",
    "Data types": "astype bool broadcast_arrays broadcast_shapes broadcast_to can_cast complex128 complex64 finfo float32 float64"
    " iinfo int16 int32 int64 int8 isdtype result_type uint16 uint32 uint64 uint8",
    "Element by element": "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_invert bitwise_left_shift bitwise_or"
    " bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater"
    " greater_equal hypot imag isfinite isinf isnan less less_equal log log10 log1p log2 logaddexp logical_and logical_not"
    " logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow real reciprocal remainder round"
    " sign signbit sin sinh sqrt square subtract tan tanh trunc",
    "Indexing": "take take_along_axis",
    "Inspection": "__array_api_version__ __array_namespace_info__",
    "Linear algebra": "matmul matrix_transpose tensordot vecdot",
    "Manipulation": "concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile unstack",
    "Searching, sorting, sets": "argmax argmin argsort count_nonzero isin nonzero searchsorted sort unique_all unique_counts"
    " unique_inverse unique_values where",
    "Statistics": "cumulative_prod cumulative_sum max mean min prod std sum var",
    "Utilities": "all any diff",
    "linalg": "cholesky cross det diagonal eig eigh eigvals eigvalsh inv matmul matrix_norm matrix_power matrix_rank"
    " matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm",
    "fft": "fft fftfreq fftn fftshift hfft ifft ifftn ifftshift ihfft irfft irfftn rfft rfftfreq rfftn",
}
EXTENSIONS = ("linalg", "fft")

NOT_REAL = "complex numbers are not traced"
UNTRACED = {
    "complex64": NOT_REAL,
    "complex128": NOT_REAL,
    "linalg.eig": NOT_REAL,
    "linalg.eigvals": NOT_REAL,
    "from_dlpack": "what comes from another library comes without its history",
    "nextafter": "neighbours among the floats have no slope",
} | {f"fft.{name}": f"{NOT_REAL}; the namespace has no extension fft" for name in CHAPTERS["fft"].split()}


def chapters() -> dict[str, list[str]]:
    """The names of each chapter, those of extensions with a dot."""
    return {
        chapter: [f"{chapter}.{name}" if chapter in EXTENSIONS else name for name in names.split()]
        for chapter, names in CHAPTERS.items()
    }


def share() -> tuple[int, int]:
    """How many names there are, and how many of them can be traced."""
    names: list[Any] = [name for group in chapters().values() for name in group]
    return len(names), sum(name not in UNTRACED for name in names)
