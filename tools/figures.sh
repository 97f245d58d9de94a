#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Draws the figures of the documentation anew, into docs/figures, with a program that is built (tools/main_job.sh). Runs
# that are there, in runs/figures, are only read.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/build/release/apps/chronograd:$PATH

# The second half of the main job: an endless stream, each rule at a rate that suits it. A line each 1000 steps.
chronograd compare experiments/add_stream.toml train.report_every=1000 --seeds 0..4 --no-cosine --rules \
  'rtrl,uoro(optimizer.lr=3e-4),snap(n=1,optimizer.lr=0.01),rflo(optimizer.lr=0.01),dni(sg_lr=0.01,optimizer.lr=3e-3),tbptt(update.every=20,train.updates=1500,train.report_every=50),readout_only' \
  --out runs/figures/add_stream --resume
mkdir -p docs/figures
chronograd plot runs/figures/add_stream --kind curves -o docs/figures/add_stream.svg

# Marschall's rules: cosines of all pairs on the trajectory of rtrl, and final losses against the cosine with the exact one.
runs=runs/figures/marschall_add
chronograd reproduce marschall_add --out $runs --resume --quiet > /dev/null
chronograd plot $runs/alignment_of_all_pairs_alpha_1 --kind alignment --number 21 -o docs/figures/marschall_add_alignment.svg
chronograd plot $runs/alignment_with_rtrl_alpha_1 --kind pareto --number 2 -o docs/figures/marschall_add_loss.svg

# The front on one task, where the whole protocol has been run (an hour: chronograd reproduce front --full).
if [ -d runs/figures/front_full ]; then
  chronograd plot runs/figures/front_full/anbn --kind pareto -o docs/figures/front.svg
fi

# The same of the preset auto, on two tasks, where the whole protocol has been run (an hour: docs/own_rule.md).
if [ -d runs/figures/own_rule ]; then
  for task in copy add; do
    chronograd plot runs/figures/own_rule/$task --kind pareto -o docs/figures/own_rule_$task.svg
  done
fi

# Who is charged for which loss on the same stream, by rules that looked on while exact credit learned.
chronograd train experiments/add_stream.toml model.alpha=0.5 watch.credit=24 'watch.rules=tbptt(update.every=6),rolling_tbptt(L=6),rflo,snap(n=1),snap(n=1,reach=6),kernl,uoro,kf_rtrl,ok(r=4),dni(sg_lr=0.01),bp_lambda(sg_lr=0.01)' \
  --out runs/figures/credit --resume
chronograd plot runs/figures/credit --kind credit -o docs/figures/credit.svg
