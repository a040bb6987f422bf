"""Takes rights away from the present process before it reads a stranger's file. Standard library only.

Linux only: limits (setrlimit), a seccomp filter without sockets and without new programs, Landlock rules
on files, and a network namespace of its own. Each is tried; `confine` tells which of them hold. Sources:
seccomp(2), landlock(7), and linux/filter.h for the filter's form.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNET = 0x4000_0000
EPERM = 1

# AUDIT_ARCH of linux/audit.h, then the system calls to refuse: socket, connect, socketpair, execve,
# execveat, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, kill, mount, bpf, keyctl.
REFUSED_CALLS = {
    "x86_64": (0xC000_003E, (41, 42, 53, 59, 322, 101, 310, 311, 425, 62, 165, 321, 250)),
    "aarch64": (0xC000_00B7, (198, 203, 199, 221, 281, 117, 270, 271, 425, 129, 40, 280, 219)),
}
X32_CALLS = 0x4000_0000  # x86-64 system calls of the x32 interface start here

# linux/bpf_common.h and linux/seccomp.h
LOAD_WORD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF_0000, 0x0005_0000 | EPERM
SECCOMP_DATA_CALL, SECCOMP_DATA_ARCH = 0, 4

# linux/landlock.h; the numbers are the same on both architectures
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1
FILE_RIGHTS = (
    0x1FFF  # every right of Landlock's first version: execute, write, read, folders, making, removing
)
READ_RIGHTS = 0x1 | 0x4 | 0x8  # execute (to map libraries), read file, read folder

_libc = ctypes.CDLL(None, use_errno=True)


def confine(
    folder: Path, readable: list[Path], seconds: int, memory_bytes: int, file_bytes: int
) -> list[str]:
    """Limit this process to `folder` (read and write) and `readable`, and return what holds now.

    Call it before anything starts a thread. Times in seconds of processor time, sizes in bytes.
    """
    holding = ["limits"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    if platform.system() != "Linux":
        return holding
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _leave_network():
        holding.append("namespace")
    if _restrict_files(folder, readable):
        holding.append("landlock")
    if _refuse_calls():
        holding.append("seccomp")
    return holding


def _leave_network() -> bool:
    """Move to an empty network: directly for root, else as root of a user namespace where that is allowed."""
    return any(_libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def _refuse_calls() -> bool:
    if platform.machine() not in REFUSED_CALLS:
        return False
    program = _filter(*REFUSED_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))  # struct sock_fprog
    return bool(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the seccomp program: refuse another architecture and the listed calls, allow the rest."""
    steps = [(LOAD_WORD, 0, 0, SECCOMP_DATA_ARCH)]
    tests = [(JUMP_AT_LEAST, X32_CALLS), *((JUMP_EQUAL, number) for number in refused)]
    # A false jump of the first test, and a true jump of the others, lead to the last step.
    steps.append((JUMP_EQUAL, 0, len(tests) + 2, architecture))
    steps.append((LOAD_WORD, 0, 0, SECCOMP_DATA_CALL))
    for index, (test, value) in enumerate(tests):
        steps.append((test, len(tests) - index, 0, value))
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _restrict_files(folder: Path, readable: list[Path]) -> bool:
    if _libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION) < 1:
        return False
    attributes = struct.pack("Q", FILE_RIGHTS)
    ruleset = _libc.syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        _allow(ruleset, folder, FILE_RIGHTS)
        for path in readable:
            _allow(ruleset, path, READ_RIGHTS)
        return bool(_libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    if not path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_PATH", 0))
    try:
        rule = struct.pack("=Qi", rights, handle)  # struct landlock_path_beneath_attr is packed
        _libc.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)
