# SPDX-License-Identifier: Apache-2.0
"""What runs, comparisons and sweeps came to."""
from __future__ import annotations

import json
import os
import webbrowser
from typing import Any, Iterator

import numpy as np

from . import _chronograd
from ._numbers import error
from ._settings import Config
from ._shown import axes, html_table, number, style


def _curve(metrics: list[dict[str, Any]], value: str) -> np.ndarray:
    """(reports, 2): steps of a stream, and the value; NaN where it was not measured."""
    return np.array([[line["steps"], _found(line, value)] for line in metrics], float).reshape(-1, 2)


def _found(line: dict[str, Any], path: str) -> float:
    value: Any = line
    for word in path.split("."):
        value = value.get(word) if isinstance(value, dict) else None
    return np.nan if value is None else float(value)


def _report(folder: str | None, what: str, show: bool) -> str:
    if folder is None:
        raise error(2, "out", f"this {what} was not recorded. Give out=FOLDER: a report is made of what stands there.")
    if _chronograd.run_program(["chronograd", "report", folder, "--quiet"]) != 0:
        raise error(4, folder, "no report could be made of this folder.")
    page = os.path.join(folder, "report.html")
    if show:
        webbrowser.open("file://" + os.path.abspath(page))
    return page


class Run:
    """A training run.

    `status` (done, diverged, stopped), `loss` and `accuracy` (what the run is judged by: test, else validation, else
    training), `params` (arrays by the names of files), `metrics` (the lines of metrics.jsonl as dicts), `summary`
    (summary.json), `seconds`, `us_per_step`, `us_per_step_cpu`, `credit` (with watch.credit), `notes`, `config`, `folder`.
    """

    def __init__(self, config: Config, told: dict[str, Any], folder: str | None = None):
        self.config, self.folder = config, folder
        self.summary: dict[str, Any] = json.loads(told["summary"])
        self.metrics: list[dict[str, Any]] = [json.loads(line) for line in told.get("metrics", []) if line]
        self.notes: list[str] = list(told.get("notes", []))
        self.status: str = self.summary["status"]
        self.updates: int = self.summary["updates"]
        self.steps: int = self.summary["steps"]
        self.loss: float = told["loss"]
        self.accuracy: float = told["accuracy"]
        self.seconds: float = told["seconds"]
        self.us_per_step: float = told["us_per_step"]
        self.us_per_step_cpu: float = told["us_per_step_cpu"]
        self.params: dict[str, np.ndarray] = told["params"]
        self.credit: dict[str, np.ndarray] = told["credit"]

    def curve(self, value: str = "loss") -> np.ndarray:
        """(reports, 2): steps of a stream and a value of the metrics: `loss`, `accuracy`, `test.loss`, `cosine.rtrl`."""
        return _curve(self.metrics, value)

    def to_pandas(self) -> Any:
        """The metrics as a pandas.DataFrame, one line a report; nested values as columns with dots."""
        import pandas
        return pandas.json_normalize(self.metrics)

    def table(self) -> str:
        """What the run came to, in a few lines of text."""
        return "\n".join(f"{name:<12}{value}" for name, value in self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        facts = [("rule", self.config["rule"]["name"]), ("status", f"{self.status} after {self.updates} updates"),
                 ("loss", number(self.loss))]
        if self.accuracy == self.accuracy:
            facts.append(("accuracy", f"{self.accuracy:.4f}"))
        if self.metrics and "firing_rate" in self.metrics[-1]:
            facts.append(("firing rate", f"{number(self.metrics[-1]['firing_rate'])} spikes a unit and step"))
        return [*facts, ("us a step", number(self.us_per_step))]

    def plot(self, ax: Any = None, value: str = "loss", **line: Any) -> Any:
        """Draws the value over the steps in the report's colour of the rule; returns matplotlib's axes."""
        ax = axes(ax)
        steps, values = self.curve(value).T
        rule = self.config["rule"]["name"]
        ax.plot(steps, values, **{**style(rule), "label": rule, "markevery": max(1, len(steps) // 8), **line})
        ax.set_xlabel("steps of a stream")
        ax.set_ylabel(value)
        return ax

    def report(self, show: bool = True) -> str:
        """Makes the page of a recorded run (`out=`), opens it in the browser, and returns its path."""
        return _report(self.folder, "run", show)

    def __repr__(self) -> str:
        return f"<chronograd run: {self.config['rule']['name']}, {self.status}, loss {number(self.loss)}>"

    def _repr_html_(self) -> str:
        return html_table(["", ""], self._facts())


class Comparison:
    """The same network, data and seeds under several rules. `rows` is what comparison.json holds of each; `runs` has the
    :class:`Run` of each rule, in the order of the seeds; `warnings` say what makes it less fair."""

    def __init__(self, config: Config, told: dict[str, Any], folder: str | None = None):
        self.config, self.folder = config, folder
        self._text: str = told["text"]
        self.summary: dict[str, Any] = json.loads(told["json"])
        self.rows: list[dict[str, Any]] = self.summary["rules"]
        self.notes: list[str] = list(told["notes"])
        self.warnings: list[str] = list(self.summary.get("warnings", []))
        self.seeds: list[int] = list(self.summary["seeds"])
        self.runs: dict[str, list[Run]] = {}
        lines = {(name, seed): metrics for name, seed, metrics in told["jobs"] if metrics}
        for word, runs in told["rows"]:
            self.runs[word] = [
                Run(config.changed(rule=word, seed=int(seed)), {**run, "metrics": lines.get((word, seed), [])})
                for seed, run in zip(self.seeds, runs)]

    def table(self) -> str:
        """The table that the program prints."""
        return self._text

    def __getitem__(self, rule: str) -> list[Run]:
        return self.runs[str(rule)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def losses(self) -> dict[str, np.ndarray]:
        """Of each rule the loss of each seed's run; NaN of a run that diverged."""
        return {word: np.array([run.loss if run.status != "diverged" else np.nan for run in runs])
                for word, runs in self.runs.items()}

    def to_pandas(self) -> Any:
        """One line a run: rule, seed, status, loss, accuracy, times, as a pandas.DataFrame."""
        import pandas
        return pandas.DataFrame([
            {"rule": word, "seed": seed, "status": run.status, "loss": run.loss, "accuracy": run.accuracy,
             "us_per_step": run.us_per_step, "us_per_step_cpu": run.us_per_step_cpu, "updates": run.updates}
            for word, runs in self.runs.items() for seed, run in zip(self.seeds, runs)])

    def plot(self, ax: Any = None, value: str = "loss") -> Any:
        """Means over seeds with the range between the extremes; returns matplotlib's axes."""
        ax = axes(ax)
        for word, runs in self.runs.items():
            curves = [run.curve(value) for run in runs if run.metrics and run.status != "diverged"]
            if not curves:
                continue
            length = min(len(curve) for curve in curves)
            values = np.array([curve[:length, 1] for curve in curves])
            steps, look = curves[0][:length, 0], style(word)
            ax.plot(steps, values.mean(0), label=word, markevery=max(1, length // 8), **look)
            if len(values) > 1:
                ax.fill_between(steps, values.min(0), values.max(0), color=look["color"], alpha=0.15, linewidth=0)
        ax.set_xlabel("steps of a stream")
        ax.set_ylabel(value)
        ax.legend(frameon=False)
        return ax

    def report(self, show: bool = True) -> str:
        """Makes the page of a recorded comparison (`out=`), opens it in the browser, and returns its path."""
        return _report(self.folder, "comparison", show)

    def __repr__(self) -> str:
        return f"<chronograd comparison: {', '.join(self.runs)}; {len(self.seeds)} seeds>"

    def _repr_html_(self) -> str:
        columns = {"loss": "mean loss", "loss_half_width": "± 95 %", "accuracy": "accuracy", "us_per_step_cpu": "us a step",
                   "rule_bytes": "bytes of the rule", "cosine": "cosine"}
        shown = [key for key in columns if any(row.get(key) is not None for row in self.rows)]
        return html_table(["rule", *(columns[key] for key in shown), "runs"],
                          [[row["rule"], *(number(row.get(key)) for key in shown), len(row["runs"])] for row in self.rows])


class Sweep:
    """The same experiment at many settings. `rows`: one for each combination of values; `best`: the best of each rule."""

    def __init__(self, told: dict[str, Any], folder: str):
        self.folder = folder
        self._text: str = told["text"]
        self.summary: dict[str, Any] = json.loads(told["json"])
        self.rows: list[dict[str, Any]] = self.summary["rows"]
        self.stopped: bool = told["stopped"]
        self.notes: list[str] = list(told["notes"])

    @property
    def best(self) -> dict[str, dict[str, Any]]:
        """The best row of each rule."""
        return {rule: self.rows[place] for rule, place in self.summary["best"].items()}

    def table(self) -> str:
        """What the program prints."""
        return self._text

    def to_pandas(self) -> Any:
        """One line a combination, as a pandas.DataFrame."""
        import pandas
        return pandas.json_normalize(self.rows)

    def report(self, show: bool = True) -> str:
        """Makes the page of the sweep, opens it in the browser, and returns its path."""
        return _report(self.folder, "sweep", show)

    def __repr__(self) -> str:
        return f"<chronograd sweep: {len(self.rows)} combinations, in {self.folder}>"

    def _repr_html_(self) -> str:
        names = list(self.rows[0]["values"]) if self.rows else []
        return html_table([*names, "loss"], [[*row["values"].values(), number(row["loss"])] for row in self.rows])
