# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and its figures, from what tools/performance.py has measured."""
import datetime
import json
import os
import platform
import re
import statistics

from bars import bars, figure

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GROUPS = ["bptt", "large", "gated", "stream", "rtrl", "rtrl256", "online", "spread", "million", "rules", "sparse", "diagonal",
          "threads"]
PROFILED = ["leaky", "gru", "lstm"]
SPARSE = [(rule, density) for rule in ("sparse_rtrl(block=1,", "snap(n=2,") for density in ("0.25", "0.05", "0.01")]
SPARSE_ASKED = {("snap(n=2,", "0.25"): 1.8, ("snap(n=2,", "0.05"): 2.5, ("snap(n=2,", "0.01"): 4.5}
# Symbols by what they do. Products run in code that libxsmm and oneDNN write, which has no symbols, and in our thin ones.
SHARES = {"products": re.compile(r"^0x|gemm|panels|times_column|transpose|xsmm|dnnl|mem(cpy|move|cmp)"),
          "activation, leak, derivative": re.compile(r"step_loop|step_with|pull_loop|activat"),
          "the rest": re.compile("")}
SPARSE_SHARES = {"J M and c M": re.compile("influence_(block|step)"),
                 "J, regressors, gradient": re.compile(r"PatternInfluence<\w+>::(step|enter|jacobian|add_imm|multiply)|gather|axpy"),
                 "the rest": re.compile("")}


def load(path):
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    return {}


def gradient(cell, d, streams):
    return f"gradient/{cell}/bptt/{d}/{streams}/100"


def sparse_step(rule, density):
    return f"step/leaky/{rule}model.density={density})/256/1/1"


class Results:
    def __init__(self, data):
        self.data = data

    def has(self, group):
        return group in self.data

    def ours(self, group, name):
        return statistics.median(row["seconds"] for row in self.data[group]["ours"][name])

    def peer(self, group, name):
        return statistics.median(self.data[group]["peers"][name])

    def spread(self, group, name):
        turns = [row["seconds"] for row in self.data[group]["ours"][name]]
        return min(turns), max(turns)

    def gemm(self, group):
        """The best rate of a product in that run."""
        return max(statistics.median(row["GFLOPS"] for row in rows)
                   for name, rows in self.data[group]["ours"].items() if name.startswith("gemm/"))

    def rate(self, group, name):
        return statistics.median(row["GFLOPS"] for row in self.data[group]["ours"][name])

    def counter(self, group, name, which):
        return statistics.median(row[which] for row in self.data[group]["ours"][name])

    def sparse_floor(self, rule, density):
        """Seconds that a rule cannot go below: those of its counted multiplications at the rate of dense rtrl, or of one
        pass over what it keeps. Forward pass, losses and update, all that readout_only does, belong to no rule."""
        row = self.data["sparse"]["ours"][sparse_step(rule, density)][0]
        rest = self.data["sparse"]["ours"][sparse_step("readout_only(", density)][0]
        best = self.rate("sparse", sparse_step("rtrl(block=1,", "1.0"))
        copies = [row for rows in self.data["sparse"]["ours"].values() for row in rows if "GB_per_s" in row]
        fits = [copy for copy in copies if 2 * (int(copy["name"].split("/")[1]) << 20) >= row["kept_bytes"]] or copies
        bandwidth = statistics.median(copy["GB_per_s"] for copy in fits if copy["name"] == fits[0]["name"])
        work = row["seconds"] * row["GFLOPS"] - rest["seconds"] * rest["GFLOPS"]
        return max(work / best, 2e-9 * row["kept_bytes"] / bandwidth)


