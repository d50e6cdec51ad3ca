"""Threads that share out blocks of work in machine code, without the interpreter between one block and the next.

To wake a thread takes longer than most kernels run. So a thread that has done its share stays awake for a moment, looking whether
there is more to do, and only then goes to sleep. One that sleeps is woken and joins when it can: the caller takes blocks itself
until none is left, and waits only for those that others still work on.

A helper says that it is `inside` before it looks whether work is open, and the caller closes the work before it looks whether
anybody is inside. So no helper meets work that has ended (Dekker's way; it needs these steps to have one order for all threads).
A helper notes that it sleeps before it waits for its lock, and whoever takes that note away opens the lock, once. A caller that
comes between both finds nobody to wake, and does the work alone.

Source for the locks: Python/C API reference, "PyThread_acquire_lock"; they need no interpreter's lock.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Sequence
from ctypes import CFUNCTYPE, c_int64, c_void_p
from typing import Any

import numpy as np

from chalkgrad.native import threads
from chalkgrad.native.llvm import Common, machine, new_module
from chalkgrad.native.locks import open_in_forks

# The box. Words that several threads write to lie in lines of memory of their own. TURN is the number of the work that is open, 0
# for none; TAKEN has a bit for each block that somebody has begun; BUSY is 1 while somebody has work done; LEAD is the address of
# the function that has it done, HELPERS how many there are, WANTED how many threads were asked for. For each helper a line: whether
# it sleeps, and its lock.
TURN, TAKEN, INSIDE, BUSY, JOB, LEAD, HELPERS, TURNS, WANTED, LOCKS = 0, 64, 128, 192, 256, 264, 272, 280, 288, 320
MOST, LINE = 255, 64  # helpers; bytes: what two threads write lies in different lines of memory
MOST_BLOCKS = 64

# A job: for each block of rows from `bounds`, at most MOST_BLOCKS, the function is called, by the caller and at most so many
# `joining` helpers. Each begins with a share of its own, the same at every call, for what it read and wrote the last time may still
# be in its cache; then it takes what others have left. The function has scratch, apart for each who works or for each block, and a
# room for its block, where its sums stand and, so many bytes behind them, its note of trouble. Behind that its pointers.
FUNCTION, JOINING, COUNT, BOUNDS, SCRATCH, OF_WORKER, OF_BLOCK, ROOMS, ROOM, TROUBLE, POINTERS = range(11)

# How often a waiting thread looks without a break; and before a helper sleeps, some two hundred microseconds.
EAGER, PATIENCE = 64, 800

INSTRUCTIONS = """
{declared}
declare i32 @PyThread_acquire_lock(ptr, i32)
declare void @PyThread_release_lock(ptr)
declare i64 @llvm.cttz.i64(i64, i1)

