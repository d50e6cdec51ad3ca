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
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.native import threads
from chalkgrad.native.llvm import Code, compiled, load, machine, new_module

# Words that several threads write to lie in lines of memory of their own. TURN is the number of the work that is open, 0 for none.
TURN, NEXT, INSIDE, JOB, HELPERS, BOX = 0, 64, 128, 192, 200, 256
PATIENCE = 2000  # how often a helper looks for more work before it sleeps: some ten microseconds
FIELDS = ("function", "count", "bounds", "scratch", "scratch.step", "sums", "sums.step", "trouble", "trouble.step", "pointers")

CODE = """
{declared}

define internal void @blocks(ptr %box, ptr %job) {{
entry:
  %next = getelementptr i8, ptr %box, i64 {NEXT}
  {fields}
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
  {rooms}
  call void %function(i64 %begin, i64 %end, ptr %scratch.here, ptr %sums.here, ptr %trouble.here, ptr %pointers)
  br label %take
done:
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
  %looks = phi i64 [0, %entry], [%more, %rest], [0, %give]
  %others = load atomic i64, ptr %inside seq_cst, align 8
  %none = icmp eq i64 %others, 0
  br i1 %none, label %done, label %wait
wait:
  %more = add i64 %looks, 1
  %long = icmp sgt i64 %more, {PATIENCE}
  br i1 %long, label %give, label %rest
rest:
  {pause}
  br label %look
give:
  {give_way}
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
  %looks = phi i64 [0, %entry], [%more, %rest], [0, %leave]
  %last = phi i64 [%seen, %entry], [%last, %rest], [%now, %leave]
  %turn = load atomic i64, ptr %box seq_cst, align 8
  %open = icmp ne i64 %turn, 0
  %new = icmp ne i64 %turn, %last
  %any = and i1 %open, %new
  br i1 %any, label %enter, label %wait
wait:
  %more = add i64 %looks, 1
  %enough = icmp sgt i64 %more, {PATIENCE}
  br i1 %enough, label %sleep, label %rest
rest:
  {pause}
  br label %look
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
    numbers = [name for name in FIELDS if name == "count" or name.endswith("step")]
    fields, rooms = [], []
    for place, name in enumerate(FIELDS):
        kind = "i64" if name in numbers else "ptr"
        fields += [f"%{name}.at = getelementptr i64, ptr %job, i64 {place}", f"%{name} = load {kind}, ptr %{name}.at"]
    for name in ("scratch", "sums", "trouble"):
        rooms += [f"%{name}.far = mul i64 %place, %{name}.step", f"%{name}.here = getelementptr i8, ptr %{name}, i64 %{name}.far"]
    declared, pause = _pause()
    yields = sys.platform != "win32"
    text = CODE.format(
        NEXT=NEXT, INSIDE=INSIDE, JOB=JOB, HELPERS=HELPERS, PATIENCE=PATIENCE,
        fields="\n  ".join(fields), rooms="\n  ".join(rooms), pause=pause,
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


def share_out(function: int, bounds: Any, scratch: Any, sums: Any, trouble: Any, pointers: Any) -> None:
    """Call a kernel for each block of rows, block i from bounds[i] to bounds[i + 1], with its row of scratch, sums and trouble."""
    count = len(bounds) - 1
    rooms = [word for one in (scratch, sums, trouble) for word in (one.ctypes.data, one.strides[0])]
    job = np.array([function, count, bounds.ctypes.data, *rooms, pointers.ctypes.data], dtype=np.int64)
    crew = _crews.get(os.getpid()) or _crews.setdefault(os.getpid(), Crew())
    crew.work(job, min(threads.count(), count) - 1)
