"""Threads that share out blocks of work in machine code, without the interpreter between one block and the next.

To wake a thread takes longer than most kernels run. So a thread that has done its share stays awake for a moment, looking whether
there is more to do, and only then goes to sleep. One that sleeps is woken and joins when it can: the caller takes blocks itself
until none is left, and waits only for those that others still work on.

A helper says that it is `inside` before it looks whether work is open, and the caller closes the work before it looks whether
anybody is inside. So no helper meets work that has ended (Dekker's way; it needs these steps to have one order for all threads).
"""

import os
import sys
import threading
from collections.abc import Sequence
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.native import threads
from chalkgrad.native.llvm import Code, compiled, load, machine, new_module

# Words that several threads write to lie in lines of memory of their own. TURN is the number of the work that is open, 0 for none.
TURN, NEXT, INSIDE, JOB, HELPERS, BOX = 0, 64, 128, 192, 200, 256
# How often a waiting thread looks without a break; and before a helper sleeps, some two hundred microseconds.
EAGER, PATIENCE = 64, 800

CODE = """
{declared}

define internal void @blocks(ptr %box, ptr %job) {{
entry:
  %next = getelementptr i8, ptr %box, i64 {NEXT}
  %count.at = getelementptr i64, ptr %job, i64 1
  %bounds.at = getelementptr i64, ptr %job, i64 2
  %rooms.at = getelementptr i64, ptr %job, i64 3
  %room.at = getelementptr i64, ptr %job, i64 4
  %sums.at = getelementptr i64, ptr %job, i64 5
  %trouble.at = getelementptr i64, ptr %job, i64 6
  %pointers = getelementptr i64, ptr %job, i64 7
  %function = load ptr, ptr %job
  %count = load i64, ptr %count.at
  %bounds = load ptr, ptr %bounds.at
  %rooms = load ptr, ptr %rooms.at
  %room = load i64, ptr %room.at
  %before.sums = load i64, ptr %sums.at
  %before.trouble = load i64, ptr %trouble.at
  br label %take
take:
  %place = atomicrmw add ptr %next, i64 1 seq_cst
  %left = icmp slt i64 %place, %count
  br i1 %left, label %work, label %done
work:
  %at = getelementptr i64, ptr %bounds, i64 %place
  %begin = load i64, ptr %at
  %after = getelementptr i64, ptr %at, i64 1
  %end = load i64, ptr %after
  %far = mul i64 %place, %room
  %scratch = getelementptr i8, ptr %rooms, i64 %far
  %sums = getelementptr i8, ptr %scratch, i64 %before.sums
  %trouble = getelementptr i8, ptr %scratch, i64 %before.trouble
  call void %function(i64 %begin, i64 %end, ptr %scratch, ptr %sums, ptr %trouble, ptr %pointers)
  br label %take
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

define void @lead(ptr %box, ptr %job, i64 %helpers, i64 %turn) {{
entry:
  %next = getelementptr i8, ptr %box, i64 {NEXT}
  %inside = getelementptr i8, ptr %box, i64 {INSIDE}
  %job.at = getelementptr i8, ptr %box, i64 {JOB}
  %helpers.at = getelementptr i8, ptr %box, i64 {HELPERS}
  store ptr %job, ptr %job.at
  store i64 %helpers, ptr %helpers.at
  store atomic i64 0, ptr %next seq_cst, align 8
  store atomic i64 %turn, ptr %box seq_cst, align 8
  call void @blocks(ptr %box, ptr %job)
  store atomic i64 0, ptr %box seq_cst, align 8
  br label %look
look:
  %looks = phi i64 [0, %entry], [%more, %wait]
  %others = load atomic i64, ptr %inside seq_cst, align 8
  %none = icmp eq i64 %others, 0
  br i1 %none, label %done, label %wait
wait:
  %more = add i64 %looks, 1
  call void @rest(i64 %looks)
  br label %look
done:
  ret void
}}

define i64 @serve(ptr %box, i64 %number, i64 %seen) {{
entry:
  %inside = getelementptr i8, ptr %box, i64 {INSIDE}
  %job.at = getelementptr i8, ptr %box, i64 {JOB}
  %helpers.at = getelementptr i8, ptr %box, i64 {HELPERS}
  br label %look
look:
  %looks = phi i64 [0, %entry], [%more, %wait], [0, %leave]
  %last = phi i64 [%seen, %entry], [%last, %wait], [%now, %leave]
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
  %helpers = load i64, ptr %helpers.at
  %meant = icmp slt i64 %number, %helpers
  br i1 %meant, label %work, label %leave
work:
  %job = load ptr, ptr %job.at
  call void @blocks(ptr %box, ptr %job)
  br label %leave
leave:
  %after = atomicrmw sub ptr %inside, i64 1 seq_cst
  br label %look
sleep:
  ret i64 %last
}}
"""


