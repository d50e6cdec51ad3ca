"""LLVM, met in this one file: from a module of instructions to machine code in memory.

Compiling and loading are two steps, so that machine code can be kept on disk: `compiled` turns a module into the bytes of an object
file, `load` puts such bytes into memory.

    >>> module = new_module("example")
    >>> kind = ir.FunctionType(F64, [F64])
    >>> function = ir.Function(module, kind, "twice")
    >>> builder = ir.IRBuilder(function.append_basic_block())
    >>> _ = builder.ret(builder.fadd(function.args[0], function.args[0]))
    >>> import ctypes
    >>> code = load(compiled(module), ["twice"])
    >>> ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address("twice"))(4.0)
    8.0
"""

import contextlib
import ctypes
import itertools
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from llvmlite import __version__ as of_llvmlite  # type: ignore[import-untyped]
from llvmlite import binding
from llvmlite import ir as ir
from llvmlite.binding import ffi  # type: ignore[import-untyped]

from chalkgrad.native import cache, threads

F64, F32 = ir.DoubleType(), ir.FloatType()
TRUTH, BYTE, I32, I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()
VOID = ir.VoidType()

CPU = "CHALKGRAD_CPU"  # a processor by LLVM's name for it, such as generic, whose instructions alone are used

_COUNTER = itertools.count()
_LOCK = threading.RLock()  # held by whoever has LLVM work, and for the threads that help with it
_LLVMLITES: Any = getattr(getattr(ffi.lib, "_lock", None), "_lock", None) or threading.RLock()  # around each of its functions
if hasattr(os, "register_at_fork"):  # a process is not forked while another thread is within LLVM, where it would stay for ever
    for _one in (_LLVMLITES, _LOCK):  # what is registered last is called first before a fork
        os.register_at_fork(before=_one.acquire, after_in_parent=_one.release, after_in_child=_one.release)


@lru_cache
def machine() -> Any:
    """This machine's code generator, with all instructions its processor has, or the one that CHALKGRAD_CPU names."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return _generator()


def _generator(level: int = 3) -> Any:
    """A code generator, which works for one thread at a time. At level 0 it takes an eighth of the time."""
    target = binding.Target.from_default_triple()
    opt = 3 if level else 0
    return target.create_target_machine(cpu=processor(), features=features(), opt=opt, reloc="pic", codemodel="default", jit=True)


def processor() -> str:
    return os.environ.get(CPU) or _described()[1]


@lru_cache
def _described() -> tuple[str, str]:
    """The machine's kind, and its processor's name. Once: a string of LLVM's is freed twice where an interrupt meets llvmlite."""
    return str(binding.get_default_triple()), str(binding.get_host_cpu_name())


@lru_cache
def features() -> str:
    """The processor's instruction sets. Vectors of 512 bits are preferred to 256 where there are some."""
    if os.environ.get(CPU):  # those that go with the name; LLVM takes a name that it does not know for a processor of 32 bits
        return "+64bit" if _described()[0].startswith("x86_64") else ""
    found = binding.get_host_cpu_features()
    listed = found.flatten()
    return f"{listed},-prefer-256-bit" if found.get("avx512f") else str(listed)


@lru_cache
def has_fused_multiply_add() -> bool:
    if os.environ.get(CPU):
        return False
    found = binding.get_host_cpu_features()
    return bool(found.get("fma") or found.get("neon"))


@lru_cache
def has_scaling() -> bool:
    """Whether one instruction multiplies by a power of two, within the range of floats and beyond it."""
    found = {} if os.environ.get(CPU) else binding.get_host_cpu_features()
    return all(found.get(one) for one in ("avx512f", "avx512dq", "avx512vl"))


@lru_cache
def registers() -> tuple[int, int]:
    """The bytes of a vector register, and how many of them there are."""
    found = {} if os.environ.get(CPU) else binding.get_host_cpu_features()
    if found.get("avx512f"):
        return 64, 32
    if found.get("avx"):
        return 32, 16
    return 16, 32 if found.get("neon") else 16


class Pointed:
    """A function at an address, as llvmlite wants to see what is called: with its type."""

    calling_convention = None

    def __init__(self, address: Any, kinds: Sequence[Any], result: Any = VOID) -> None:
        self.type, self.get_reference = address.type, address.get_reference
        self.function_type = ir.FunctionType(result, kinds)


def imported(module: Any, name: str, result: Any, kinds: Sequence[Any]) -> Any:
    """A function that the module calls and does not hold: of this process, or LLVM's own."""
    return module.globals.get(name) or ir.Function(module, ir.FunctionType(result, list(kinds)), name)


def new_module(name: str) -> Any:
    module = ir.Module(name=name)
    module.triple, module.data_layout = _described()[0], _layout()
    return module


@lru_cache
def _layout() -> str:
    return str(machine().target_data)


def optimised(text: str, level: int = 3) -> Any:
    """The module parsed, checked and improved by LLVM's passes.

    3: all of them. 2: loops become vectors, but are not unrolled, and straight lines are not searched for vectors. 1: what is
    cheap, without vectors. 0: none, as written.
    """
    with _LOCK:
        work = _Work(text, level, machine())
        work.improve()
        return work.module


