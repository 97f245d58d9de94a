#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An endless stream for many steps, in constant memory.

  tools/long_stream.py PROGRAM [--steps N]     (default 10^7)

Trains on the task `add`, an update at every step, a line of metrics at every 100th and checkpoints all the way, and
watches the memory that the process holds, tests included. It may not grow by more than 1 MiB after the first twentieth of
the way, or after the first look where a busy machine looks later. Exit code 1 if it does."""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

CONFIG = """
[model]
cell = "leaky"
hidden = 4
[loss]
name = "cross_entropy"
[rule]
name = "rflo"
[update]
every = 1
[task]
name = "add"
[train]
report_every = 100
checkpoint_every = 100000
"""
ALLOWED = 1024  # kB


def resident(pid):
    """VmRSS in kB; 0 once the process is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--steps", type=int, default=10**7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "c.toml"
        # Tests all the way, the first one early: they load libraries that training has no need of.
        config.write_text(CONFIG + f"updates = {arguments.steps}\ntest_every = {arguments.steps // 50}\n")
        metrics = pathlib.Path(folder) / "run" / "metrics.jsonl"
        process = subprocess.Popen([arguments.program, "train", config, "--out", folder + "/run", "--quiet"],
                                   stdout=subprocess.DEVNULL)
        early, late, samples, length = 0, 0, 0, 0
        while process.poll() is None:
            time.sleep(0.05)
            now = resident(process.pid)
            if metrics.exists() and now:
                with metrics.open("rb") as file:  # how far it is, from the last line
                    file.seek(max(0, metrics.stat().st_size - 400))
                    lines = file.read().split(b"\n")
                done = int(lines[-2].split(b":")[1].split(b",")[0]) if len(lines) > 2 else 0
                samples += 1
                if done < arguments.steps / 20 or not early:
                    early = max(early, now)
                elif done < arguments.steps:  # then it draws a sample of outputs, which is no part of the stream
                    late = max(late, now)
        length = sum(1 for _ in metrics.open()) if metrics.exists() else 0
    print(f"exit {process.returncode}, {length} lines, {samples} samples: "
          f"at most {early} kB in the first twentieth, {late} kB after it")
    good = process.returncode == 0 and length == arguments.steps // 100 and early > 0 and 0 < late <= early + ALLOWED
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
