#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `plot` and `report` write about real runs: well-formed, complete, and safe."""
import base64
import json
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

import small_runs

PROGRAM = sys.argv.pop(1)
KINDS = ["curves", "alignment", "credit", "cost", "pareto", "output", "states", "spikes", "pca", "eigenvalues", "sweep"]


def run(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)


class Reader(html.parser.HTMLParser):
    """Tags that are open, addresses that are named."""

    VOID = {"meta", "link", "br", "img", "input"}

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.tags = [], [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name.startswith("on"):
                raise AssertionError(f"{tag} has a handler {name}={value}")
            if name in ("href", "src", "xlink:href", "action", "srcset"):
                self.addresses.append(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if self.open[-1] != tag:
            raise AssertionError(f"</{tag}> closes <{self.open[-1]}>")
        self.open.pop()


class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.runs = small_runs.make(PROGRAM, cls.folder.name)
        cls.page = pathlib.Path(cls.folder.name) / "report.html"
        ended = run("report", cls.runs, "-o", cls.page)
        assert ended.returncode == 0, ended.stderr
        cls.text = cls.page.read_text()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_kind_is_well_formed(self):
        for kind in KINDS[:-1]:
            path = pathlib.Path(self.folder.name) / f"{kind}.svg"
            ended = run("plot", self.runs, "--kind", kind, "-o", path)
            self.assertEqual(ended.returncode, 0, f"{kind}: {ended.stderr}")
            document = xml.dom.minidom.parse(str(path)).documentElement
            self.assertEqual(document.tagName, "svg")
            self.assertTrue(document.getElementsByTagName("text"), kind)
            self.assertNotRegex(path.read_text(), r"[\"\s,](nan|inf|-nan|-inf)[\"\s,]")

    def test_a_sweep_has_a_map(self):
        sweep = pathlib.Path(self.folder.name) / "sweep"
        for rate in ("0.001", "0.01", "0.1"):
            small_runs.train(PROGRAM, self.folder.name, sweep / rate, f"optimizer.lr={rate}", "train.updates=20")
        path = pathlib.Path(self.folder.name) / "sweep.svg"
        ended = run("plot", sweep, "--kind", "sweep", "-o", path)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn(">0.001</text>", path.read_text())
        self.assertIn("stroke-width=\"2.5\"", path.read_text())
        self.assertEqual(run("plot", self.runs, "--kind", "sweep", "-o", path).returncode, 4, "nothing was swept")

    def test_gated_cells_have_a_spectrum_a_gate(self):
        out = small_runs.train(PROGRAM, self.folder.name, pathlib.Path(self.folder.name) / "gru", "train.updates=20",
                               cell="gru")
        ended = run("plot", out, "--kind", "eigenvalues", "--number", "3", "-o", out / "e.svg")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("weight_hh_l0, gate n", (out / "e.svg").read_text())

    def test_png_where_it_can_be_made(self):
        path = pathlib.Path(self.folder.name) / "curves.png"
        ended = run("plot", self.runs, "-o", path)
        if shutil.which("rsvg-convert") is None:
            self.assertEqual(ended.returncode, 4)
            self.assertIn("librsvg2-bin", ended.stderr)
            self.assertFalse(path.exists())
        else:
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertEqual(path.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_mistakes_are_named(self):
        for words, code, text in ((("--kind", "curvs", "-o", "x.svg"), 2, "did you mean curves?"),
                                  (("-o", "x.jpg"), 2, "end in .svg or .png"),
                                  (("--number", "99", "-o", "x.svg"), 2, "such figures")):
            ended = run("plot", self.runs, *words)
            self.assertEqual(ended.returncode, code)
            self.assertIn(text, ended.stderr)
            self.assertFalse(pathlib.Path(words[-1]).exists())
        ended = run("report", pathlib.Path(self.folder.name) / "nowhere")
        self.assertEqual(ended.returncode, 4)
        self.assertEqual(ended.stderr.count("\n"), 1)

    def test_the_page_is_small_closed_and_loads_nothing(self):
        self.assertLess(len(self.text.encode()), 1_000_000)
        reader = Reader()
        reader.feed(self.text)
        self.assertEqual(reader.open, [])
        for address in reader.addresses:
            self.assertRegex(address, "^(#|data:)")
        self.assertIn("default-src 'none'", self.text)
        self.assertNotIn("<b onclick", self.text)
        self.assertIn("&lt;b onclick=&#39;x()&#39;&gt;&amp;runs", self.text)
        self.assertFalse({"iframe", "object", "embed", "img"} & reader.tags)

    def test_pictures_in_the_page_are_well_formed(self):
        pictures = re.findall(r"<svg xmlns.*?</svg>(?=</div>|\n</div>|<)", self.text, re.S)
        self.assertGreater(len(pictures), 10)
        for picture in re.findall(r'<div class="still">(.*?)</div>', self.text, re.S):
            xml.dom.minidom.parseString(picture)

    def test_the_page_says_what_matters(self):
        for part in ("ends lowest", "snap: 1 of 1 seed diverged", "Fewer than 5 seeds", "without memory", "Angle between W_out",
                     "Cosine with the gradient of rtrl", "Eigenvalues of W_rec", "@article{murray2019local", "instruction set",
                     "Outputs" if "Outputs" in self.text else "Output and target"):
            self.assertIn(part, self.text)

    def test_what_overflowed_is_said_below_its_figure(self):
        chaotic = self.runs / "chaotic"
        overflowed = [json.loads(line).get("overflowed", {}) for line in (chaotic / "metrics.jsonl").read_text().splitlines()]
        count = sum("rtrl" in one for one in overflowed)
        self.assertGreater(count, 0, "this run does not overflow any more")
        self.assertLess(count, len(overflowed))
        said = f"tbptt(L=4): the gradient of rtrl overflowed in {count} of {len(overflowed)} reports"
        figures = re.findall(r"<figure.*?</figure>", self.text, re.S)
        for title in ("Norm against that of rtrl", "Cosine with the gradient of rtrl"):
            figure = next(one for one in figures if f"<h3>{title}</h3>" in one)
            self.assertIn(said, figure[figure.index("<figcaption>"):])
        path = pathlib.Path(self.folder.name) / "norms.svg"
        self.assertEqual(run("plot", chaotic, "--kind", "alignment", "--number", "2", "-o", path).returncode, 0)
        words = " ".join(text.firstChild.data for text in xml.dom.minidom.parse(str(path)).getElementsByTagName("text"))
        self.assertIn(said, words)

    def test_downloads_hold_the_numbers(self):
        found = dict(re.findall(r'<a download="([^"]+)" href="data:[^;]+;charset=utf-8;base64,([^"]+)"', self.text))
        self.assertEqual(set(found), {"runs.csv", "lines.csv", "references.bib"})
        runs = base64.b64decode(found["runs.csv"]).decode().splitlines()
        self.assertEqual(len(runs), 1 + 8)
        lines = base64.b64decode(found["lines.csv"]).decode().splitlines()
        self.assertEqual(len(lines), 1 + sum(len((run / "metrics.jsonl").read_text().splitlines())
                                             for run in self.runs.iterdir()))

    def test_colours_are_the_same_everywhere(self):
        light = re.search(r"--look-orange:(#[0-9A-F]{6})", self.text).group(1)
        self.assertIn(f'class="fill look-orange" fill="{light}"', self.text)
        path = pathlib.Path(self.folder.name) / "cost.svg"
        run("plot", self.runs, "--kind", "cost", "-o", path)
        self.assertIn(light, path.read_text())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
