#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A sweep as an array of jobs, which need no MPI:  sbatch array.sh CONFIG FOLDER rule.name=rflo,uoro ... [--seeds 0..4]
# Afterwards `chronograd sweep --resume --out FOLDER` runs what is missing, and prints the summary of all.
#SBATCH --array=1-8
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
set -u
exec chronograd sweep "$1" --out "$2" --resume --shard slurm "${@:3}"
