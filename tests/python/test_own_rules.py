# SPDX-License-Identifier: Apache-2.0
"""A rule in Python is what a built-in one is; the laws find what is wrong with it."""
import pickle
import warnings

import numpy as np
import pytest

import chronograd as cg
import own_entries
from small import distance, leaky, program, rows, settings, write

RESET = np.zeros((3, 12), bool)
RESET[1, 5] = True


@pytest.mark.parametrize("cell", ["leaky", "gru", "lstm"])
@pytest.mark.parametrize("mine, theirs, every", [("my_rflo", "rflo", 1), ("my_rflo", "rflo", 5), ("my_rtrl", "bptt", 4),
                                                 ("my_bptt", "bptt", "trial")])
def test_own_rules_are_the_built_in_ones(cell, mine, theirs, every):
    x, y = rows()
    config = cg.experiment(cell=cell, hidden=4, loss="mse", rule="rflo", every=1, dtype="float64",
                           **({"alpha": 0.4} if cell == "leaky" else {}))
    params = cg.Learner(config, 2, 2).params
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cg.gradient(config, x, y, params, rule=mine, every=every, reset=RESET)
    wanted = cg.gradient(config, x, y, params, rule=theirs, every="trial" if theirs == "bptt" else every, reset=RESET)
    for name in params:
        assert distance(found[name], wanted[name]) < 1e-12, name


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", ["leaky", "lstm"])
@pytest.mark.parametrize("mine, theirs, every", [("my_rflo", "rflo", 1), ("my_rflo", "rflo", 5), ("my_deep_rtrl", "bptt", 4),
                                                 ("my_deep_bptt", "bptt", "trial")])
def test_own_rules_on_stacks_are_the_built_in_ones(cell, layers, mine, theirs, every):
    x, y = rows()
    config = cg.experiment(cell=cell, hidden=4, layers=layers, loss="mse", rule="rflo", every=1, dtype="float64",
                           **({"alpha": 0.4} if cell == "leaky" else {}))
    params = cg.Learner(config, 2, 2).params
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cg.gradient(config, x, y, params, rule=mine, every=every, reset=RESET)
    wanted = cg.gradient(config, x, y, params, rule=theirs, every="trial" if theirs == "bptt" else every, reset=RESET)
    for name in params:
        assert distance(found[name], wanted[name]) < 1e-12, name


def test_a_rule_of_each_layer_is_not_exact_on_a_stack():
    x, y = rows()
    config = cg.experiment(cell="gru", hidden=4, layers=2, loss="mse", rule="my_rtrl", every=1, dtype="float64")
    params = cg.Learner(config.changed(rule="rflo"), 2, 2).params
    with pytest.warns(cg.BrokenLaw, match="law exact.*gru x 2"):
        cg.gradient(config, x, y, params)
    assert cg.check("my_deep_rtrl", cells=["leaky"]).passed
    assert {row["cell"] for row in cg.check("my_rflo", cells=["leaky"])} == {"leaky", "leaky x 2"}


def test_checkpoints_and_learners_of_stacks(tmp_path):
    settings_of = settings(rule="my_rflo", layers=2, dtype="float64")
    config = cg.experiment(**settings_of, task={"name": "sine"}, train={"updates": 200, "report_every": 50})
    whole = cg.train(config)
    cg.train(config, out=tmp_path / "r", callback=lambda line: line["update"] < 100)
    run = cg.train(config, out=tmp_path / "r", resume=True)
    assert all(run.params[name].tobytes() == whole.params[name].tobytes() for name in whole.params)
    x, y = rows(steps=20)
    mine = cg.Learner(cg.experiment(**settings_of), 2, 2, 3)
    mine.step_many(x.swapaxes(0, 1)[:10], y.swapaxes(0, 1)[:10])
    again = pickle.loads(pickle.dumps(mine))
    assert all((one := mine.predict(x[:, t])).tobytes() == again.predict(x[:, t]).tobytes()
               and mine.learn(y[:, t]) == again.learn(y[:, t]) and one.size for t in range(10, 20))


@pytest.mark.parametrize("result, text", [(lambda segment: segment.z, "is that of a stack"), (lambda segment: np.zeros(3), "a list of 2 gradients"),
                                          (lambda segment: [0, np.zeros(3)], "(1, 5, 8)")])
def test_mistakes_with_stacks_are_named(result, text):
    broken("my_deep_mistake", lambda cls: setattr(cls, "learn", lambda self, segment, credit: result(segment)), layers="all")
    x, y = rows()
    config = cg.experiment(**settings(rule="my_deep_mistake", layers=2))
    params = cg.Learner(config.changed(rule="rflo"), 2, 2).params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(cg.Error) as caught:
            cg.gradient(config, x, y, params)
    assert text in str(caught.value)


