"""Programs under strace: what they asked of the kernel, and errors that the kernel did not make."""

from pathlib import Path

from tests.parts.processes import program


class Strace:
    """A trace of these system calls, `inject` being errors in strace's words, such as `fdatasync:error=EIO:when=9`."""

    def __init__(self, trace: Path, calls: str, inject: str = "") -> None:
        self._trace = trace
        # Detached, so that the program and not strace is who gets signals and has the pid that was started.
        options = ["-D", "-f", "--seccomp-bpf", "-y", "-qq", "-s", "64", "-o", str(trace), "-e", f"trace={calls}"]
        self.prefix = (program("strace"), *options, *(("-e", f"inject={inject}") if inject else ()))
        """What stands before the command."""

    @property
    def injected(self) -> int:
        """Errors that were made up."""
        return self._trace.read_text().count("(INJECTED)")

    def calls(self) -> list[str]:
        """The calls in the order in which they returned."""
        return whole(self._trace.read_text())


def whole(trace: str) -> list[str]:
    """The calls of a trace in the order in which they returned; those that another thread interrupted are joined."""
    begun: dict[str, str] = {}
    calls = []
    for line in trace.splitlines():
        pid, _, call = line.partition(" ")
        call = call.lstrip()
        if call.endswith("<unfinished ...>"):
            begun[pid] = call.removesuffix("<unfinished ...>")
        elif "resumed>" in call:
            calls.append(begun.pop(pid) + call.partition("resumed>")[2])
        else:
            calls.append(call)
    return calls
