"""How a run goes: a live bar on a terminal, a line a step elsewhere, nothing from Python."""

from __future__ import annotations

from typing import Any, Protocol, TextIO

from gvckit.errors import GvckitError

__all__ = ["Bar", "Lines", "Reporter", "Silent", "reporter_for"]


_MOST_BLOCKED = 5
"""One fault can stand before hundreds of steps."""


class Reporter(Protocol):
    """Hears about a run."""

    def begin(self, total: int) -> None:
        """A run of ``total`` steps begins."""

    def started(self, name: str) -> None:
        """A step starts."""

    def ran(self, name: str, seconds: float) -> None:
        """A step was carried out."""

    def cached(self, name: str) -> None:
        """The result of a step was in the store."""

    def failed(self, name: str, error: GvckitError) -> None:
        """A step failed."""

    def blocked(self, name: str, by: str) -> None:
        """A step cannot run because the step ``by`` failed."""

    def say(self, text: str) -> None:
        """Something else to know."""

    def end(self) -> None:
        """The run is over, however it went."""


class Silent:
    """Tells nothing."""

    def begin(self, total: int) -> None:
        """Tell nothing."""

    def started(self, name: str) -> None:
        """Tell nothing."""

    def ran(self, name: str, seconds: float) -> None:
        """Tell nothing."""

    def cached(self, name: str) -> None:
        """Tell nothing."""

    def failed(self, name: str, error: GvckitError) -> None:
        """Tell nothing."""

    def blocked(self, name: str, by: str) -> None:
        """Tell nothing."""

    def say(self, text: str) -> None:
        """Tell nothing."""

    def end(self) -> None:
        """Tell nothing."""


class Lines(Silent):
    """One line for each step that ran or failed, and one for the whole run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._total = 0
        self._counts = {"ran": 0, "in the store": 0, "failed": 0, "blocked": 0}

    def begin(self, total: int) -> None:
        """Remember the number of steps."""
        self._total = total
        self._counts = dict.fromkeys(self._counts, 0)

    def ran(self, name: str, seconds: float) -> None:
        """Write the step and its seconds."""
        self._line("ran", f"{name}  {seconds:.2f} s")

    def cached(self, name: str) -> None:
        """Count the step."""
        self._counts["in the store"] += 1

    def failed(self, name: str, error: GvckitError) -> None:
        """Write that the step failed; what is wrong comes at the end of the run."""
        self._line("failed", f"{name}  failed")

    def blocked(self, name: str, by: str) -> None:
        """Write which failure is in the way, of the first few steps; the others are counted."""
        if self._counts["blocked"] < _MOST_BLOCKED:
            self._line("blocked", f"{name}  not run: needs {by}")
        else:
            self._counts["blocked"] += 1

    def say(self, text: str) -> None:
        """Write the text."""
        self._write(text)

    def end(self) -> None:
        """Write how many steps ended how."""
        counts = [f"{count} {how}" for how, count in self._counts.items() if count]
        steps = "step" if self._total == 1 else "steps"
        self._write(f"{self._total} {steps}: {', '.join(counts) or 'none'}")

    def _line(self, how: str, text: str) -> None:
        self._counts[how] += 1
        width = len(str(self._total))
        self._write(f"[{sum(self._counts.values()):{width}}/{self._total}] {text}")

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


class Bar(Silent):
    """A live bar with the steps that are running; failures stay above it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Any = None
        self._task: Any = None
        self._running: list[str] = []
        self._early: list[str] = []

    def begin(self, total: int) -> None:
        """Draw the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        self._progress = Progress(
            BarColumn(30), MofNCompleteColumn(), Elapsed(), TextColumn("{task.description}"),
            console=Console(file=self._stream), transient=True)
        self._task = self._progress.add_task("", total=total)
        self._progress.start()

    def started(self, name: str) -> None:
        """Show the step."""
        self._running.append(name)
        self._show()

    def ran(self, name: str, seconds: float) -> None:
        """Move on."""
        self._finish(name)

    def cached(self, name: str) -> None:
        """Move on."""
        self._finish(name)

    def failed(self, name: str, error: GvckitError) -> None:
        """Write the failure above the bar."""
        self._finish(name)
        self.say(f"{name}  failed")

    def blocked(self, name: str, by: str) -> None:
        """Move on."""
        self._finish(name)

    def say(self, text: str) -> None:
        """Write the text above the bar."""
        if self._progress is None:
            self._stream.write(text + "\n")
            self._stream.flush()
        else:
            # Names come from the user: no markup.
            self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _finish(self, name: str) -> None:
        if name in self._running:
            self._running.remove(name)
        if self._progress is not None:
            self._progress.advance(self._task)
            self._show()

    def _show(self) -> None:
        from rich.markup import escape

        shown = ", ".join(self._running[:3]) + (" …" if len(self._running) > 3 else "")
        if self._progress is not None:
            self._progress.update(self._task, description=escape(shown))


def reporter_for(stream: TextIO) -> Reporter:
    """Return the reporter that suits ``stream`` (standard error, mostly)."""
    return Bar(stream) if stream.isatty() else Lines(stream)