def test_training_comparing_watching_and_sweeping(tmp_path):
    config = cg.experiment(**settings(task={"name": "sine"}, dtype="float64", train={"updates": 60, "report_every": 20}))
    mine, theirs = (cg.train(config, rule=rule, watch={"rules": ["rtrl", "my_rflo"], "every": 7}) for rule in ("my_rflo", "rflo"))
    assert abs(mine.loss - theirs.loss) < 1e-10 and mine.params["W_rec"].dtype == np.float64
    assert theirs.metrics[-1]["cosine"]["my_rflo"] == pytest.approx(1, abs=1e-9)
    both = cg.compare(config, ["rflo", "my_rflo(fade=1.0)"], seeds=2, jobs=2, times=False)
    assert np.abs(both.losses()["rflo"] - both.losses()["my_rflo(fade=1.0)"]).max() < 1e-10
    assert "my_rflo" in both.table() and len(both.to_pandas()) == 4 and "<table>" in both._repr_html_()
    found = cg.sweep(config, {"rule.name": ["my_rflo", "rflo"], "optimizer.lr": [0.01, 0.1]}, out=tmp_path / "s", jobs=1)
    assert len(found.rows) == 4 and set(found.best) == {"my_rflo", "rflo"} and "my_rflo" in found.table()


def test_a_checkpoint_holds_the_named_state(tmp_path):
    config = cg.experiment(**settings(rule="my_rflo", task={"name": "sine"}, dtype="float64", train={"updates": 300, "report_every": 50}))
    whole = cg.train(config)
    part = cg.train(config, out=tmp_path / "r", callback=lambda line: line["update"] < 150)
    assert part.status == "stopped"
    run = cg.train(config, out=tmp_path / "r", resume=True)
    assert all(run.params[name].tobytes() == whole.params[name].tobytes() for name in whole.params)
    assert [line["loss"] for line in run.metrics] == [line["loss"] for line in whole.metrics]


def test_a_learner_with_an_own_rule():
    x, y = rows(steps=30)
    mine, theirs = (cg.Learner(cg.experiment(**settings(rule=rule, dtype="float64")), 2, 2, 3) for rule in ("my_rflo", "rflo"))
    for t in range(15):
        assert np.abs(mine.predict(x[:, t]) - theirs.predict(x[:, t])).max() < 1e-12
        mine.learn(y[:, t]), theirs.learn(y[:, t])
    again = pickle.loads(pickle.dumps(mine))
    for t in range(15, 30):
        assert mine.predict(x[:, t]).tobytes() == again.predict(x[:, t]).tobytes()
        assert mine.learn(y[:, t]) == again.learn(y[:, t])


def broken(name, how, **record):
    class Broken(own_entries.Rflo):
        """A rule with a fault."""
    how(Broken)
    return cg.rule(name, options={"fade": 1.0}, **record)(Broken)


def no_state(cls):
    cls.state = []


def blind_to_resets(cls):
    def learn(self, segment, credit):
        gradient, decay = 0, 0.5
        for k in range(segment.steps):
            b = segment.linearise(k)[1]
            new = b[..., None] * segment.z[k][:, None, None, None, :]
            self.trace = new if self.trace is None else new + decay * self.trace
            gradient = gradient + np.einsum("bd,bgdz->gdz", credit.c[k], self.trace[:, 0])
        return gradient
    cls.learn = learn


def mixing_streams(cls):
    inner = cls.learn

    def learn(self, segment, credit):
        gradient = inner(self, segment, credit)
        self.trace = np.broadcast_to(self.trace.mean(0), self.trace.shape).copy()
        return gradient
    cls.learn = learn


def noisy(cls):
    inner = cls.learn
    cls.learn = lambda self, segment, credit: inner(self, segment, credit) + 1e-3 * np.random.standard_normal()