define internal void @blocks(ptr %taken, ptr %job, i64 %worker) {{
entry:
  %function = load ptr, ptr %job
  %count.at = getelementptr i64, ptr %job, i64 {COUNT}
  %bounds.at = getelementptr i64, ptr %job, i64 {BOUNDS}
  %scratches.at = getelementptr i64, ptr %job, i64 {SCRATCH}
  %of.worker.at = getelementptr i64, ptr %job, i64 {OF_WORKER}
  %of.block.at = getelementptr i64, ptr %job, i64 {OF_BLOCK}
  %rooms.at = getelementptr i64, ptr %job, i64 {ROOMS}
  %room.at = getelementptr i64, ptr %job, i64 {ROOM}
  %to.trouble.at = getelementptr i64, ptr %job, i64 {TROUBLE}
  %pointers = getelementptr i64, ptr %job, i64 {POINTERS}
  %count = load i64, ptr %count.at
  %bounds = load ptr, ptr %bounds.at
  %scratches = load ptr, ptr %scratches.at
  %of.worker = load i64, ptr %of.worker.at
  %of.block = load i64, ptr %of.block.at
  %rooms = load ptr, ptr %rooms.at
  %room = load i64, ptr %room.at
  %to.trouble = load i64, ptr %to.trouble.at
  %own = mul i64 %worker, %of.worker
  %joining.at = getelementptr i64, ptr %job, i64 {JOINING}
  %joining = load i64, ptr %joining.at
  %workers = add i64 %joining, 1
  %before = mul i64 %worker, %count
  %start = udiv i64 %before, %workers
  %from.start = shl i64 -1, %start
  %idle = sub i64 64, %count
  %all = lshr i64 -1, %idle
  br label %look
look:
  %now = load atomic i64, ptr %taken seq_cst, align 8
  %others = xor i64 %now, -1
  %left = and i64 %others, %all
  %none = icmp eq i64 %left, 0
  br i1 %none, label %done, label %take
take:
  %ahead = and i64 %left, %from.start
  %nothing = icmp eq i64 %ahead, 0
  %these = select i1 %nothing, i64 %left, i64 %ahead
  %place = call i64 @llvm.cttz.i64(i64 %these, i1 true)
  %bit = shl i64 1, %place
  %was = atomicrmw or ptr %taken, i64 %bit seq_cst
  %it = and i64 %was, %bit
  %mine = icmp eq i64 %it, 0
  br i1 %mine, label %work, label %look
work:
  %at = getelementptr i64, ptr %bounds, i64 %place
  %begin = load i64, ptr %at
  %after = getelementptr i64, ptr %at, i64 1
  %end = load i64, ptr %after
  %far = mul i64 %place, %of.block
  %there = add i64 %own, %far
  %scratch = getelementptr i8, ptr %scratches, i64 %there
  %behind = mul i64 %place, %room
  %sums = getelementptr i8, ptr %rooms, i64 %behind
  %trouble = getelementptr i8, ptr %sums, i64 %to.trouble
  call void %function(i64 %begin, i64 %end, ptr %scratch, ptr %sums, ptr %trouble, ptr %pointers)
  br label %look
done:
  ret void
}}

define internal void @rest(i64 %looks) {{
entry:
  %long = icmp sgt i64 %looks, {EAGER}
  br i1 %long, label %give, label %stay
stay:
  {pause}
  ret void
give:
  {give_way}
  ret void
}}

define void @lead(ptr %box, ptr %job) {{
entry:
  %own.taken = alloca i64
  %taken = getelementptr i8, ptr %box, i64 {TAKEN}
  %inside = getelementptr i8, ptr %box, i64 {INSIDE}
  %busy = getelementptr i8, ptr %box, i64 {BUSY}
  %job.at = getelementptr i8, ptr %box, i64 {JOB}
  %turns.at = getelementptr i8, ptr %box, i64 {TURNS}
  %joining.at = getelementptr i64, ptr %job, i64 {JOINING}
  %helpers = load i64, ptr %joining.at
  %none = icmp slt i64 %helpers, 1
  br i1 %none, label %alone, label %try
try:
  %pair = cmpxchg ptr %busy, i64 0, i64 1 seq_cst seq_cst
  %got = extractvalue {{i64, i1}} %pair, 1
  br i1 %got, label %open, label %alone
alone:
  store i64 0, ptr %own.taken
  call void @blocks(ptr %own.taken, ptr %job, i64 0)
  ret void
open:
  %turns = load i64, ptr %turns.at
  %turn = add i64 %turns, 1
  store i64 %turn, ptr %turns.at
  store ptr %job, ptr %job.at
  store atomic i64 0, ptr %taken seq_cst, align 8
  store atomic i64 %turn, ptr %box seq_cst, align 8
  br label %wake
wake:
  %number = phi i64 [0, %open], [%following, %woken]
  %all = icmp sge i64 %number, %helpers
  br i1 %all, label %start, label %see
see:
  %line = mul i64 %number, {LINE}
  %line.at = add i64 %line, {LOCKS}
  %asleep = getelementptr i8, ptr %box, i64 %line.at
  %lock.at = getelementptr i64, ptr %asleep, i64 1
  %sleeps = load atomic i64, ptr %asleep seq_cst, align 8
  %awake = icmp eq i64 %sleeps, 0
  br i1 %awake, label %woken, label %rouse
rouse:
  %was = atomicrmw xchg ptr %asleep, i64 0 seq_cst
  %mine = icmp ne i64 %was, 0
  br i1 %mine, label %release, label %woken
release:
  %lock = load ptr, ptr %lock.at
  call void @PyThread_release_lock(ptr %lock)
  br label %woken
woken:
  %following = add i64 %number, 1
  br label %wake
start:
  call void @blocks(ptr %taken, ptr %job, i64 0)
  store atomic i64 0, ptr %box seq_cst, align 8
  br label %look
look:
  %looks = phi i64 [0, %start], [%more, %wait]
  %others = load atomic i64, ptr %inside seq_cst, align 8
  %nobody = icmp eq i64 %others, 0
  br i1 %nobody, label %done, label %wait
wait:
  %more = add i64 %looks, 1
  call void @rest(i64 %looks)
  br label %look
done:
  store atomic i64 0, ptr %busy seq_cst, align 8
  ret void
}}

