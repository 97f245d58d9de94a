#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a new user meets: the Debian package, installed by apt on a bare Debian 12, and what the documents promise there.
#   tools/new_user.sh PACKAGE.deb [FOLDER]     as root; debootstrap makes the system in FOLDER (default: a new one, removed
#                                              at the end), from the mirror in $MIRROR
# The documents' Python is run by doctest; then a rule and a cell are broken on purpose, and what is said is printed.
set -euo pipefail

package=$(realpath "${1:?the package is missing. cmake --build FOLDER -t package makes one}")
repository=$(realpath "$(dirname "$0")/..")
if [ $# -gt 1 ]; then
  root=$(realpath "$2")
else
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
fi
[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$root" "${MIRROR:-http://deb.debian.org/debian}"

inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
[ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/mnt/chronograd.deb"
cp "$repository/README.md" "$repository/docs/python.md" "$root/mnt"
inside apt-get -q update
inside apt-get -q -y install --no-install-recommends /mnt/chronograd.deb

echo "=== the program, and the documents' Python"
inside chronograd --version
inside sh -c 'cd /mnt && python3 -m doctest -o ELLIPSIS README.md python.md' && echo "as written"

echo "=== a rule and a cell, each broken on purpose"
inside tee /mnt/broken.py >/dev/null <<'PYTHON'
import chronograd as cg
import numpy as np


@cg.rule("forgetful", promise="exact")
class Forgetful:
    """The gradient of a step alone, which calls itself exact; what it counts it does not name as state."""
    count = 0

    def __init__(self, net, options):
        pass

    def begin(self):
        self.count = 0

    def learn(self, segment, credit):
        gradient = 0
        for k in range(segment.steps):
            self.count += 1
            gain = segment.linearise(k)[1][:, 0] / self.count
            gradient = gradient + np.einsum("bd,bgd,bz->gdz", credit.c[k], gain, segment.z[k])
        return gradient


@cg.cell("crooked", states=1, gates=1)
class Crooked:
    """A unit whose Jacobian is that of another one."""

    def step(s, u):
        return np.tanh(0.5 * s[0] + u[0])

    def jacobian(s, u):
        return [[0.5]], [[1 - np.tanh(u[0]) ** 2]]


for name in ("forgetful", "crooked"):
    try:
        cg.check(name)
        print(name, "was not found out")
        raise SystemExit(1)
    except cg.Error as problem:
        print(problem)
run = cg.train(cell="gru", hidden=4, rule="forgetful", loss="mse", every=1, task=dict(name="sine"), train=dict(updates=3))
print(run)
PYTHON
inside python3 /mnt/broken.py
