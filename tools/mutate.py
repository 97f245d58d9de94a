#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the program on purpose, one mistake at a time, and says whether a test notices.

usage: tools/mutate.py WORK [--mutants FILE] [--only TEXT] [--jobs N]

WORK is a folder for a copy of the repository and its build; it is made, and used again by the next run. A mutant
replaces one text of one file: it must be there exactly once. Each must be caught by a test program that fails on it
(a mutant that does not compile is a mistake in the list). Prints a line a mutant; exit code 1 if one lived. The build
is of one instruction set and hardly optimised: what it makes runs for seconds, and is made anew for each mutant.
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Folder and program; what is quick first.
TESTS = [("golden", "golden"), ("identities", "identities"), ("conformance", "conformance"),
         ("training", "training"), ("checking", "check"), ("conformance", "sizes")]


def run(command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", **more)


def checked(command):
    done = run(command)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def copy_tree(source):
    """The files that git knows, written only where they changed, so that the build stays incremental."""
    names = checked(["git", "-C", ROOT, "ls-files", "-z"]).split("\0")
    for name in filter(None, names):
        if not (ROOT / name).is_file():
            continue
        text, target = (ROOT / name).read_bytes(), source / name
        if target.is_file() and target.read_bytes() == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)


def caught_by(build, jobs):
    """The first test that fails, or None; the build's messages if there is no build."""
    done = run(["cmake", "--build", build, "-j", jobs, "--target", *[f"test_{name}" for _, name in TESTS]])
    if done.returncode != 0:
        return None, done.stdout[-3000:]
    for folder, name in TESTS:
        try:
            done = run([build / "tests" / folder / f"test_{name}", "--gtest_fail_fast", "--gtest_brief=1"], timeout=600)
        except subprocess.TimeoutExpired:
            return f"{name} (ran too long)", ""
        if done.returncode != 0:
            failed = [line for line in done.stdout.splitlines() if line.startswith("[  FAILED  ]")]
            return f"{name}: {failed[0][13:].split(',')[0].split(' (')[0]}" if failed else f"{name} (crashed)", ""
    return None, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--mutants", type=pathlib.Path, default=ROOT / "tools" / "mutants.json")
    parser.add_argument("--only", default="", help="mutants whose name has this text")
    parser.add_argument("--jobs", default="2")
    arguments = parser.parse_args()
    if arguments.work.resolve() == ROOT or ROOT in arguments.work.resolve().parents:
        sys.exit("WORK must lie outside of the repository.")
    source, build = arguments.work, arguments.work / "build" / "mutants"
    copy_tree(source)
    checked(["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
             "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g0", "-DCHRONOGRAD_SETS=baseline",
             "-DCHRONOGRAD_BUILD_TESTS=ON"])
    mutants = [m for m in json.loads(arguments.mutants.read_text()) if arguments.only in m["name"]]
    for mutant in mutants:
        if (source / mutant["file"]).read_text().count(mutant["from"]) != 1:
            sys.exit(f"{mutant['name']}: its text is not exactly once in {mutant['file']}.")
    found, messages = caught_by(build, arguments.jobs)
    if found or messages:
        sys.exit(f"the program fails without a mutant: {found}\n{messages}")
    lived = 0
    for mutant in mutants:
        path = source / mutant["file"]
        text = path.read_text()
        try:
            path.write_text(text.replace(mutant["from"], mutant["to"]))
            found, messages = caught_by(build, arguments.jobs)
        finally:
            path.write_text(text)
        verdict = "does not build" if messages else f"caught by {found}" if found else "LIVED"
        lived += not found
        print(f"{mutant['name']:48} {verdict}", flush=True)
        if messages:
            print(messages, file=sys.stderr)
    print(f"{len(mutants) - lived} of {len(mutants)} caught")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
