#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A sweep over ranks, one job at a time each:  sbatch sweep.sh CONFIG FOLDER rule.name=rflo,uoro ... [--seeds 0..4]
#SBATCH --ntasks=64
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@120
set -u
${LAUNCH:-srun} chronograd sweep "$1" --out "$2" --resume --ranks "${@:3}"
code=$?
if [ $code -eq 130 ] && [ -n "${SLURM_JOB_ID:-}" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
