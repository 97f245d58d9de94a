# SPDX-License-Identifier: Apache-2.0
"""`python3 -m chronograd`: the program, with entries of one's own: `... --load my_rule.py`."""
import runpy
import sys
import warnings

from . import _chronograd, _laws


def main(words: list[str]) -> int:
    """Runs the files that --load names, then the program with the other words."""
    rest, files = [], []
    waiting = iter(words)
    for word in waiting:
        if word == "--load":
            files.append(next(waiting, None))
        elif word.startswith("--load="):
            files.append(word[len("--load="):])
        else:
            rest.append(word)
    for file in files:
        if not file:
            print("[--load] got nothing, allowed is a Python file. Example: --load my_rule.py.", file=sys.stderr)
            return 2
        try:
            runpy.run_path(file, run_name="__chronograd__")
        except OSError as problem:
            print(f"[--load] {file} cannot be read: {problem.strerror}.", file=sys.stderr)
            return 4
    if files:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *_: print(f"note: {message}", file=sys.stderr)
            _laws.loaded()
    sys.stdout.flush()
    try:
        return _chronograd.run_program(["chronograd", *rest])
    except _chronograd.Error as problem:  # of an entry, in the middle of the work
        print(problem, file=sys.stderr)
        return problem.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
