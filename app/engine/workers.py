"""The processes that train, one per run, bounded in number; the server's interpreter and threads have no part in it."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from typing import Any

from app.train.folder import Folder

END_SECONDS = 20.0
"""How long a worker may take to leave its checkpoint when the server closes."""

SPARE_SECONDS = 600.0
"""How long a process waits for a run that nobody began."""

PUMP_SECONDS = 0.25


class Workers:
    """Starts, counts and ends workers. For many threads.

    Args:
        most: runs that train at once; others wait for their turn.
        environment: variables that a worker gets.
    """

    def __init__(self, most: int, environment: dict[str, str]) -> None:
        self.most = most
        self.exits: dict[str, int] = {}
        self._environment = environment
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._waiting: deque[tuple[str, Folder, dict[str, Any]]] = deque()
        self._spare: tuple[float, subprocess.Popen[str]] | None = None
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._pump: threading.Thread | None = None

    def alive(self, run_id: str) -> bool:
        """Whether a worker trains this run."""
        with self._lock:
            self._look()
            return run_id in self._processes

    def prepare(self) -> None:
        """Makes a process ready, so that the next run begins at once."""
        with self._lock:
            if self._closed.is_set():
                return
            self._start_pump()
            if self._spare is None or self._spare[1].poll() is not None:
                self._spare = (time.monotonic(), self._launch())

    def tell(self, run_id: str, folder: Folder, command: dict[str, Any]) -> None:
        """Has a run do something: its worker is told, or one is started for it as soon as there is room."""
        with self._lock:
            self._look()
            self._waiting = deque(entry for entry in self._waiting if entry[0] != run_id)
            if run_id in self._processes:
                folder.append("commands.jsonl", command)
            elif command["do"] in ("play", "step"):
                folder.write("state.json", {**folder.read("state.json"), "state": "waiting", "sentence": None})
                self._waiting.append((run_id, folder, command))
                self._start_waiting()
            else:
                # Nothing trains it: there is nothing to stop but the waiting.
                state = folder.read("state.json")
                if state and state.get("state") not in ("finished", "failed"):
                    folder.write("state.json", {**state, "state": "stopped" if command["do"] == "stop" else "paused"})

    def end(self, run_id: str) -> None:
        """Ends a run's worker at once, without a checkpoint: the run is to be deleted."""
        with self._lock:
            self._waiting = deque(entry for entry in self._waiting if entry[0] != run_id)
            process = self._processes.pop(run_id, None)
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Lets every worker leave a checkpoint and end."""
        self._closed.set()
        with self._lock:
            processes = [*self._processes.values(), *([self._spare[1]] if self._spare else [])]
            self._processes, self._spare = {}, None
        for process in processes:
            close_input(process)
        end = time.monotonic() + END_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _launch(self) -> subprocess.Popen[str]:
        places = os.pathsep.join(place for place in sys.path if place)
        environment = {**os.environ, **self._environment, "PYTHONPATH": places}
        command = [sys.executable, "-m", "app.train.worker"]
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
            env=environment,
        )  # fmt: skip

    def _start_waiting(self) -> None:
        """Starts what waits, as far as there is room."""
        while self._waiting and len(self._processes) < self.most:
            run_id, folder, command = self._waiting.popleft()
            folder.write("state.json", {**folder.read("state.json"), "state": "starting"})
            process = self._spare[1] if self._spare and self._spare[1].poll() is None else self._launch()
            self._spare = None
            self.exits.pop(run_id, None)
            self._processes[run_id] = process
            told = len(folder.lines("commands.jsonl"))
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                process.stdin.write(json.dumps({"folder": str(folder.path), "told": told, "do": command}) + "\n")
                process.stdin.flush()
            self._start_pump()

    def _look(self) -> None:
        """Notices who has ended."""
        for run_id, process in list(self._processes.items()):
            code = process.poll()
            if code is not None:
                close_input(process)
                self.exits[run_id] = code
                del self._processes[run_id]

    def _start_pump(self) -> None:
        if self._pump is None:
            self._pump = threading.Thread(target=self._turn, name="convscope-workers", daemon=True)
            self._pump.start()

    def _turn(self) -> None:
        """Starts who waits when another has ended, and lets an unused process go."""
        while not self._closed.wait(PUMP_SECONDS):
            with self._lock:
                self._look()
                self._start_waiting()
                if self._spare is not None and time.monotonic() - self._spare[0] > SPARE_SECONDS:
                    close_input(self._spare[1])
                    self._spare = None


def close_input(process: subprocess.Popen[str]) -> None:
    """Lets a worker know that nobody will tell it anything more."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
