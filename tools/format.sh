#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Formats every C++ file that git does not ignore, new ones too; with --check changes nothing and fails where a file
# would change.
set -eu
cd "$(dirname "$0")/.."
case ${1-} in
  "") mode="-i" ;;
  --check) mode="--dry-run --Werror" ;;
  *) echo "[format] got '$1', allowed --check or nothing." >&2; exit 2 ;;
esac
files=$(git ls-files --cached --others --exclude-standard --deduplicate '*.cpp' '*.hpp' | while read -r file; do
  [ -e "$file" ] && echo "$file"  # one that was removed by hand is still tracked
done)
[ -n "$files" ] || { echo "[format] no C++ file was found." >&2; exit 1; }
# shellcheck disable=SC2086  # words on purpose: no file name here holds a space
clang-format-14 --style=file $mode $files
