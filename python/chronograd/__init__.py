# SPDX-License-Identifier: Apache-2.0
"""Temporal credit assignment in recurrent networks: which weight, used when, is to be charged for an error.

NumPy arrays in and out, streams first: x (B,T,n), y (B,T,m). Names, options and texts are those of the program `chronograd`;
the catalogues `rules`, `cells`, `tasks`, `losses`, `optimizers`, ... have them.

>>> import chronograd as cg
>>> run = cg.train(cell="gru", hidden=8, rule="rflo", loss="mse", every=1, lr=0.01,
...                task=dict(name="sine"), train=dict(updates=100))
>>> run.status
'done'
"""
from ._catalogues import Catalogue, Entry, catalogues as _catalogues, describe
from ._chronograd import Error, instruction_set, version as __version__
from ._laws import BrokenLaw, Checks
from ._learner import Learner
from ._own import Net, cell, loss, rule, task
from ._results import Comparison, Run, Sweep
from ._settings import Config, experiment
from ._shown import style
from ._work import check, compare, evaluate, gradient, predict, sweep, train

globals().update(_catalogues())  # rules, cells, tasks, losses, optimizers, feedback, synthesisers, formats, ...

Error.__module__ = "chronograd"
Error.__doc__ = "What is wrong with a configuration, data or a file: the program's text, and its exit code as `code`."

__all__ = ["BrokenLaw", "Catalogue", "Checks", "Comparison", "Config", "Entry", "Error", "Learner", "Net", "Run", "Sweep",
           "cell", "check", "compare", "describe", "evaluate", "experiment", "gradient", "instruction_set", "loss", "predict",
           "rule", "style", "sweep", "task", "train",
           *_catalogues()]


def __getattr__(name):  # PyTorch is imported where somebody asks for it
    if name == "torch":
        import importlib
        return importlib.import_module(".torch", __name__)
    raise AttributeError(f"module 'chronograd' has no attribute {name!r}")
