# SPDX-License-Identifier: Apache-2.0
"""States behind h, and networks of units that excite or inhibit."""
import numpy as np

import chronograd as cg
from small import rows

SPIKING = dict(cell="alif", hidden=8, v_th=0.3, beta=0.2, rule="eprop", loss="mse", dtype="float64", every=4, lr=0.05)


def test_states_behind_h():
    x, y = rows(steps=40)
    config = cg.experiment(SPIKING)
    params = cg.Learner(config.changed(every=1), 2, 2).params
    plain, found = (cg.gradient(config, x, y, params, states=states) for states in (False, True))
    assert set(found) - set(plain) == {"v", "a", "threshold", "psi"}
    assert found["h"].sum() > 0 and ((found["v"] > found["threshold"]) == (found["h"] == 1)).all()
    stack = cg.experiment(cell="lstm", hidden=3, layers=2, rule="bptt", loss="mse", every="trial")
    params = cg.Learner(stack.changed(rule="rflo", every=1), 2, 2).params
    found = cg.gradient(stack, x, y, params, states=True, h0=np.ones((3, 3)))
    assert {"c_l0", "c_l1", "h_l0", "h_l1"} <= set(found) and (found["h_l1"] == found["h"]).all()


def test_dales_law_holds_while_spiking_units_learn():
    x, y = rows(streams=20, steps=30)
    run = cg.train(cg.experiment(SPIKING), x, y, dale=0.75, lr=0.3, train={"epochs": 3, "batch": 4})
    assert run.status == "done"
    rates = run.curve("firing_rate")[:, 1]
    assert ((0 < rates) & (rates < 1)).all() and "firing rate" in run.table()
    assert "firing rate" not in cg.train(cg.experiment(cell="gru", hidden=4, rule="rflo", loss="mse", every=1), x, y).table()
    start = cg.Learner(cg.experiment(SPIKING, dale=0.75, every=1), 2, 2).params["W_rec"]
    for weights in (start, run.params["W_rec"]):
        assert (weights[:, :6] >= 0).all() and (weights[:, 6:] <= 0).all() and np.abs(weights).max() > 0.1
        assert (np.diag(weights) == 0).all()
    assert np.abs(run.params["W_rec"] - start).max() > 0.01 and (run.params["W_rec"] == 0).sum() > 8  # some were clipped
