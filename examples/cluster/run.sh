#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One run over ranks:  sbatch run.sh CONFIG FOLDER [key=value...]     (without Slurm: LAUNCH="mpirun -np 4" ./run.sh ...)
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@120
# Two minutes before the time is over the ranks stop with a checkpoint; then the job goes back into the queue.
set -u
${LAUNCH:-srun --cpus-per-task=${SLURM_CPUS_PER_TASK:-1}} chronograd train "$1" --out "$2" --resume --ranks "${@:3}"
code=$?
if [ $code -eq 130 ] && [ -n "${SLURM_JOB_ID:-}" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