define void @serve(ptr %box, i64 %number) {{
entry:
  %taken = getelementptr i8, ptr %box, i64 {TAKEN}
  %inside = getelementptr i8, ptr %box, i64 {INSIDE}
  %job.at = getelementptr i8, ptr %box, i64 {JOB}
  %worker = add i64 %number, 1
  %line = mul i64 %number, {LINE}
  %line.at = add i64 %line, {LOCKS}
  %asleep = getelementptr i8, ptr %box, i64 %line.at
  %lock.at = getelementptr i64, ptr %asleep, i64 1
  %lock = load ptr, ptr %lock.at
  br label %look
look:
  %looks = phi i64 [0, %entry], [%more, %wait], [0, %leave], [0, %sleep]
  %last = phi i64 [0, %entry], [%last, %wait], [%now, %leave], [%last, %sleep]
  %turn = load atomic i64, ptr %box seq_cst, align 8
  %open = icmp ne i64 %turn, 0
  %new = icmp ne i64 %turn, %last
  %any = and i1 %open, %new
  br i1 %any, label %enter, label %wait
wait:
  %more = add i64 %looks, 1
  %enough = icmp sgt i64 %more, {PATIENCE}
  call void @rest(i64 %looks)
  br i1 %enough, label %sleep, label %look
enter:
  %before = atomicrmw add ptr %inside, i64 1 seq_cst
  %now = load atomic i64, ptr %box seq_cst, align 8
  %still = icmp ne i64 %now, 0
  br i1 %still, label %asked, label %leave
asked:
  %job = load ptr, ptr %job.at
  %joining.at = getelementptr i64, ptr %job, i64 {JOINING}
  %joining = load i64, ptr %joining.at
  %meant = icmp slt i64 %number, %joining
  br i1 %meant, label %work, label %leave
work:
  call void @blocks(ptr %taken, ptr %job, i64 %worker)
  br label %leave
leave:
  %after = atomicrmw sub ptr %inside, i64 1 seq_cst
  br label %look
sleep:
  store atomic i64 1, ptr %asleep seq_cst, align 8
  %ignored = call i32 @PyThread_acquire_lock(ptr %lock, i32 1)
  br label %look
}}
"""


def _written() -> str:
    declared, pause = _pause()
    yields = sys.platform != "win32"
    words = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}
    text = INSTRUCTIONS.format(
        **words,
        pause=pause,
        declared=f"{declared}\ndeclare i32 @sched_yield()" if yields else declared,
        give_way="%ignored = call i32 @sched_yield()" if yields else "",
    )
    return f"{new_module('crew')}\n{text}"


CODE = Common(["lead", "serve"], _written, level=0)  # without LLVM's passes: it waits far more than it works


def _pause() -> tuple[str, str]:
    """The instruction by which a waiting thread leaves the core to others: its declaration, and its call."""
    processor = str(machine().triple).partition("-")[0]
    if processor == "x86_64":
        return "declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"
    if processor in ("aarch64", "arm64"):
        return "declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"
    return "", ""


class Crew:
    """The helpers of this process, as many as `threads.count()` says at the time, and the box by which they are led."""

    def __init__(self) -> None:
        memory = np.zeros(LOCKS + (MOST + 1) * LINE, dtype=np.uint8)
        first = -memory.ctypes.data % LINE
        box = memory[first : first + LOCKS + MOST * LINE]
        self.address, self.words = box.ctypes.data, box.view(np.int64)
        self.code = code = CODE.code()
        self.words[LEAD // 8] = code.address("lead")
        self.lead = CFUNCTYPE(None, c_void_p, c_void_p)(code.address("lead"))
        self.serve = CFUNCTYPE(None, c_void_p, c_int64)(code.address("serve"))
        self.started = self.wanted = 0
        self.growing = threading.Lock()

    def of(self, count: int) -> "Crew":
        """This crew, so that there are so many threads with the caller's own."""
        with self.growing:
            while self.started < min(count - 1, MOST) and self._start():
                pass
            self.wanted, self.words[HELPERS // 8], self.words[WANTED // 8] = count, min(count - 1, self.started), count
        return self

    def _start(self) -> bool:
        number = self.started
        self.words[(LOCKS + number * LINE) // 8 + 1] = _closed_lock()
        # Counted first: an interrupt may come when the thread has started already, and two of one number would share their scratch.
        self.started = number + 1
        try:
            threading.Thread(target=self._help, args=(number,), name="chalkgrad", daemon=True).start()
        except RuntimeError:  # the interpreter is ending, or the system has no more threads: the others do the work
            self.started = number
            return False
        return True

    def _help(self, number: int) -> None:
        """What a helper does until the process ends. Its call keeps the box and the code, which it may still look at then."""
        self.serve(self.address, number)

    def asleep(self) -> bool:
        """Whether all helpers sleep."""
        return bool(self.words[LOCKS // 8 :: LINE // 8][: self.started].all())


def lines(size: int) -> int:
    """So many bytes, filled up to whole lines of memory."""
    return -(-size // LINE) * LINE


def _closed_lock() -> int:
    allocate, acquire = ctypes.pythonapi.PyThread_allocate_lock, ctypes.pythonapi.PyThread_acquire_lock
    allocate.restype, acquire.argtypes = c_void_p, (c_void_p, ctypes.c_int)
    lock = allocate()
    if lock is None:
        raise MemoryError
    acquire(lock, 1)
    return int(lock)


_crews: list[Crew] = []  # the one of this process: a forked one has none of its parent's threads
HERE = np.zeros(1, dtype=np.int64)  # the address of its box, for machine code; 0 while there is none
_lock = open_in_forks()


def _left() -> None:
    _crews.clear()
    HERE[0] = 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_left)


def crew() -> Crew:
    """The crew of this process, as large as it is to be."""
    count = threads.count()
    if _crews and (made := _crews[0]).wanted == count and HERE[0] == made.address:
        return made
    with _lock:
        if not _crews:
            _crews.append(Crew())
        made = _crews[0].of(count)
        HERE[0] = made.address
        return made


def share_out(function: int, bounds: Any, rooms: Any, sums: int, trouble: int, pointers: Sequence[int]) -> None:
    """Call a kernel for each block of rows: block i goes from bounds[i] to bounds[i + 1], and has row i of `rooms` for its own.

    There its scratch begins, its sums after so many bytes, and its note of trouble.
    """
    led, count = crew(), len(bounds) - 1
    at, room, joining = rooms.ctypes.data, rooms.strides[0], min(int(led.words[HELPERS // 8]), count - 1)
    job = np.array([function, joining, count, bounds.ctypes.data, at, 0, room, at + sums, room, trouble - sums, *pointers],
                   dtype=np.int64)  # fmt: skip
    led.lead(led.address, job.ctypes.data)
