#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The TeX of all formulae and symbols that `chronograd describe --json` gives is accepted by KaTeX, which knows no more
of TeX than web pages can show. Skipped where node or KaTeX is not installed.
    tex_test.py PROGRAM [PAGE]       PAGE: also writes the formulae as a page, to be looked at
"""
import html
import json
import pathlib
import shutil
import subprocess
import sys

KATEX = pathlib.Path("/usr/share/javascript/katex/katex.js")
SKIPPED = 77
SCRIPT = """
const katex = require(process.argv[1]);
const out = JSON.parse(require("fs").readFileSync(0)).map(tex => {
  try { return {html: katex.renderToString(tex, {displayMode: true, strict: "error", throwOnError: true})}; }
  catch (error) { return {error: String(error)}; }
});
process.stdout.write(JSON.stringify(out));
"""


def program(*words):
    return json.loads(subprocess.run([PROGRAM, *words, "--json"], check=True, capture_output=True, text=True).stdout)


def formulae():
    """(entry, text, TeX) of everything that has TeX."""
    singular = {"feedback": "feedback", "losses": "loss"}
    for kind, entries in program("list").items():
        kind = singular.get(kind, kind.removesuffix("s"))
        for entry in entries:
            told = program("describe", kind, entry["name"])
            where = f"{kind} {entry['name']}"
            for formula in told["formulae"]:
                yield where, formula["text"], formula["tex"]
            for symbol in told["symbols"]:
                yield where, symbol["symbol"], symbol["tex"]
            for field in ("limit", "memory", "time"):
                if told.get(field) and told[field]["tex"] is not None:
                    yield where, told[field]["text"], told[field]["tex"]


def rendered(texts):
    done = subprocess.run(["node", "-e", SCRIPT, str(KATEX)], input=json.dumps(texts), check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout)


def page(found, shown):
    rows = "".join(f"<tr><td>{html.escape(where)}<td><code>{html.escape(text)}</code><td>{one['html']}"
                   for (where, text, _), one in zip(found, shown))
    return (f"<!doctype html><meta charset=utf-8><link rel=stylesheet href='file://{KATEX.parent}/katex.min.css'>"
            f"<style>td{{border-top:1px solid #ccc;padding:0 8px}}.katex-display{{margin:6px 0}}</style><table>{rows}</table>")


def main():
    if shutil.which("node") is None or not KATEX.exists():
        print("skipped: node or KaTeX (nodejs, libjs-katex) is not installed")
        return SKIPPED
    found = list(formulae())
    refused = rendered(["\\nosuchcommand", "x_"])
    if not all("error" in one for one in refused):
        print("FAIL: KaTeX was expected to refuse what is no TeX")
        return 1
    shown = rendered([tex for _, _, tex in found])
    bad = [(one, answer["error"]) for one, answer in zip(found, shown) if "error" in answer]
    for (where, text, tex), error in bad:
        print(f"FAIL {where}: {text}\n  {tex}\n  {error}")
    if not bad and len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_text(page(found, shown))
    print(f"{len(found)} formulae and symbols, {len(bad)} refused")
    return 1 if bad or len(found) < 100 else 0


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    sys.exit(main())
