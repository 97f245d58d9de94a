#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What holds for every tracked file: licence line, length, no path of one machine, a changelog that is kept."""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
SOURCE_SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".in"}
LONGEST = 400
MACHINE_PATH = re.compile(r"(?<![\w.:/}-])/(?:%s)(?:/|\b)" % "|".join(["work", "home", "root", "tmp", "Users"]))
JUMPING_CLOCK = re.compile(r"system_clock|high_resolution_clock|gettimeofday|CLOCK_REALTIME|\b(?:std::)?time\((?:nullptr|NULL|0|&)")
DATED = "apps/chronograd/own_folder.cpp"  # names folders by the date
NAMESPACE = re.compile(r"(?:inline )?namespace ?([\w:]*) ?\{$")
TYPE = re.compile(r"(?:struct|class|union|enum|enum class) (?:CHRONOGRAD_API )?(\w+)(?: final)?(?: :.*)?(?: \{.*)?$")
PARENT_FOLDER = re.compile(r"\.\./%s\b" % "shared")


def tracked():
    """Names of the tracked files; of all files where this is not a git checkout, as in a release archive."""
    git = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if git.returncode == 0:
        names = [name for name in git.stdout.split("\0") if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(("build", "runs/", "node_modules/"))]
    return [name for name in names if (ROOT / name).is_file()]


def lines_of(name):
    """Lines of a text file; none of a binary one, nor of what the fuzzers feed to the readers."""
    data = (ROOT / name).read_bytes()
    return [] if b"\0" in data or name.startswith("tests/fuzz/corpus/") else data.decode("utf-8").splitlines()


def is_source(name):
    path = pathlib.PurePath(name)
    return path.suffix in SOURCE_SUFFIXES or path.name == "CMakeLists.txt" or name == ".ci/run"


def types_of(lines):
    """The types that other files could see: full names of those defined outside of unnamed namespaces."""
    inside, types = [], []
    for number, line in enumerate(lines):
        found = NAMESPACE.match(line)
        if found and lines[number + 2] != "}":  # a namespace of one line ends without a comment
            inside.append(found[1])
        elif line.startswith("}  // namespace"):
            inside.pop()
        elif "" not in inside and (found := TYPE.match(line)):
            types.append("::".join([*inside, found[1]]))
    return types


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = tracked()

    def test_the_list_of_files_is_not_empty(self):
        self.assertTrue(any(name.startswith("src/") for name in self.names))

    def test_sources_say_their_licence(self):
        bad = [name for name in self.names
               if is_source(name) and not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines_of(name)[:2])]
        self.assertEqual(bad, [], "no SPDX line in the first two lines")

    def test_sources_are_short(self):
        lengths = {name: len(lines_of(name)) for name in self.names if is_source(name)}
        self.assertEqual({name: n for name, n in lengths.items() if n > LONGEST}, {}, f"longer than {LONGEST} lines")

    def test_examples_are_very_short(self):
        lengths = {name: len(lines_of(name)) for name in self.names if name.startswith("examples/") and name.endswith(".cpp")}
        self.assertTrue(lengths)
        self.assertEqual({name: n for name, n in lengths.items() if n >= 40}, {})

    def test_no_path_of_one_machine(self):
        bad = [f"{name}:{number}: {line.strip()}"
               for name in self.names for number, line in enumerate(lines_of(name), 1)
               if MACHINE_PATH.search(line) or PARENT_FOLDER.search(line)]
        self.assertEqual(bad, [])

    def test_the_path_pattern_sees_paths(self):
        slash = "/"
        for text in (f"{slash}tmp/x", f'"{slash}home/me"', f"in {slash}root", f"={slash}work/data"):
            self.assertRegex(text, MACHINE_PATH)
        for text in ("src/tmp/x", "${root}/work", "https://host/home", "/usr/share/datasets", "/dev/full", "and/or"):
            self.assertNotRegex(text, MACHINE_PATH)

    def test_durations_come_from_a_clock_that_never_jumps(self):
        for text in ("std::chrono::system_clock::now()", "time(nullptr)", "std::time(&t)"):
            self.assertRegex(text, JUMPING_CLOCK)
        bad = [f"{name}:{number}: {line.strip()}" for name in self.names
               if name.startswith(("src/", "apps/", "include/", "bench/")) and is_source(name) and name != DATED
               for number, line in enumerate(lines_of(name), 1) if JUMPING_CLOCK.search(line)]
        self.assertEqual(bad, [])

    def test_no_file_is_named_after_nothing(self):
        vague = {"util", "utils", "common", "helper", "helpers", "misc"}
        self.assertEqual([name for name in self.names if pathlib.PurePath(name).stem in vague], [])

    def test_types_have_a_name_of_their_own(self):
        # Of two types of one name the linker takes one's functions for both, where they are not inlined.
        places = {}
        for name in self.names:
            if name.endswith((".hpp", ".cpp")) and name.startswith(("src/", "include/", "apps/", "python/", "tests/")):
                for found in types_of(lines_of(name)):
                    places.setdefault(found, []).append(name)
        self.assertIn("chronograd::Config", places)
        self.assertEqual({found: names for found, names in places.items() if len(names) > 1}, {})

    def test_the_changelog_has_a_place_for_changes(self):
        self.assertIn("## [Unreleased]", lines_of("CHANGELOG.md"))

    def test_third_party_files_are_unchanged(self):
        sums = [name for name in self.names if name.startswith("third_party/") and name.endswith("SHA256SUMS")]
        self.assertTrue(sums)
        for name in sums:
            folder = pathlib.PurePath(name).parent
            listed = dict(reversed(line.split()) for line in lines_of(name))
            for file, expected in listed.items():
                self.assertEqual(hashlib.sha256((ROOT / folder / file).read_bytes()).hexdigest(), expected, file)
            beside = {pathlib.PurePath(n).name for n in self.names if pathlib.PurePath(n).parent == folder}
            self.assertEqual(beside - set(listed), {"README.md", "SHA256SUMS"})
            self.assertIn("LICENSE", listed)

    def test_one_version_everywhere(self):
        version = re.search(r"project\(chronograd VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        self.assertIn(f"version: {version}", lines_of("CITATION.cff"))

    def test_mutants_are_of_the_present_code(self):
        for mutant in json.loads((ROOT / "tools/mutants.json").read_text()):
            self.assertEqual((ROOT / mutant["file"]).read_text().count(mutant["from"]), 1, mutant["name"])

    def test_presets_are_used_by_their_names(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text())
        names = {preset["name"] for preset in presets["configurePresets"] if not preset.get("hidden")}
        workflows = {preset["name"] for preset in presets["workflowPresets"]}
        self.assertEqual(names, workflows)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
