#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command that the documents print, in their order, and holds the output shown there against it.

commands_test.py ROOT PROGRAM quick|long|write [Commands.test_DOCUMENT...]: `long` runs those that take more than ten
seconds, with what they need before; `write` runs those with output and writes it into the documents.
"""
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import tomllib
import unittest
import zipfile

from blocks import blocks_of, commands_of, with_output
from shown import differences

PART = sys.argv.pop(3)
PROGRAM = pathlib.Path(sys.argv.pop(2))
ROOT = pathlib.Path(sys.argv.pop(1))
DOCUMENTS = ["README.md", "CONTRIBUTING.md"] + sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))

# More than ten seconds on one core. A document's commands use each other's folders, so `long` runs the quick ones too.
LONG = ["chronograd check", "chronograd cost", "chronograd sweep", "chronograd compare .* --rates-from",
        "chronograd data fetch (digits|keywords)",
        "chronograd reproduce (marschall_add|marschall_mimic|periodic|copy|decoupled_[a-z]+|digits|trace_conditioning|dni_copy|kernl_adding|keywords|rflo_low_rank|string_memorisation|front|own_rule|own_rule_parts|"
        "nest_regression|nest_classification|pattern_generation|evidence_accumulation|store_recall|line_drawing|short_windows)"]
DIGITS = pathlib.Path("/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz")
# Hours: only begun, and interrupted once they are at work.
HOURS = ["chronograd reproduce .*--full"]
# Other programs' lines in README.md: the two commands of CI, the shell's own, and what tests/install does.
ELSEWHERE = {"./tools/main_job.sh", "./tools/test.sh", "export PATH=", "source apps/", "cmake -S", "cmake --build",
             "find_package", "target_link_libraries", "int main"}


def matches(patterns, text):
    return any(re.match(pattern, text) for pattern in patterns)


def make_inputs(folder):
    """The files that stand for a reader's own."""
    (folder / "experiments").symlink_to(ROOT / "experiments")
    shutil.copy(ROOT / "experiments/data/moby_dick_1.txt", folder / "book.txt")
    study = (ROOT / "experiments/studies/influence_balancing.toml").read_text()
    (folder / "my_study.toml").write_text(study.replace('"../', '"experiments/'))
    bits = [random.Random(0).choices((0, 1), k=120) for _ in range(2)]
    samples = [(bit, 1 - bit, target, 1 - target) for bit, target in zip(*bits)]
    (folder / "samples.csv").write_text("".join(",".join(map(str, sample)) + "\n" for sample in samples))
    inputs = [float(number) for bit in bits[0] for number in (bit, 1 - bit)]
    with zipfile.ZipFile(folder / "D.npz", "w") as archive:
        archive.writestr("x.npy", npy("<f8", (4, 30, 2), struct.pack("<240d", *inputs)))
        archive.writestr("y.npy", npy("<i8", (4, 30), struct.pack("<120q", *bits[1])))


def npy(kind, shape, data):
    """A .npy file's bytes, so that this needs no NumPy."""
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


