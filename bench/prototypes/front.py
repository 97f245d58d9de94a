#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether modes(r) reach the front of final loss against time: the tables of docs/decisions/57-modes.md.

usage: front.py PROGRAM OUT [--steps 40000] [--tasks add,anbn] [--jobs 1]     PROGRAM: bench/prototypes/modes.cpp, built

For each task every rule is tuned over five rates on seeds of its own, then run on ten fresh seeds at its best one. A
rule beats the front on a task if its mean loss is lower than that of every other rule whose step takes at most 1.05 of
its time (thread CPU), by more than two standard errors of the difference paired by seed. Modes are judged as if they
ran at the speed of reach: their time is that of snap(n=1, reach=k), between those that are measured, with as many
multiplications, (1.5 r^2 + 7 r + 3) d^2. What is in OUT is not run again.
"""
import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess

REACH = {f"snap(n=1,reach={k})": k for k in (4, 8, 16, 32)}
HOPS = [f"snap(n=1,reach={2 * h},reach_by=interval,update.every={h})" for h in (4, 8, 16, 32)]
OTHERS = ["immediate", "rflo", "snap(n=1)", *REACH, *HOPS, "tbptt(L=16,update.every=16)", "kf_rtrl", "ok(r=1)",
          "ok(r=4)", "rtrl"]
MODES = {f"modes(r={r}{more})": 1.5 * r * r + 7 * r + 3 + 2 * reach for r, reach, more in (
    (1, 0, ""), (2, 0, ""), (4, 0, ""), (2, 0, ",track=svd"), (4, 0, ",track=svd"), (2, 8, ",reach=8"))}
TASKS = {
    "add": ["task.name=add"],
    "anbn": ["task.name=anbn", "task.longest=16"],
    "recall_10": ["task.name=recall", "task.shortest=8", "task.longest=12"],
    "recall_25": ["task.name=recall", "task.shortest=20", "task.longest=30"],
    "flip_flop": ["task.name=flip_flop", "loss.name=mse"],
    "balancing": ["task.name=influence_balancing", "loss.name=mse", "model.hidden=23", "model.activation=identity",
                  "model.freeze=[W_rec,b_h,W_out,b_y]", "dtype=float64"],
}
RATES = {"balancing": "log(1e-6,1e-4,5)"}
CONFIG = """seed = 0
[model]
cell = "leaky"
hidden = 32
alpha = 1.0
init = "orthogonal"
[loss]
name = "cross_entropy"
[rule]
name = "rtrl"
[update]
every = 1
[optimizer]
name = "sgd"
lr = 0.03
[task]
name = "add"
[train]
steps = 1
"""


def run(options, folder, verb, changes, words):
    if (folder / "comparison.json").exists() and not json.loads((folder / "comparison.json").read_text())["stopped"]:
        return
    command = [options.program, verb, str(options.out / "config.toml"), *changes, f"train.steps={options.steps}"]
    command += [*words, "--jobs", str(options.jobs), "--quiet", "--out", str(folder)]
    subprocess.run(command + (["--resume"] if folder.exists() else []), check=True, stdout=subprocess.DEVNULL)


def mean_and_error(numbers):
    return statistics.mean(numbers), statistics.stdev(numbers) / math.sqrt(len(numbers))


def word_of(name):
    """The rule as it is written above, without the rate that it was given."""
    return re.sub(r",?optimizer\.lr=[^,)]*", "", name.replace(" ", "")).replace("()", "")


def granted(rules, multiplications):
    """The time of a rule of so many d^2 multiplications, by those of snap with reach: 2 + 2 k of them."""
    known = sorted([(2 + 2 * k, rules[word]["us"]) for word, k in REACH.items()])
    (low, us_low), (high, us_high) = next((pair for pair in zip(known, known[1:]) if multiplications <= pair[1][0]),
                                          (known[-2], known[-1]))
    return us_low + (us_high - us_low) * (multiplications - low) / (high - low)


def in_its_way(rules, own):
    """The best rule that takes as long and is not beaten; none: the front is."""
    for other in sorted(OTHERS, key=lambda word: rules[word]["mean"]):
        if rules[other]["us"] > 1.05 * own["us"]:
            continue
        if math.isinf(own["mean"]):
            return other
        mean, error = mean_and_error([a - b for a, b in zip(own["losses"], rules[other]["losses"])])
        if math.isfinite(rules[other]["mean"]) and not mean < -2 * error:
            return f"{other} ({mean:+.4f} +- {error:.4f})"
    return ""


def shown(rule):
    return f"{rule['mean']:.4g} +- {rule['error']:.1g}" if math.isfinite(rule["mean"]) else "diverges"


def measured(options, task):
    """What each rule reached, by its word."""
    sweep, folder = options.out / f"{task}_rates", options.out / task
    rates = "optimizer.lr=" + RATES.get(task, "log(1e-3,1e-1,5)")
    words = "rule.name=" + ",".join([*OTHERS, *MODES])
    if not folder.exists():
        run(options, sweep, "sweep", TASKS[task], [words, rates, "--seeds", "0..2"])
    run(options, folder, "compare", TASKS[task], ["--rates-from", str(sweep), "--seeds", "10..19"])
    found = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    rules = {}
    for rule in found["rules"]:
        losses = [math.inf if one["status"] == "diverged" else one[found["loss_on"]]["loss"] for one in rule["runs"]]
        mean, error = mean_and_error(losses) if all(map(math.isfinite, losses)) else (math.inf, math.nan)
        rules[word_of(rule["rule"])] = {"losses": losses, "mean": mean, "error": error, "us": rule["us_per_step_cpu"],
                                        "cosine": rule["cosine"]}
    for word, multiplications in MODES.items():
        rules[word]["us"] = granted(rules, multiplications)
    return rules


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=40000)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "config.toml").write_text(CONFIG, encoding="utf-8")
    rows = ["| task | best rule no slower than modes(r=4) | " + " | ".join(MODES) + " |"]
    rows.append("|---" * (2 + len(MODES)) + "|")
    for task in options.tasks.split(","):
        rules = measured(options, task)
        print(f"{task}: us a step, loss, cosine with the exact gradient, and what keeps modes from the front")
        for word, rule in sorted(rules.items(), key=lambda pair: pair[1]["us"]):
            verdict = in_its_way(rules, rule) or "beats the front" if word in MODES else ""
            print(f"  {word:56} {rule['us']:6.2f}  {shown(rule):18} {rule['cosine']:.3f}  {verdict}", flush=True)
        best = min((word for word in OTHERS if rules[word]["us"] <= 1.05 * rules["modes(r=4)"]["us"]),
                   key=lambda word: rules[word]["mean"])
        cells = [f"`{best}` {shown(rules[best])}", *(shown(rules[word]) for word in MODES)]
        rows.append(f"| {task} | " + " | ".join(cells) + " |")
    print("", *rows, sep="\n")


if __name__ == "__main__":
    main()
