#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that chronograd needs; does nothing where they are installed.
#   tools/setup.sh [GROUP...]     groups: build, data, test, device, browser, dev, peers (default: build data)
set -eu

build="g++ cmake ninja-build pkg-config libeigen3-dev libdnnl-dev libxsmm-dev librandom123-dev libcli11-dev
       libtomlplusplus-dev nlohmann-json3-dev libfmt-dev libzip-dev zlib1g-dev libssl-dev"
data="dataset-fashion-mnist"
test="git python3 python3-numpy libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-14
      libclang-rt-14-dev clang-format-14"
device="g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user-static"
peers="python3-torch libopenblas0-pthread"
browser="chromium librsvg2-bin fonts-dejavu-core nodejs libjs-katex"
dev="ccache clang-tidy-14 gcovr"

[ $# -gt 0 ] || set -- build data
wanted=""
for group in "$@"; do
  case $group in
    build) wanted="$wanted $build" ;;
    data) wanted="$wanted $data" ;;
    test) wanted="$wanted $test" ;;
    device) wanted="$wanted $device" ;;
    browser) wanted="$wanted $browser" ;;
    peers) wanted="$wanted $peers" ;;
    dev) wanted="$wanted $dev" ;;
    *) echo "[setup] got group '$group', allowed build, data, test, device, browser, dev, peers." >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null 2>&1; then
  echo "[setup] apt-get was not found: this script knows Debian 12 (bookworm) and its relatives only." >&2
  echo "[setup] Install what corresponds to: $(echo "$wanted" | tr -s " \n" " ")" >&2
  exit 2
fi

missing=""
for package in $wanted; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "[setup] $*: all packages are installed."
  exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "[setup] root rights are needed to install packages. Run as root: apt-get install --no-install-recommends$missing" >&2
    exit 2
  fi
  as_root="sudo"
fi
echo "[setup] installing:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
# shellcheck disable=SC2086  # the list is words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing
