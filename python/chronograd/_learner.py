# SPDX-License-Identifier: Apache-2.0
"""A network that predicts and learns on streams that never end."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import _chronograd, _laws
from ._numbers import error, numbers, parameters
from ._settings import Config, Settings, experiment


class Learner:
    """Predict, then learn, one step after the other, on B streams.

    `predict(x)`: x (n) of one stream or (B,n), gives y (m) or (B,m). `learn(target, weight=None)` is about the step that
    predict made last: target (m) or (B,m), or classes as integers; returns the loss. With `third` = q numbers of a third
    factor a step (rule three_factor), `learn(target, third=...)` takes them, (q) or (B,q); left out they are 0. All of its
    state is saved, pickled and copied to the bit.

    >>> import chronograd as cg, numpy as np
    >>> net = cg.Learner(inputs=2, outputs=1, cell="gru", hidden=4, rule="rflo", loss="mse", every=1, lr=0.01)
    >>> y = net.predict(np.array([0.5, -1.0], np.float32))
    >>> loss = net.learn(np.array([0.2], np.float32))
    >>> y.shape, net.steps, net.updates
    ((1,), 1, 1)
    """

    def __init__(self, config: Settings = None, inputs: int = 0, outputs: int = 0, streams: int = 1, *, delay: int = 0,
                 third: int = 0, params: Any = None, strict: bool = False, **settings: Any):
        self._config = experiment(config, **settings)
        self._sizes = (int(inputs), int(outputs), int(streams), int(delay), int(third))
        _laws.first_use(self._config, strict)
        self._make(parameters(params))

    def _make(self, given: dict[str, np.ndarray] | None) -> None:
        double = self._config[""]["dtype"] == "float64"
        kind = _chronograd.LearnerDouble if double else _chronograd.LearnerFloat
        self._learner = kind(self._config._inner, *self._sizes, given)
        self._dtype = np.float64 if double else np.float32
        # Bound once: between a loop and the library stands nothing.
        self.predict, self.learn, self.reset = self._learner.predict, self._learner.learn, self._learner.reset

    def step_many(self, x: Any, target: Any = None, reset: Any = None) -> tuple[np.ndarray, np.ndarray | None]:
        """Many steps: x (T,n) or (T,B,n), target (T,m), (T,B,m) or classes (T), (T,B); None: predictions alone. Where
        `reset` (T,B) is not 0 a stream begins anew before that step. Returns y and the loss of each step (T)."""
        return self._learner.step_many(numbers("x", x), None if target is None else numbers("target", target),
                                       None if reset is None else numbers("reset", reset))

    def learning(self, on: bool) -> None:
        """Off: steps only run forward, and what the rule carries stays as it is."""
        self._learner.learning(bool(on))

    @property
    def config(self) -> Config:
        return self._config

    @property
    def params(self) -> dict[str, np.ndarray]:
        """A copy of the parameters by their names in files."""
        return self._learner.params

    @property
    def theta(self) -> np.ndarray:
        """All parameters where they lie: what is written there, they are."""
        return self._learner.theta

    @property
    def healthy(self) -> bool:
        """False once an output, a loss or a weight was not finite: the last good weights are back, learning is off."""
        return self._learner.healthy

    @property
    def steps(self) -> int:
        return self._learner.steps

    @property
    def updates(self) -> int:
        return self._learner.updates

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on, and the parameters under their names for whoever wants to look."""
        return {"config": (self._config.name, self._config.text, self._config.changes), "sizes": self._sizes,
                "state": self._learner.save(), "params": self.params}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken. An Error for the state of another configuration, program or size."""
        if self._learner.restore(*state["state"]) == "refused":
            raise error(2, "state", "is that of another configuration or size, or damaged: nothing was changed.")

    def save(self, path: Any) -> None:
        """The same as a .npz file, which the program takes for --state and --params."""
        import os
        self._learner.save_file(os.fspath(path))

    def load(self, path: Any) -> None:
        import os
        self._learner.load_file(os.fspath(path))

    def __reduce__(self) -> tuple:
        state = self.state_dict()
        return _again, (type(self), state["config"], self._sizes, state["params"], state["state"])

    def __copy__(self) -> Learner:
        return _again(*self.__reduce__()[1])

    def __deepcopy__(self, memo: dict[int, Any]) -> Learner:
        return self.__copy__()

    copy = __copy__

    def __repr__(self) -> str:
        inputs, outputs, streams, *_ = self._sizes
        return (f"<chronograd learner: {self._config['model']['cell']} of {self._config['model']['hidden']} units, "
                f"{inputs} inputs, {outputs} outputs, {streams} streams, step {self.steps}>")


def _again(kind: type[Learner], config: tuple, sizes: tuple[int, int, int, int, int], params: dict[str, np.ndarray], state: tuple) -> Learner:
    from ._settings import _again as configuration
    learner = kind.__new__(kind)
    learner._config, learner._sizes = configuration(*config), sizes
    learner._make(params)
    learner.load_state_dict({"state": state})
    return learner