class Commands(unittest.TestCase):
    def run_document(self, name):
        commands = commands_of((ROOT / name).read_text())
        wanted = [c for c in commands if PART == "quick" and not matches(LONG + HOURS, c.text)]
        if PART == "write":
            wanted = [c for c in commands if c.shown]
        if PART == "long" and any(matches(LONG + HOURS, c.text) for c in commands):
            wanted = commands
        for data, there in {"keywords": shutil.which("espeak-ng") and shutil.which("sox"), "digits": DIGITS.exists()}.items():
            if not there:  # what the programs make, or the package has, cannot be had without a network
                wanted = [c for c in wanted if not re.match(f"chronograd (data fetch|reproduce) {data}", c.text)]
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            make_inputs(folder)
            for command in wanted:
                with self.subTest(document=name, command=command.text):
                    self.begin(command, folder) if matches(HOURS, command.text) else self.run_command(name, command, folder)

    def start(self, command, folder, **streams):
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}
        with open(folder / command.source if command.source else os.devnull) as source:
            # A shell's background jobs ignore interrupts, and so would what they start.
            heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
            return subprocess.Popen([str(PROGRAM)] + command.words[1:], cwd=folder, env=environment, text=True,
                                    stdin=source, preexec_fn=heed, **streams)

    def run_command(self, name, command, folder):
        process = self.start(command, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, f"{command.text}\n{errors}{output}")
        if command.redirect:
            (folder / command.redirect).write_text(output)
        if command.shown:
            if PART == "write":
                path = ROOT / name
                path.write_text(with_output(path.read_text(), command, output))
            else:
                self.assertEqual(differences(command.shown, command.part_shown(output)), [], command.text)

    def begin(self, command, folder):
        process = self.start(command, folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            if not process.stderr.readline():
                self.fail(f"{command.text}: ended with {process.wait()} and said nothing")
            process.send_signal(2)
            process.stderr.read()
            self.assertEqual(process.wait(), 130, command.text)
        finally:
            process.kill()
            process.wait()

    def test_what_comes_after_the_program_is_not_forgotten(self):
        lines = [line for block in blocks_of((ROOT / "README.md").read_text()) for line in block]
        others = [line for line in lines if re.match(r"[./\w-]+ [\w-]|\./", line) and not line.startswith("chronograd ")
                  and " = " not in line and not any(line.startswith(known) for known in ELSEWHERE)]
        shown = {line for command in commands_of((ROOT / "README.md").read_text()) for line in command.shown}
        self.assertEqual([line for line in others if line not in shown], [])

    def test_the_readme_prints_the_example_as_it_is(self):
        text = (ROOT / "examples/stream.cpp").read_text()
        program = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
        printed = ["\n".join(block) for block in blocks_of((ROOT / "README.md").read_text()) if "int main() {" in block]
        self.assertEqual([one.strip() for one in printed], [program.strip()])

    def test_the_readme_prints_the_experiment_as_it_is(self):
        text = (ROOT / "experiments/add_stream.toml").read_text()
        printed = ["\n".join(block) for block in blocks_of((ROOT / "README.md").read_text()) if "[model]" in block]
        self.assertEqual([tomllib.loads(block) for block in printed], [tomllib.loads(text)])

    def test_a_wrong_number_is_seen(self):
        shown = ["rule  loss         us/step  CPU", "rtrl  0.45 ± 0.01  33       30", "rflo  0.50 ± 0.01  2.2      2"]

        def with_line(line):
            return [shown[0], line, shown[2]]

        self.assertEqual(differences(shown, shown), [])
        for wrong in (with_line("rtrl  0.75 ± 0.01  33       30"), with_line("rtrl  0.45 ± 0.01  33       300"),
                      with_line("uoro  0.45 ± 0.01  33       30"), shown[:2]):
            self.assertNotEqual(differences(shown, wrong), [])
        self.assertEqual(differences(shown, with_line("rtrl  0.45 ± 0.01  999      30")), [])
        slower = ["rule  loss         us/step  CPU", "rtrl  0.45 ± 0.01  999      90", "rflo  0.50 ± 0.01  99       6"]
        self.assertEqual(differences(shown, slower), [])
        ranges = ["4 seeds: median (least ... largest)", "uoro  0.6465 (0.6316 ... 0.6605)"]
        self.assertEqual(differences(ranges, [ranges[0], "uoro  0.6601 (0.6500 ... 0.6620)"]), [])
        self.assertNotEqual(differences(ranges, [ranges[0], "uoro  0.8 (0.75 ... 0.9)"]), [])


for document in DOCUMENTS:
    if commands_of((ROOT / document).read_text()):
        name = "test_" + re.sub(r"\W", "_", document)
        setattr(Commands, name, lambda self, document=document: self.run_document(document))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