def targets(r):
    """(work, unit of the figures, asked, reached, larger is better[, share of what is asked that will do])."""
    rows = []

    def ratio(work, group, ours, theirs, asked):
        if r.has(group):
            rows.append((work, " x", asked, r.peer(group, theirs) / r.ours(group, ours), True))

    def share(work, group, ours, asked):
        if r.has(group):
            rows.append((work, " % of the best product", asked, 100 * r.rate(group, ours) / r.gemm(group), True))

    ratio("BPTT leaky d = 128, B = 32, against `nn.RNN`", "bptt", gradient("leaky", 128, 32), "nn.RNN 128 32", 4)
    ratio("the same against the eager leaky loop", "bptt", gradient("leaky", 128, 32), "eager loop 128 32", 30)
    if r.has("bptt"):
        rows.append(("the same against the best product", " % of the best product", 86,
                     100 * r.rate("bptt", gradient("leaky", 128, 32)) / r.gemm("bptt"), True, 1))
    ratio("BPTT leaky d = 32, B = 1, against `nn.RNN`", "bptt", gradient("leaky", 32, 1), "nn.RNN 32 1", 80)
    ratio("BPTT leaky d = 512, B = 64, against `nn.RNN`", "large", gradient("leaky", 512, 64), "nn.RNN 512 64", 2.2)
    ratio("BPTT GRU d = 128, B = 32, against `nn.GRU`", "gated", gradient("gru", 128, 32), "nn.GRU 128 32", 4)
    ratio("BPTT LSTM d = 128, B = 32, against `nn.LSTM`", "gated", gradient("lstm", 128, 32), "nn.LSTM 128 32", 3.6)
    ratio("BPTT GRU d = 32, B = 1, against `nn.GRU`", "gated", gradient("gru", 32, 1), "nn.GRU 32 1", 100)
    ratio("BPTT LSTM d = 32, B = 1, against `nn.LSTM`", "gated", gradient("lstm", 32, 1), "nn.LSTM 32 1", 100)
    ratio("streaming GRU d = 32, tbptt(1), against GRUCell", "stream", "step/gru/tbptt/32/1/1", "GRUCell 32", 150)
    ratio("streaming GRU d = 128, tbptt(1), against GRUCell", "stream", "step/gru/tbptt/128/1/1", "GRUCell 128", 18)
    if r.has("rules"):
        for rule, asked in (("immediate", 0.5), ("rflo", 0.5), ("snap", 0.5), ("uoro", 0.9), ("dni", 0.8)):
            # The figures are for a core whose products run at 225 GF/s.
            scaled = asked * max(1, 225 / r.gemm("rules"))
            rows.append((f"online step leaky d = 32, {rule} (asked: {asked} us, scaled by the rate of products)", " us",
                         scaled, 1e6 * r.ours("rules", f"step/leaky/{rule}/32/1/1"), False))
    textbook = "step/leaky/rtrl(block=1)/{}/1/1"
    share("RTRL step by step, d = 128", "rtrl", textbook.format(128), 85)
    share("RTRL step by step, d = 256", "rtrl256", textbook.format(256), 95)
    for d, asked, group in ((128, 40, "rtrl"), (256, 80, "rtrl256")):
        if r.has(group):
            rows.append((f"RTRL K = d = {d}, a step against one step by step", " x", asked,
                         r.ours(group, textbook.format(d)) / (r.ours(group, f"step/leaky/rtrl/{d}/1/{d}") / d), True))
    rows += online(r)
    if r.has("rules"):
        bptt = r.ours("rules", gradient("leaky", 128, 32))
        for rule in ("snap", "rflo"):
            for what, asked, text in (("gradient", 1, "reset at T"), ("step", 1.3, "traces carried on")):
                rows.append((f"{rule} K = T, d = 128, B = 32, {text}: time against BPTT", " x", asked,
                             r.ours("rules", f"{what}/leaky/{rule}/128/32/100") / bptt, False))
    if r.has("sparse"):
        dense = sparse_step("rtrl(block=1,", "1.0")
        for rule, q in SPARSE:
            time, without = r.ours("sparse", sparse_step(rule, q)), sparse_step("readout_only(", q)
            rows.append((f"{sparse_title(rule)}, density {q}, d = 256, against dense rtrl", " x", 1,
                         r.ours("sparse", dense) / time, True))
            rows.append(("the rule alone against its multiplications at the rate of rtrl, or against reading and "
                         "writing what it keeps", " x", SPARSE_ASKED.get((rule, q), 1.5), (time - r.ours("sparse", without)) / r.sparse_floor(rule, q), False))
    if r.has("diagonal"):
        for cell in ("leaky_diagonal", "lru", "lru_real", "rtu", "elstm"):
            rows.append((f"{cell}, RTRL K = 1, d = 256: time against immediate", " x", 3,
                         r.ours("diagonal", f"step/{cell}/rtrl/256/1/1")
                         / r.ours("diagonal", f"step/{cell}/immediate/256/1/1"), False))
    if r.has("threads"):
        rows.append(("two threads, B = 64, against one", " x", 1.9,
                     r.ours("threads", "threads/1") / r.ours("threads", "threads/2"), True))
    if r.has("start"):
        rows.append(("`chronograd list`", " ms", 50, r.data["start"]["list_ms"], False))
    return rows


