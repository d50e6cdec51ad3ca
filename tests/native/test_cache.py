"""The cache on disk: damaged files, several processes at once, another processor, no room to write."""

import ctypes
import os
import subprocess
import sys

import pytest

from chalkgrad.native import cache, llvm, threads

CALL = "import chalkgrad; print(*chalkgrad.compile('f = exp(x * y) + y').value_and_grad(0.0, 3.0))"
ANSWER = "4.0 (3.0, 1.0)\n"


def started(home, **more):
    env = {**os.environ, "CHALKGRAD_CACHE_DIR": str(home), **more}
    return subprocess.Popen([sys.executable, "-c", CALL], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answered(process):
    out, error = process.communicate(timeout=120)
    assert not error
    return out


def kept(text, make, made_with="maker"):
    return cache.all_kept([(text, made_with)], lambda places: [make() for _ in places])[0]


def contents(home):
    return {one.name: one.read_bytes() for one in home.iterdir()}


@pytest.mark.parametrize(
    "damage", [lambda one: b"", lambda one: one[:-7], lambda one: one[:40] + b"\0" + one[41:], lambda one: b"x" * 50]
)
def test_a_damaged_file_is_made_anew(tmp_path, monkeypatch, damage):
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path))
    assert kept("text", lambda: bytes(range(64))) == bytes(range(64))
    before = contents(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert kept("text", lambda: bytes(range(64))) == bytes(range(64))
    assert contents(tmp_path) == before


def test_what_is_kept_is_taken_and_not_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path))
    kept("text", lambda: b"first")
    assert kept("text", lambda: b"second") == b"first"
    assert kept("text", lambda: b"second", "another") == b"second"


def test_only_what_is_missing_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path))
    asked = []

    def all_kept(texts):
        def make(places):
            asked.append([texts[place] for place in places])
            return [texts[place].encode() for place in places]

        return cache.all_kept([(one, "maker") for one in texts], make)

    kept("b", lambda: b"kept")
    assert all_kept("abca") == [b"a", b"kept", b"c", b"a"]
    assert all_kept("ca") == [b"c", b"a"]
    assert sorted(asked.pop()) == ["a", "c"]
    assert not asked


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_threads_compiles_the_same(count, monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, "")
    made = [module(f"numbered{place}", place) for place in range(7)]
    alone = [llvm.compiled(one) for one in made]
    before = threads.count()
    threads.set_threads(count)
    try:
        assert llvm.all_compiled([(one, 3) for one in made]) == alone
        assert len(set(alone)) == len(alone)
    finally:
        threads.set_threads(before)


def test_threads_have_generators_of_their_own(monkeypatch):
    """An interrupt may leave a helper behind at its work, while the next module is compiled alone."""
    monkeypatch.setenv(cache.DIRECTORY, "")
    used, improve = [], llvm._Work.improve

    def watched(work):
        used.append(work.generator)
        improve(work)

    monkeypatch.setattr(llvm._Work, "improve", watched)
    llvm.all_compiled([(module("one", 1.0), 3), (module("two", 2.0), 3)])
    assert len({*map(id, used), id(llvm.machine())}) == 3


def test_common_code_is_compiled_once_alone_or_beside_others(monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, "")
    written = []

    def write(name):
        written.append(name)
        return module(name, 3.0)

    alone, beside = (llvm.Common([name], lambda name=name: write(name), 0) for name in ("alone", "beside"))
    assert llvm.all_compiled([(module("one", 1.0), 3)], common=[beside, alone]) == [llvm.compiled(module("one", 1.0))]
    llvm.all_compiled([(module("two", 2.0), 3)], common=[beside])
    for one in (alone, beside, alone):
        call = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(one.code().address(one.names[0]))
        assert call(7.0) == 21.0
    assert written == ["beside", "alone"]


def module(name, number):
    made = llvm.new_module(name)
    function = llvm.ir.Function(made, llvm.ir.FunctionType(llvm.F64, [llvm.F64]), name)
    builder = llvm.ir.IRBuilder(function.append_basic_block())
    builder.ret(builder.fmul(function.args[0], llvm.F64(float(number))))
    return made


def test_processes_that_write_at_once_all_answer_and_leave_whole_files(tmp_path):
    assert {answered(one) for one in [started(tmp_path) for _ in range(3)]} == {ANSWER}
    after = contents(tmp_path)
    assert after
    assert all(name.endswith(cache.SUFFIX) for name in after)
    for whole in after.values():
        size = cache.DIGEST().digest_size
        assert cache.DIGEST(whole[size:]).digest() == whole[:size]
    assert answered(started(tmp_path)) == ANSWER
    assert contents(tmp_path) == after


def test_another_processor_has_files_of_its_own(tmp_path):
    assert answered(started(tmp_path)) == ANSWER
    first = contents(tmp_path)
    assert answered(started(tmp_path, CHALKGRAD_CPU="generic")) == ANSWER
    both = contents(tmp_path)
    assert len(both) == 2 * len(first)
    assert first.items() <= both.items()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path / "file" / "below"))
    assert kept("text", lambda: b"made") == b"made"
    assert cache.contents()[1:] == (0, 0)


def test_the_oldest_files_go_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LARGEST", 3000)
    monkeypatch.setattr(cache, "EVERY", 256)
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path))
    for place in range(10):
        kept(str(place), lambda: bytes(900))
        newest = max(tmp_path.iterdir(), key=lambda one: one.stat().st_mtime_ns)
        os.utime(newest, (place, place))
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 3000
    assert kept("9", lambda: b"another") == bytes(900)
