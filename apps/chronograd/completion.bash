# SPDX-License-Identifier: Apache-2.0
# Completion for bash (in zsh after `autoload -U bashcompinit && bashcompinit`). Installed where bash looks by itself; else
#   source completion.bash
_chronograd() {
  local line=${COMP_LINE:0:COMP_POINT} word
  local last=${line##*[[:space:]]}
  local cut=${last%"${last##*[=:]}"} # bash replaces what stands after = and : alone
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("${word#"$cut"}")
  done < <("$1" completion -- "$line" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=.,] ]] && type compopt >/dev/null 2>&1; then
    compopt -o nospace
  fi
}
complete -o bashdefault -o default -F _chronograd chronograd