@pytest.mark.parametrize("how, law", [(no_state, "state"), (blind_to_resets, "reset"), (mixing_streams, "streams"), (noisy, "again")])
def test_the_laws_find_faults(how, law):
    broken("my_broken", how)
    x, y = rows()
    config = cg.experiment(**settings(rule="my_broken", dtype="float64"))
    with pytest.warns(cg.BrokenLaw, match=f"law {law}") as said:
        cg.gradient(config, x, y, leaky())
    assert "[rule my_broken] breaks" in str(said[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cg.gradient(config, x, y, leaky())  # once a process
    with pytest.raises(cg.Error, match=f"law {law}") as caught:
        cg.gradient(config, x, y, leaky(), strict=True)
    assert caught.value.code == 1
    with pytest.raises(cg.Error, match=f"law {law}"):
        cg.check("my_broken")


def test_a_promise_is_held():
    broken("my_liar", lambda cls: None, promise="exact")
    with pytest.raises(cg.Error, match="law exact"):
        cg.check("my_liar", cells=["leaky"])
    assert cg.check(own_entries.Rflo).passed and cg.check("my_rtrl", cells=["gru"]).passed


@pytest.mark.parametrize("result, text", [(np.zeros(3), "(3,)"), ("words", "str"), (np.zeros((1, 5, 9)), "(1, 5, 8)")])
def test_mistakes_are_named(result, text):
    @cg.rule("my_mistake")
    class Mistake:
        def __init__(self, net, options):
            pass

        def begin(self):
            pass

        def learn(self, segment, credit):
            return result
    x, y = rows()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in (lambda: cg.gradient(cg.experiment(**settings(rule="my_mistake")), x, y, leaky()),
                     lambda: cg.train(cg.experiment(**settings(rule="my_mistake")), x, y),
                     lambda: cg.train(cg.experiment(**settings(rule="my_mistake", threads=2)), *rows(streams=200))):
            with pytest.raises(cg.Error, match="my_mistake.learn") as caught:
                call()
            assert text in str(caught.value)
        with pytest.raises(cg.Error, match="my_mistake.learn"):  # it tries a step when it is made
            cg.Learner(cg.experiment(**settings(rule="my_mistake")), 2, 2)


def test_a_step_that_raises_is_heard_of_at_once():
    def later(cls):
        inner = cls.learn
        cls.calls = 0

        def learn(self, segment, credit):
            cls.calls += 1
            return 1 / 0 if segment.t0 == 3 else inner(self, segment, credit)
        cls.learn = learn
    broken("my_later", later)
    x, y = rows(streams=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner = cg.Learner(cg.experiment(**settings(rule="my_later")), 2, 2)
    with pytest.raises(ZeroDivisionError):
        for t in range(12):
            learner.predict(x[0, t])
            learner.learn(y[0, t])
    assert learner.steps in (4, 5)


def test_an_exception_passes_through():
    class Stop(Exception):
        pass

    def stop(self, segment, credit):
        raise Stop("here")
    broken("my_stop", lambda cls: setattr(cls, "learn", stop))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Stop, match="here"):
            cg.train(cg.experiment(**settings(rule="my_stop", task={"name": "sine"}, train={"updates": 10**6})))
    with pytest.raises(ZeroDivisionError):
        cg.train(cg.experiment(**settings(task={"name": "sine"})), callback=lambda line: 1 / 0)


def test_what_one_thread_raises_is_not_another_ones():
    import threading

    def stop(self, segment, credit):
        raise ZeroDivisionError("here")
    broken("my_stop", lambda cls: setattr(cls, "learn", stop))
    begun, ended, outcome = threading.Event(), threading.Event(), []

    def other():
        def go_on(line):
            begun.set()
            return not ended.is_set()
        config = cg.experiment(**settings(rule="my_rflo", task={"name": "sine"}, train={"updates": 10**6, "report_every": 10}))
        outcome.append(cg.train(config, callback=go_on, progress=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=other)
        thread.start()
        assert begun.wait(60)
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                cg.train(cg.experiment(**settings(rule="my_stop", task={"name": "sine"})))
        begun.clear()
        assert begun.wait(60)  # it still reports
        ended.set()
        thread.join()
    assert outcome[0].status == "stopped" and np.isfinite(outcome[0].metrics[-1]["loss"])


def test_a_segment_is_there_while_it_is_learnt():
    kept = []
    broken("my_keeper", lambda cls: setattr(cls, "learn", lambda self, segment, credit: kept.append((segment, segment.z))))
    x, y = rows()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cg.gradient(cg.experiment(**settings(rule="my_keeper")), x, y, leaky())
    with pytest.raises(cg.Error, match="after learn"):
        kept[-1][0].z
    assert kept[-1][1].shape == (1, 3, 8)


def test_the_program_with_load(tmp_path):
    import os
    import subprocess
    import sys
    config = cg.experiment(**settings(rule="my_rflo", dtype="float64", task={"name": "sine"}, train={"updates": 60}))
    path = write(tmp_path / "c.toml", config.text)
    words = [sys.executable, "-m", "chronograd", "train", path, "--out", tmp_path / "r", "--quiet"]
    refused = subprocess.run(words, capture_output=True, text=True)
    assert refused.returncode == 2 and "my_rflo" in refused.stderr
    done = subprocess.run([*words, "--load", own_entries.__file__], capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 0, done.stderr
    wanted = cg.train(config)
    with np.load(tmp_path / "r/params.npz") as params:
        assert all(params[name].tobytes() == wanted.params[name].tobytes() for name in wanted.params)
    listed = subprocess.run([sys.executable, "-m", "chronograd", "list", "rules", "--quiet", "--load", own_entries.__file__],
                            capture_output=True, text=True)
    assert listed.stdout.split()[:-5] == program("list", "rules", "--quiet").stdout.split()
    (tmp_path / "bad.py").write_text("""import chronograd as cg
@cg.rule("my_rflo", options={"fade": 1.0})
class Bad:
    def __init__(self, net, options): pass
    def begin(self): pass
    def learn(self, segment, credit): return {}["nothing"]
""")
    failed = subprocess.run([*words[:-2], tmp_path / "q", "--quiet", "--load", tmp_path / "bad.py"], capture_output=True, text=True)
    assert failed.returncode == 1 and "KeyError: 'nothing'" in failed.stderr
    missing = subprocess.run([sys.executable, "-m", "chronograd", "list", "--load", "nowhere.py"], capture_output=True, text=True)
    assert missing.returncode == 4 and "nowhere.py" in missing.stderr
