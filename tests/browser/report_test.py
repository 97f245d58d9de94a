#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A report in headless Chromium: nothing on the console, no request, complete without scripts, readable at both widths.
   report_test.py PROGRAM [FOLDER]    with a folder, the screenshots stay there"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import chromium
import small_runs

PROGRAM = sys.argv.pop(1)
SCREENSHOTS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None

# Contrast of every text with the ground of the page or of the panel that it stands on.
CONTRAST = """
(() => {
  const parts = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = c => { const [r, g, b] = parts(c).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (parts(c).length < 4 || parts(c)[3] > 0) return c; } return "rgb(255,255,255)"; };
  const bad = [];
  for (const e of document.querySelectorAll("h1,h2,h3,p,a,th,td,li,figcaption,label,summary,pre,svg text")) {
    const style = getComputedStyle(e), inside = e.closest("svg");
    if (!e.textContent.trim() || style.display === "none" || !e.getClientRects().length) continue;
    if (inside && !e.getAttribute("class")) continue;  // numbers in the cells of a map have their own ground
    const a = light(inside ? style.fill : style.color), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + " " + e.textContent.trim().slice(0, 30) + " " + ratio.toFixed(2));
  }
  return bad;
})()
"""

# Texts of a picture that leave it, or lie on each other.
CROWDED = """
(() => {
  const bad = [];
  for (const svg of document.querySelectorAll("figure svg")) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) continue;
    const boxes = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
    for (const [text, r] of boxes)
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1)
        bad.push("outside: " + text);
    boxes.forEach(([text, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 4) bad.push("on each other: " + text + " | " + other);
    }));
  }
  return bad;
})()
"""


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        runs = small_runs.make(PROGRAM, cls.folder.name)
        cls.page = pathlib.Path(cls.folder.name) / "report.html"
        subprocess.run([PROGRAM, "report", str(runs), "-o", str(cls.page), "--quiet"], check=True)
        cls.browser = chromium.Chromium()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def look(self, width, dark, scripts=True):
        self.browser.view(width, dark, scripts)
        self.browser.open(self.page)
        self.assertEqual(self.browser.messages, [])
        self.assertEqual(self.browser.requests, [f"file://{self.page}"])
        self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth"), width, "no sideways scrolling")
        self.assertEqual(self.browser.evaluate(CONTRAST), [])
        shots = SCREENSHOTS or pathlib.Path(self.folder.name)
        path = shots / f"{width}_{'dark' if dark else 'light'}{'' if scripts else '_still'}.png"
        self.browser.screenshot(path)
        self.assertGreater(path.stat().st_size, 20000)

    def shown(self, selector):
        return self.browser.evaluate(
            f"[...document.querySelectorAll('{selector}')].filter(e => e.getClientRects().length).length")

    def test_with_scripts_lines_are_charts(self):
        for width in (1280, 390):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.look(width, dark)
                    charts = self.browser.evaluate("document.querySelectorAll('figure[data-chart]').length")
                    self.assertGreater(charts, 3)
                    self.assertEqual(self.shown("figure[data-chart] canvas"), charts)
                    self.assertEqual(self.shown("figure[data-chart] .still"), 0)
                    self.assertEqual(self.browser.evaluate(CROWDED), [])

    def test_without_scripts_nothing_is_missing(self):
        for width in (1280, 390):
            with self.subTest(width=width):
                self.look(width, False, scripts=False)
                figures = self.browser.evaluate("document.querySelectorAll('figure').length")
                self.assertGreater(figures, 10)
                self.assertEqual(self.shown("figure .still > svg"), figures)
                self.assertEqual(self.browser.evaluate(CROWDED), [])

    def test_the_charts_answer(self):
        self.browser.view(1280)
        self.browser.open(self.page)
        charts = self.shown("figure[data-chart] canvas")
        pixels = "document.querySelector('canvas').toDataURL()"
        before = self.browser.evaluate(pixels)
        self.browser.evaluate("document.querySelector('.tools input').click()")  # a logarithmic axis
        self.browser.settle()
        logarithmic = self.browser.evaluate(pixels)
        self.assertNotEqual(before, logarithmic)
        names = "[...document.querySelector('.u-legend').querySelectorAll('.u-series:not(.aux)')]"
        self.browser.evaluate(f"{names}[1].querySelector('th').click()")  # takes a rule away
        self.browser.settle()
        self.assertNotEqual(self.browser.evaluate(pixels), logarithmic)
        self.assertEqual(self.browser.evaluate(f"{names}[1].classList.contains('u-off')"), True)
        hidden = "document.querySelector('.u-legend').querySelectorAll('.aux.u-off').length"
        self.assertGreater(self.browser.evaluate(hidden), 1, "with its band and its seeds")
        self.assertEqual(self.shown("figure[data-chart] canvas"), charts)
        self.assertEqual(self.browser.messages, [])

    def test_every_chart_takes_both_kinds_of_axis(self):
        self.browser.view(1280)
        self.browser.open(self.page)
        charts = self.shown("figure[data-chart] canvas")
        for _ in range(2):
            self.browser.evaluate("document.querySelectorAll('.tools input').forEach(box => box.click())")
            self.browser.settle()
            self.assertEqual(self.shown("figure[data-chart] canvas"), charts)
            self.assertEqual(self.browser.messages, [])

    def test_a_chart_that_fails_leaves_its_picture(self):
        text = self.page.read_text()
        between = "\n</script>\n<script>\n"
        self.assertEqual(text.count(between), 1)
        for broken in ("constructor() { throw new Error('broken'); }", "destroy() {}"):  # at once; it never draws
            with self.subTest(broken):
                page = pathlib.Path(self.folder.name) / "broken.html"
                page.write_text(text.replace(between, "\n{ const right = uPlot; uPlot = class { " + broken +
                                             " }; uPlot.join = right.join; }" + between))
                self.browser.view(1280)
                self.browser.open(page)
                figures = self.browser.evaluate("document.querySelectorAll('figure').length")
                self.browser.evaluate("new Promise(done => setTimeout(done))")  # after the page's own
                self.assertEqual(self.shown("figure .still > svg"), figures)
                self.assertEqual(self.shown(".live"), 0)
                self.assertTrue(all("its picture is shown" in message for message in self.browser.messages))

    def test_print_is_still_and_light(self):
        self.browser.view(1280, dark=True, media="print")
        self.browser.open(self.page)
        self.assertEqual(self.shown(".live"), 0)
        self.assertEqual(self.shown("figure .still > svg"), self.browser.evaluate("document.querySelectorAll('figure').length"))
        self.assertEqual(self.browser.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        pdf = self.browser.call("Page.printToPDF")["data"]
        self.assertGreater(len(pdf), 50000)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
