"""How fast it starts: `make bench`. Each command runs once to warm up, then many times.

The best and the middle of the runs are shown; the middle has to stay under the target.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
COMMANDS = {
    "python -c pass": (["-c", "pass"], None),
    "wizard --version": (["-m", "wizard", "--version"], 40),
    "wizard --help": (["-m", "wizard", "--help"], 80),
    "import wizard.engine": (["-c", "import wizard.engine.diagnose, wizard.engine.look"], 120),
    "wizard flow check": (["-m", "wizard", "flow", "check"], None),
    "wizard demo --json": (["-m", "wizard", "demo", "--json"], 300),
}


def milliseconds(arguments: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return (time.perf_counter() - began) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    # Without bytecode every run would compile everything anew.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    missed = 0
    print(f"{'command':<24}{'best':>9}{'middle':>9}{'target':>9}   ({runs} runs, ms)")
    for name, (arguments, target) in COMMANDS.items():
        milliseconds(arguments, environment)
        took = [milliseconds(arguments, environment) for _ in range(runs)]
        middle = statistics.median(took)
        is_late = target is not None and middle > target
        missed += is_late
        print(f"{name:<24}{min(took):>9.1f}{middle:>9.1f}{target or '':>9}{'  too slow' * is_late}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