def online(r):
    """Exact rules with an update at every step, and what is dear beside its cheaper form."""
    rows = []
    if r.has("online"):
        for cell, d, asked in (("leaky", 32, 5), ("leaky", 64, 8), ("leaky", 128, 12), ("leaky", 256, 12), ("gru", 64, 8), ("lstm", 64, 8)):
            blocks, steps = (r.ours("online", f"step/{cell}/{rule}/{d}/1/1") for rule in ("rtrl", "rtrl(block=1)"))
            rows.append((f"RTRL, {cell} d = {d}, an update at every step: in blocks against step by step", " x", asked, steps / blocks, True))
        rows.append(("the same, leaky d = 128, against PyTorch's written out", " x", 20,
                     r.peer("online", "RTRL written out 128") / r.ours("online", "step/leaky/rtrl/128/1/1"), True))
        for d, asked in ((128, 50), (256, 65)):
            rows.append((f"RTRL, leaky d = {d}, an update at every step: share of the step that adding up as many numbers as M has takes",
                         " %", asked, 100 * r.ours("online", f"sum/{d}") / r.ours("online", f"step/leaky/rtrl/{d}/1/1"), True))
        for over, under, K, asked in (("snap(reach=8)", "snap", 1, 4), ("snap(reach=8,reach_by=interval,update.every=8)", "snap", 8, 2.5),
                                      ("snap(reach=16,reach_by=interval,update.every=8)", "snap", 8, 2.5)):
            rows.append((f"{over}, K = {K}, d = 128, against {under}", " x", asked,
                         r.ours("online", f"step/leaky/{over}/128/1/{K}") / r.ours("online", f"step/leaky/{under}/128/1/{K}"), False))
        rows.append(("bp_lambda(lambda=0.9), d = 32, K = 1, against rtrl", " x", 1.6,
                     r.ours("online", "step/leaky/bp_lambda(lambda=0.9)/32/1/1") / r.ours("online", "step/leaky/rtrl/32/1/1"), False))
    if r.has("spread"):
        worst = r.counter("spread", "positions/leaky/rtrl(spread=true)/128", "worst_by_mean")
        rows.append(("rtrl(spread=true), d = 128: the longest place in a cycle of steps against the mean", " x", 2.5, worst, False))
    if r.has("million"):
        for rule, asked in (("rtrl", 0.4), ("rtrl(influence=bf16)", 0.25)):
            rows.append((f"{rule}, a million weights (d = 1024, n = 2), two threads: a step", " s", asked,
                         r.counter("million", f"million/{rule}/2", "step_s"), False))
        rows.append(("what the process held at most for that", " GiB", 6, r.counter("million", "million/rtrl/2", "peak_GiB"), False))
    return rows


def target_table(r):
    lines = ["| work | asked | reached | at 0.9 of it |", "|---|---|---|---|"]
    for work, unit, asked, reached, larger, *rest in targets(r):
        enough = rest[0] if rest else 0.9
        held = reached >= enough * asked if larger else reached <= asked / enough
        lines.append(f"| {work} | {figure(asked)}{unit} | {figure(reached)}{unit} | {'holds' if held else '**short**'} |")
    return lines


def peer_table(r):
    lines = ["| ours | us | PyTorch | us | ratio | ours, slowest / fastest turn |", "|---|---|---|---|---|---|"]
    for group in GROUPS:
        if not r.has(group):
            continue
        for mine, name in r.data[group]["pairs"]:
            a, b = r.ours(group, mine), r.peer(group, name)
            low, high = r.spread(group, mine)
            lines.append(f"| `{mine}` | {figure(1e6 * a)} | {name} | {figure(1e6 * b)} | {figure(b / a)} | {high / low:.2f} |")
    return lines


def machine_table(data):
    rows = {row["name"]: row for row in data["grid"]["benchmarks"]}
    lines = ["| product M x N x K | GF/s | | copy | GB/s |", "|---|---|---|---|---|"]
    gemms = [(name, row) for name, row in rows.items() if name.startswith("gemm/")]
    copies = [(name, row) for name, row in rows.items() if name.startswith("copy/")]
    for i, (name, row) in enumerate(gemms):
        right = f"{copies[i][0][5:]} MiB | {copies[i][1]['GB_per_s']:.0f}" if i < len(copies) else "|"
        lines.append(f"| {name[5:].replace('/', ' x ')} | {row['GFLOPS']:.0f} | | {right} |")
    return lines


