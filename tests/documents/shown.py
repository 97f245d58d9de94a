# SPDX-License-Identifier: Apache-2.0
"""Does a command print what a document shows? Words to the letter, numbers as near as they are meant."""
import math
import re

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|inf|nan)(?![\w.]*\w)")
# Chaotic networks end elsewhere on a processor that rounds otherwise; what is shown is shown for its first two digits.
RELATIVE, ABSOLUTE = 0.15, 0.02
TIMES = 3  # times agree to this factor, after the machine's own


def columns_of_times(lines):
    """For each line the spans of the columns `us/step` and `CPU` of the head above it; None where there are none."""
    spans, found = None, []
    for line in lines:
        heads = [re.search(rf"\b{head} *", line) for head in ("us/step", "CPU")]
        is_head = line.startswith("rule") and all(heads)
        if is_head:
            spans = [(head.start(), head.end() if head.end() < len(line) else math.inf) for head in heads]
        elif not line.strip():
            spans = None
        found.append(None if is_head else spans)
    return found


def parts(line, spans):
    """The line's words with # for each number, its numbers, and its times on the processor. Time on the wall is that of
    whatever else the machine does."""
    numbers, times = [], []

    def take(match):
        wall, processor = ((span[0] <= match.start() < span[1]) for span in spans or [(0, 0), (0, 0)])
        if not wall:
            (times if processor else numbers).append(float(match.group()))
        return "#"

    words = re.sub(r"[ \t]+", " ", NUMBER.sub(take, line)).strip()
    return words, numbers, times


def ranges(line):
    """The pairs of a table's `median (least ... largest)`."""
    return [(float(low), float(high)) for low, high in re.findall(r"\(([-+\d]\S*) \.\.\. ([-+\di]\S*)\)", line)]


def near(shown, got, slack):
    if math.isfinite(shown) and math.isfinite(got):
        return abs(shown - got) <= slack + ABSOLUTE + RELATIVE * abs(shown)
    return shown == got or (math.isnan(shown) and math.isnan(got))


def differences(shown, got):
    """What differs between the lines shown and those that a command printed; [] if nothing does."""
    if len(shown) != len(got):
        return [f"{len(shown)} lines are shown, {len(got)} were printed"]
    wrong, ratios = [], []
    for line, other, there, here in zip(shown, got, columns_of_times(shown), columns_of_times(got)):
        words, numbers, times = parts(line, there)
        other_words, other_numbers, other_times = parts(other, here)
        if words != other_words:
            wrong.append(f"shown   {line}\nprinted {other}")
            continue
        if " asked for " in line or re.match(" +median ", line):
            continue  # a claim's measure, which holds: PASS is one of the words
        if ranges(line):  # seeds of chaotic networks: what they reach must overlap
            if not all(a[0] <= b[1] + ABSOLUTE and b[0] <= a[1] + ABSOLUTE for a, b in zip(ranges(line), ranges(other))):
                wrong.append(f"shown   {line}\nprinted {other}")
            continue
        # mean ± half width: two means may lie as far apart as their intervals reach
        halves = [float(half) for half in re.findall(r"± ([\d.e+-]+)", line + " " + other)]
        slack = sum(halves)
        if not all(near(a, b, slack) for a, b in zip(numbers, other_numbers)):
            wrong.append(f"shown   {line}\nprinted {other}")
        ratios += [(b / a, line, other) for a, b in zip(times, other_times)]
    if ratios:
        machine = sorted(ratio for ratio, _, _ in ratios)[len(ratios) // 2]
        wrong += [f"time: shown   {line}\n      printed {other}" for ratio, line, other in ratios
                  if not machine / TIMES <= ratio <= machine * TIMES]
    return wrong
