"""Capture a tiny random model of every type in transformers' registry, and say what came of it.

    python tools/survey.py [TYPE ...] [--jobs N] [--seconds N] [--keep FILE]

Without types it examines all of them and writes docs/models.md; with types it prints what it
finds. What it finds of each type is added to the file that --keep names, and types that stand there
are not examined again, so that a survey that was interrupted goes on. Each type is examined in a
process that is ended when it takes too long or too much memory, so that one crash costs one row.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "models.md"
_MEMORY = 12 * 2**30  # address space of a worker; torch alone maps several gigabytes


def main() -> None:
    parser = argparse.ArgumentParser(description="Survey of what capture makes of every type.")
    parser.add_argument("types", nargs="*", metavar="TYPE")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=90, help="for one type")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="goes on with what it has")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(_examined)
        return
    from examine import Finding
    from survey_page import page

    from attention_widget._util.files import write_texts

    types = given.types or all_types()
    findings = survey(types, given.jobs, given.seconds, given.keep)
    if given.types:
        for finding in findings:
            print(json.dumps(finding, indent=2))
    else:
        write_texts({PAGE: page([Finding(**finding) for finding in findings])})
        print(f"wrote {PAGE.relative_to(ROOT)}")


def survey(
    types: list[str],
    jobs: int,
    seconds: float,
    keep: Path | None = None,
    program: Path = Path(__file__),
) -> list[dict[str, Any]]:
    """What a program finds of each type, in the order of the types.

    Interrupted, it ends its processes first.
    """
    from tqdm.auto import tqdm

    found: dict[str, dict[str, Any]] = {}
    if keep is not None and keep.exists():
        kept = map(json.loads, keep.read_text(encoding="utf-8").splitlines())
        found = {finding["model_type"]: finding for finding in kept}
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in types:
        if name not in found:
            todo.put(name)
    workers: dict[int, _Worker] = {}
    stopped = threading.Event()

    def serve(number: int) -> None:
        try:
            while not stopped.is_set():
                if number not in workers:
                    workers[number] = _Worker(program)
                    continue
                try:
                    name = todo.get_nowait()
                except queue.Empty:
                    break
                found[name] = finding = workers[number].ask(name, seconds)
                if keep is not None:
                    with keep.open("a", encoding="utf-8") as file:
                        file.write(f"{json.dumps(finding)}\n")
                bar.update()
                if workers[number].process.poll() is not None:
                    workers.pop(number).end()
        finally:
            if number in workers:
                workers[number].end()

    count = max(1, min(jobs, len(types)))
    threads = [threading.Thread(target=serve, args=(number,)) for number in range(count)]
    with tqdm(total=todo.qsize(), desc="examining", unit="type", delay=2) as bar:
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            stopped.set()
            for worker in list(workers.values()):
                worker.process.kill()  # whoever waits for its answer need not
            for thread in threads:
                if thread.is_alive():  # it may not have been started
                    thread.join()
            raise
    return [found[name] for name in types]


class _Worker:
    """A process that examines one type at a time."""

    def __init__(self, program: Path) -> None:
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(program), "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()  # closes its pipes, a broken one too, and waits for it

    def ask(self, model_type: str, seconds: float) -> dict[str, Any]:
        """Its finding; that it failed, where the process ends before it has one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(f"{model_type}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if line:
            finding: dict[str, Any] = json.loads(line)
            return finding
        self.process.wait()
        return {"model_type": model_type, "failure": f"took more than {seconds:.0f} s or crashed"}


def work(examined: Callable[[str], dict[str, Any]]) -> None:
    """Examine each type named on the standard input; one line of JSON for each."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what models print is not an answer
    for line in sys.stdin:
        json.dump(examined(line.strip()), answers)
        answers.write("\n")
        answers.flush()


def _examined(model_type: str) -> dict[str, Any]:
    import torch
    import transformers
    from examine import Finding, examine
    from examine_edits import examine_edits
    from examine_predictions import examine_predictions, language_models

    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    try:
        finding = examine(model_type)
    except Exception as error:
        finding = Finding(model_type, failure=reason(error))
    languages = language_models(model_type) if not finding.failure else []
    if languages:
        try:
            finding.edits = asdict(examine_edits(model_type))
        except Exception as error:
            finding.edits = {"failure": reason(error)}
    for names in languages:
        try:
            finding.language.append(asdict(examine_predictions(model_type, names)))
        except Exception as error:
            finding.language.append({"sort": names, "failure": reason(error)})
    return finding.as_dict()


def reason(error: Exception) -> str:
    """What went wrong, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def all_types() -> list[str]:
    """Every model type that transformers knows, sorted."""
    from tiny_models import model_types

    return model_types()


def call(program: Callable[[], None]) -> None:
    """Interrupted, it ends with 130, as a shell says it.

    Python's own way gives 1 where torch runs code at exit.
    """
    try:
        program()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    call(main)