class _Work:
    """A module on its way through LLVM.

    llvmlite lets one thread at a time into LLVM. LLVM itself asks for less: no two threads at one module, or with one generator.
    So the two steps that take long go past llvmlite's lock, and a thread that helps does nothing else: where an interrupt has left
    that lock behind in the main thread, it would wait for ever.
    """

    def __init__(self, text: str, level: int, generator: Any) -> None:
        self.generator, self.length = generator, len(text)
        self.module = binding.parse_assembly(text, context=binding.create_context())  # with it go the constants of this module
        options = binding.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization, options.slp_vectorization, options.loop_unrolling = level > 1, level > 2, level > 2
        self._passes = binding.create_pass_builder(generator, options)
        self._manager = self._passes.getModulePassManager()
        self._image: Any = None
        self._trouble = ffi.OutputString()

    def improve(self) -> None:
        _past_lock(ffi.lib.LLVMPY_RunNewModulePassManager)(self._manager, self.module, self._passes)

    def assemble(self) -> None:
        self._image = _past_lock(ffi.lib.LLVMPY_TargetMachineEmitToMemory)(self.generator, self.module, 1, self._trouble)

    def image(self) -> bytes:
        """The bytes of the object file."""
        if not self._image:
            raise RuntimeError(f"LLVM made no code: {self._trouble}")
        try:
            return ctypes.string_at(ffi.lib.LLVMPY_GetBufferStart(self._image), ffi.lib.LLVMPY_GetBufferSize(self._image))
        finally:
            ffi.lib.LLVMPY_DisposeMemoryBuffer(self._image)

    def __del__(self) -> None:
        if hasattr(self, "_manager"):
            binding.newpassmanagers.NewPassManager._dispose(
                self._manager
            )  # which llvmlite 0.50 forgets: some 60 KB for each module
            self._manager.detach()


def _past_lock(function: Any) -> Any:
    """What is beneath the lock that llvmlite has around each function; where there is no such thing, the function."""
    return getattr(function, "_cfn", function)


def compiled(module: Any, level: int = 3) -> bytes:
    """The bytes of an object file, from the cache if it has been compiled before."""
    return all_compiled([(module, level)])[0]


def all_compiled(modules: Sequence[tuple[Any, int]], common: "Sequence[Common]" = ()) -> list[bytes]:
    """The same of several modules, each with its level: threads share them out, and what of `common` is not compiled yet."""
    with _LOCK:
        machine()
        fresh = [one for one in common if one.image is None]
        texts = [(str(one), level) for one, level in [*modules, *((one.write(), one.level) for one in fresh)]]
        made_with = f"{of_llvmlite} {binding.llvm_version_info} {processor()} {features()}"
        orders = [(text, f"{made_with} {level}") for text, level in texts]
        images = cache.all_kept(orders, lambda missing: _assembled([texts[place] for place in missing]))
        for one, image in zip(fresh, images[len(modules) :], strict=True):
            one.image = image
        return images[: len(modules)]


def _assembled(texts: Sequence[tuple[str, int]]) -> list[bytes]:
    # Of several each has a generator of its own: after an interrupt, a helper goes on while others have begun with `machine()`.
    works = [_Work(text, level, machine() if level and len(texts) == 1 else _generator(level)) for text, level in texts]
    waiting = iter(sorted(works, key=lambda work: work.length, reverse=True))

    def share() -> None:
        for work in waiting:
            work.improve()
            work.assemble()

    helpers = []
    for _ in range(min(threads.count(), len(works)) - 1):
        with contextlib.suppress(RuntimeError):  # the system has no more threads: the others do the work
            helper = threading.Thread(target=share, name="chalkgrad", daemon=True)
            helper.start()
            helpers.append(helper)
    try:
        share()
    finally:
        list(waiting)  # after an interrupt, what nobody has begun is left
        for helper in helpers:
            helper.join()
    return [work.image() for work in works]


def assembly(module: Any, level: int = 3) -> str:
    with _LOCK:
        return str(machine().emit_assembly(optimised(str(module), level)))


class Code:
    """Machine code in memory; it goes when the last reference to it does."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def address(self, name: str) -> int:
        return int(self._library[name])


@lru_cache
def _linker() -> Any:
    machine()
    return binding.create_lljit_compiler(machine(), suppress_errors=True)


def load(image: bytes, names: Sequence[str]) -> Code:
    """Put an object file into memory, and find the functions `names` in it. What it calls itself is found in this process."""
    with _LOCK:
        builder = binding.JITLibraryBuilder().add_object_img(image).add_current_process()
        for name in names:
            builder.export_symbol(name)
        return Code(builder.link(_linker(), f"chalkgrad{next(_COUNTER)}"))


class Common:
    """Code that is the same for all graphs: compiled when it is first asked for, or before, beside other code.

    `write` makes its module.
    """

    def __init__(self, names: Sequence[str], write: Callable[[], Any], level: int = 3) -> None:
        self.names, self.write, self.level = names, write, level
        self.image: bytes | None = None
        self._code: Code | None = None

    def code(self) -> Code:
        with _LOCK:
            if self._code is None:
                all_compiled([], common=[self])
                assert self.image is not None
                self._code = load(self.image, self.names)
            return self._code
