#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that chronograd needs; does nothing where they are installed.
#   tools/setup.sh [GROUP...]     groups: build, data, python, speech, test, mpi, device, browser, exports, dev, peers
#                                 (default: build data)
set -eu

build="g++ cmake ninja-build pkg-config libeigen3-dev libdnnl-dev libxsmm-dev librandom123-dev libcli11-dev
       libtomlplusplus-dev nlohmann-json3-dev libfmt-dev libzip-dev zlib1g-dev libssl-dev"
data="dataset-fashion-mnist"
python="python3-dev python3-numpy pybind11-dev python3-pytest python3-pandas python3-matplotlib python3-mypy python3-pip
        python3-venv"
speech="espeak-ng sox"
test="git python3 python3-numpy libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-14
      libclang-rt-14-dev clang-format-14"
mpi="libopenmpi-dev openmpi-bin"
device="g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user-static"
peers="python3-torch libopenblas0-pthread"
browser="chromium librsvg2-bin fonts-dejavu-core nodejs libjs-katex"
exports="python3 python3-numpy python3-onnx python3-pandas nodejs"
exports_npm="onnxruntime-node@1.30.0 @huggingface/hub@2.17.5" # into node_modules; both bring all that they need
dev="ccache clang-tidy-14 gcovr"

[ $# -gt 0 ] || set -- build data
wanted=""
wanted_npm=""
for group in "$@"; do
  case $group in
    build) wanted="$wanted $build" ;;
    data) wanted="$wanted $data" ;;
    python) wanted="$wanted $python" ;;
    speech) wanted="$wanted $speech" ;;
    test) wanted="$wanted $test" ;;
    mpi) wanted="$wanted $mpi" ;;
    device) wanted="$wanted $device" ;;
    browser) wanted="$wanted $browser" ;;
    exports) wanted="$wanted $exports"; wanted_npm=$exports_npm; command -v npm >/dev/null 2>&1 || wanted="$wanted npm" ;;
    peers) wanted="$wanted $peers" ;;
    dev) wanted="$wanted $dev" ;;
    *) echo "[setup] got group '$group', allowed build, data, python, speech, test, mpi, device, browser, exports, dev, peers." >&2; exit 2 ;;
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
missing_npm=""
modules=$(dirname "$0")/../node_modules
for package in $wanted_npm; do # NAME@VERSION
  grep -qs "\"version\": *\"${package##*@}\"" "$modules/${package%@*}/package.json" || missing_npm=$wanted_npm # all: npm removes others
done
if [ -z "$missing$missing_npm" ]; then
  echo "[setup] $*: all packages are installed."
  exit 0
fi

as_root=""
if [ -n "$missing" ] && [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "[setup] root rights are needed to install packages. Run as root: apt-get install --no-install-recommends$missing" >&2
    exit 2
  fi
  as_root="sudo"
fi
echo "[setup] installing:$missing $missing_npm"
if [ -n "$missing" ]; then
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
  # shellcheck disable=SC2086  # the list is words on purpose
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing
fi
if [ -n "$missing_npm" ]; then
  # Their scripts would fetch what other processors need.
  # shellcheck disable=SC2086
  npm install --prefix "$(dirname "$0")/.." --no-save --no-package-lock --ignore-scripts --no-audit --no-fund $missing_npm
fi
