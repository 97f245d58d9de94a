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