@cache
def _code() -> Code:
    declared, pause = _pause()
    yields = sys.platform != "win32"
    text = CODE.format(
        NEXT=NEXT, INSIDE=INSIDE, JOB=JOB, HELPERS=HELPERS, EAGER=EAGER, PATIENCE=PATIENCE,
        pause=pause,
        declared=f"{declared}\ndeclare i32 @sched_yield()" if yields else declared,
        give_way="%ignored = call i32 @sched_yield()" if yields else "",
    )  # fmt: skip
    return load(compiled(f"{new_module('crew')}\n{text}"), ["lead", "serve"])


def _pause() -> tuple[str, str]:
    """The instruction by which a waiting thread leaves the core to others: its declaration, and its call."""
    processor = str(machine().triple).partition("-")[0]
    if processor == "x86_64":
        return "declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"
    if processor in ("aarch64", "arm64"):
        return "declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"
    return "", ""


class Crew:
    """The helpers of this process."""

    def __init__(self) -> None:
        self.memory = np.zeros(BOX + 64, dtype=np.uint8)
        self.box = self.memory.ctypes.data + -self.memory.ctypes.data % 64
        self.busy = threading.Lock()
        self.turn = 0
        self.asleep: list[bool] = []
        self.calls: list[threading.Lock] = []
        code = _code()
        self.lead = CFUNCTYPE(None, c_void_p, c_void_p, c_int64, c_int64)(code.address("lead"))
        self.serve = CFUNCTYPE(c_int64, c_void_p, c_int64, c_int64)(code.address("serve"))

    def work(self, job: Any, helpers: int) -> None:
        """Do a job together with so many helpers; while they are at another one, alone."""
        if helpers < 1 or not self.busy.acquire(blocking=False):
            alone = np.zeros(BOX, dtype=np.uint8)
            self.lead(alone.ctypes.data, job.ctypes.data, 0, 1)
            return
        try:
            self._wake(helpers)
            self.turn += 1
            self.lead(self.box, job.ctypes.data, helpers, self.turn)
        finally:
            self.busy.release()

    def _wake(self, helpers: int) -> None:
        for number in range(min(helpers, len(self.calls))):
            if self.asleep[number]:
                self.asleep[number] = False
                self.calls[number].release()
        while len(self.calls) < helpers:
            self.calls.append(threading.Lock())
            self.asleep.append(False)
            try:
                threading.Thread(target=self._help, args=(len(self.calls) - 1,), name="chalkgrad", daemon=True).start()
            except RuntimeError:  # the interpreter is ending, or the system has no more threads: the others do the work
                self.calls.pop()
                self.asleep.pop()
                return

    def _help(self, number: int) -> None:
        call, seen = self.calls[number], 0
        call.acquire()
        while True:
            seen = self.serve(self.box, number, seen)
            self.asleep[number] = True
            call.acquire()


_crews: dict[int, Crew] = {}  # a forked process has none of its parent's threads


def share_out(function: int, bounds: Any, rooms: Any, sums: int, trouble: int, pointers: Sequence[int]) -> None:
    """Call a kernel for each block of rows: block i goes from bounds[i] to bounds[i + 1], and has row i of `rooms` for its own.

    There its sums begin after so many bytes, and its note of trouble.
    """
    count = len(bounds) - 1
    room = rooms.ctypes.data, rooms.strides[0], sums, trouble
    job = np.array([function, count, bounds.ctypes.data, *room, *pointers], dtype=np.int64)
    crew = _crews.get(os.getpid()) or _crews.setdefault(os.getpid(), Crew())
    crew.work(job, min(threads.count(), count) - 1)
