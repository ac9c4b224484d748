#!/usr/bin/env bash
# Installs the release build, or that in the folder ZEROLAB_BUILD, below a prefix, or removes it again.
#
# Usage: Scripts/install.sh install|uninstall PREFIX, after `make release`. The program finds its data in
# ../share/zerolab relative to its own folder, so the prefix can be moved, and links to the program work. All created files
# and folders are listed in share/zerolab/installed. `uninstall` removes only these, and folders only if empty, since below
# ~/.local the same folder also contains downloaded data sets.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: Scripts/install.sh install|uninstall PREFIX"
action=${1:?$usage}
prefix=${2:?$usage}
build=${ZEROLAB_BUILD:-.build/release}
list=share/zerolab/installed

remove() {
  [ -e "$prefix/$list" ] || return 0
  local paths path
  # Deepest first, so that a folder is removed after its contents.
  mapfile -t paths < <(sort -r "$prefix/$list")
  for path in "${paths[@]}"; do
    case $path in
      */) [ ! -d "$prefix/$path" ] || rmdir --ignore-fail-on-non-empty "$prefix/$path" ;;
      *) rm -f "$prefix/$path" ;;
    esac
  done
}

# Copies all files to be installed into a folder.
stage() {
  mkdir -p "$1"/{bin,share/{man/man1,bash-completion/completions,zsh/site-functions,zerolab}} \
    "$1/share/fish/vendor_completions.d"
  cp "$build/zerolab" "$1/bin/"
  local folder
  for folder in "$build"/ZerOLab_*.resources; do
    case $folder in *_TestSupport.resources) ;; *) cp -RL "$folder" "$1/share/zerolab/" ;; esac
  done
  swift build -c release --product generate-manual >&2
  .build/release/generate-manual "$build/zerolab" --output-directory "$1/share/man/man1" \
    --date "$(git log -1 --format=%cs 2>/dev/null || date +%F)"
  "$build/zerolab" --generate-completion-script bash >"$1/share/bash-completion/completions/zerolab"
  "$build/zerolab" --generate-completion-script zsh >"$1/share/zsh/site-functions/_zerolab"
  "$build/zerolab" --generate-completion-script fish \
    >"$1/share/fish/vendor_completions.d/zerolab.fish"
  touch "$1/$list"
  chmod -R u=rwX,go=rX "$1"
}

install_from() {
  remove  # an earlier version may have installed other files
  mkdir -p "$prefix"
  local path made=()
  while read -r path; do
    if [ -d "$1/$path" ]; then
      [ -d "$prefix/$path" ] || { mkdir "$prefix/$path"; made+=("$path/"); }
    else
      cp -p "$1/$path" "$prefix/$path"
      made+=("$path")
    fi
  done < <(cd "$1" && find . -mindepth 1 | sed 's|^\./||' | sort)
  printf '%s\n' "${made[@]}" >"$prefix/$list"
  echo "installed below $prefix: bin/zerolab, its data, manual page and completions"
}

case $action in
  install)
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    stage "$copy"
    install_from "$copy"
    ;;
  uninstall) remove ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