def grid_table(data):
    lines = ["| cell | rule | d | B | K | us a step | GF/s | kept bytes | allocations a step: ours | libraries' |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for row in data["grid"]["benchmarks"]:
        parts = row["name"].split("/")
        if parts[0] not in ("step", "gradient"):
            continue
        whole = " (rows of K)" if parts[0] == "gradient" else ""
        lines.append(f"| {parts[1]} | {parts[2]}{whole} | {' | '.join(parts[3:6])} | {figure(row['step_us'])} | "
                     f"{figure(row['GFLOPS'])} | {row['kept_bytes']:.0f} | {row['allocations']:.3g} | "
                     f"{row['library_allocations']:.3g} |")
    return lines


def worst_table(data):
    lines = ["| rule | d | K | mean of a step | median interval | 1 in 1000 exceeds | worst interval |", "|---|---|---|---|---|---|---|"]
    for row in data["worst"]["benchmarks"]:
        _, _, rule, d, K = row["run_name"].split("/")[:5]
        lines.append(f"| {rule} | {d} | {K} | " + " | ".join(
            f"{figure(row[key])} us" for key in ("mean_us", "median_us", "late_us", "worst_us")) + " |")
    return lines


def profile_table(r):
    """Shares of time, and the rate within products: all multiplications over the time spent in them."""
    lines = ["| cell | " + " | ".join(SHARES) + " | within products |", "|---|" + "---|" * (len(SHARES) + 1)]
    for cell in PROFILED:
        shares, group = r.data["profile"][cell], "bptt" if cell == "leaky" else "gated"
        within = 1e4 * r.rate(group, gradient(cell, 128, 32)) / shares["products"] / r.gemm(group)
        lines.append(f"| {cell} | " + " | ".join(f"{shares[name]:.0f} %" for name in SHARES) +
                     f" | {within:.0f} % of the best product |")
    return lines


def sparse_title(rule):
    return rule[:-1] + ")" if rule.endswith(",") else rule[:-1]


def sparse_table(r):
    """Where a sparse rule's time goes: that of the step without it is another benchmark's, the rest is split by samples."""
    parts = [name for name in SPARSE_SHARES if name != "the rest"]
    lines = ["| rule | density | forward pass, losses, update | " + " | ".join(parts) + f" | {parts[0]} alone against the floor |",
             "|---|---|---|" + "---|" * (len(parts) + 1)]
    for rule, q in SPARSE:
        shares, without = r.data["profile"][sparse_step(rule, q)], r.ours("sparse", sparse_step("readout_only(", q))
        alone = r.ours("sparse", sparse_step(rule, q)) - without
        times = [alone * shares[part] / sum(shares[name] for name in parts) for part in parts]
        lines.append(f"| {sparse_title(rule)} | {q} | " + " | ".join(f"{figure(1e6 * time)} us" for time in [without, *times]) +
                     f" | {times[0] / r.sparse_floor(rule, q):.2f} x |")
    return lines


def sparse_limit(r):
    """How near the floor J M comes where nothing else is in its way."""
    dense = r.rate("sparse", sparse_step("rtrl(block=1,", "1.0"))
    rates = {terms: r.rate("sparse", f"influence/256/{terms}") for terms in (64, 14, 4)}
    return ["J M loads a vector of M for each multiplication, where a dense product loads one for several, and says for each which it "
            "is.", "In the nearest cache, with 64, 14 and 4 values in a row of J (about what there are at these densities), its loop "
            "runs at", " / ".join(f"{rate:.0f}" for rate in rates.values()) + " GF/s, the products of dense rtrl at "
            f"{dense:.0f}: `sparse_rtrl` could come as near the floor as", " / ".join(f"{dense / rate:.2f}" for rate in rates.values()) +
            " x, were memory never waited for."]


OURS, THEIRS, MACHINE = "#0072b2", "#d55e00", "#777777"


def figures(r):
    rows = []
    for group in GROUPS:
        if not r.has(group):
            continue
        last = None
        for mine, name in r.data[group]["pairs"]:
            if mine != last:
                rows.append((mine, 1e6 * r.ours(group, mine), OURS))
                last = mine
            rows.append((f"PyTorch: {name}", 1e6 * r.peer(group, name), THEIRS))
    pictures = {"peers": bars("time, logarithmic: ours and PyTorch's", rows, " us", True)} if rows else {}
    rates = []
    for group, name in (("bptt", gradient("leaky", 128, 32)), ("large", gradient("leaky", 512, 64)),
                        ("gated", gradient("gru", 128, 32)), ("gated", gradient("lstm", 128, 32)),
                        ("rtrl", "step/leaky/rtrl(block=1)/128/1/1"), ("rtrl", "step/leaky/rtrl/128/1/128"),
                        ("rtrl256", "step/leaky/rtrl(block=1)/256/1/1"), ("rtrl256", "step/leaky/rtrl/256/1/256")):
        if r.has(group):
            rates.append((name, r.rate(group, name), OURS))
    if rates:
        best = max(r.gemm(group) for group in ("bptt", "large", "gated", "rtrl", "rtrl256") if r.has(group))
        pictures["rates"] = bars("arithmetic by the records' costs", [*rates, ("the best product", best, MACHINE)], " GF/s", False)
    return pictures


def write(data):
    r = Results(data)
    context = next(data[group]["context"] for group in GROUPS if group in data)
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        processor = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown")
    pytorch = next(data[group]["pytorch"] for group in GROUPS if group in data)
    turns = " to ".join(sorted({str(data[group]["turns"]) for group in GROUPS if group in data}))
    page = [
        "# Performance", "",
        "Written by `tools/performance.py`, which runs the benchmarks of `bench/` and, in turns with them, the same work in",
        f"PyTorch {pytorch} (`bench/peers`), one thread each, float32; medians of {turns} turns.", "",
        f"{processor}, {context['num_cpus']} cores, {platform.system()} {platform.machine()}; instruction set "
        f"{context['instruction_set']}; products by {context['products']}. {datetime.date.today()}.", "",
        "`gradient/CELL/RULE/d/B/T` is forward pass, losses and all gradients of B rows of T steps; `step/CELL/RULE/d/B/K` K",
        "steps of B streams and one update. Rates count the multiplications that the rules' records state, which a test",
        "holds against those that are done.", "",
        "## What was asked", "",
        *target_table(r), "",
    ]
    if r.has("sparse"):
        page += ["Forward pass, losses and update go over all places of W, present or not, in every step and belong to no rule: where it",
                 "says *the rule alone*, the time and the multiplications of the same step with `readout_only` are taken off.", ""]
    if r.has("bptt"):
        rate, best = r.rate("bptt", gradient("leaky", 128, 32)), r.gemm("bptt")
        ceiling = r.peer("bptt", "nn.RNN 128 32") / r.ours("bptt", gradient("leaky", 128, 32)) * best / rate
        eager = r.peer("bptt", "eager loop 128 32") / r.ours("bptt", gradient("leaky", 128, 32)) * best / rate
        page += [f"A gradient that ran at the rate of the best product ({best:.0f} GF/s) and did nothing but products would be "
                 f"{ceiling:.1f} times as fast as `nn.RNN`", f"at d = 128, B = 32, and {eager:.1f} times as fast as the eager loop: "
                 "ratios beyond these are out of this machine's reach.", ""]
    if r.has("gated"):
        ceilings = [r.peer("gated", f"nn.{cell.upper()} 128 32") / r.ours("gated", gradient(cell, 128, 32)) * r.gemm("gated")
                    / r.rate("gated", gradient(cell, 128, 32)) for cell in ("gru", "lstm")]
        page += [f"In the same way `nn.GRU` could be left behind by {ceilings[0]:.1f} and `nn.LSTM` by {ceilings[1]:.1f} times at most.", ""]
    if r.has("profile") and r.has("bptt") and r.has("gated"):
        page += ["Where the time of `gradient/CELL/bptt/128/32/100` goes, by samples. An activation is a division and some twenty "
                 "multiplications", "that no product counts, so the share of the best product cannot exceed the first column.", "",
                 *profile_table(r), ""]
    if r.has("profile") and r.has("sparse"):
        page += ["Where a step of the sparse rules goes (d = 256, B = K = 1), by samples. The floor leaves out that the values of J are "
                 "gathered", "block by block and that each weight has a regressor to read and a gradient to add to: the fewer rows a "
                 "weight's block of M has,", "the more of the time that is.", "", *sparse_table(r), "", *sparse_limit(r), ""]
    for name, picture in figures(r).items():
        with open(f"{ROOT}/docs/performance_{name}.svg", "w", encoding="utf-8") as file:
            file.write(picture)
        page += [f"![{name}](performance_{name}.svg)", ""]
    page += ["## Beside PyTorch", "", *peer_table(r), ""]
    if "worst" in data:
        page += ["## The longest step", "", "A million steps of one stream, each interval of K steps timed by itself, on a machine that "
                 "does other things too. The exact rules take", "their matrix over a block of steps, or an interval, at once: that is the "
                 "pause a live stream would see. `rtrl(spread=true)` shares it out", "over the steps of the next block (above).", "",
                 *worst_table(data), ""]
    if "grid" in data:
        page += ["## The machine", "", *machine_table(data), "", "## Every rule with every cell", "", *grid_table(data), ""]
    with open(f"{ROOT}/docs/performance.md", "w", encoding="utf-8") as file:
        file.write("\n".join(page))
    print("\n".join(target_table(r)))
