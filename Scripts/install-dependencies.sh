#!/usr/bin/env bash
# Installs the system libraries that the build needs, if they are missing, and says what it does.
# Nothing is installed when everything is there. Arguments are further Debian packages, for make
# targets that need more than the build does.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

if ! command -v swift >/dev/null; then
  say "Swift is not installed. Get Swift 6.3 or later from https://www.swift.org/install and try again."
  exit 1
fi

# pkg-config's name of a library, Debian's package, Homebrew's package
libraries=(
  "openblas libopenblas-dev openblas"
  "zlib zlib1g-dev zlib"
  "libzip libzip-dev libzip"
  "libsodium libsodium-dev libsodium"
  "cairo libcairo2-dev cairo"
)

missing_apt=()
missing_brew=()
if ! command -v pkg-config >/dev/null; then
  missing_apt+=(pkg-config)
  missing_brew+=(pkg-config)
fi
for library in "${libraries[@]}"; do
  read -r name apt brew <<<"$library"
  if ! command -v pkg-config >/dev/null || ! pkg-config --exists "$name"; then
    missing_apt+=("$apt")
    missing_brew+=("$brew")
  fi
done
# Without a font the figures have boxes for letters.
if command -v dpkg-query >/dev/null; then
  for package in fonts-dejavu-core "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing_apt+=("$package")
  done
fi
# The tests start a web server in Python; data sets are fetched with curl.
for program in python3 curl; do
  command -v "$program" >/dev/null || missing_apt+=("$program")
done

if [ ${#missing_apt[@]} -eq 0 ]; then exit 0; fi

if command -v apt-get >/dev/null; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "Missing: ${missing_apt[*]}. Install them as root: apt-get install ${missing_apt[*]}"
      exit 1
    fi
    as_root=(sudo)
  fi
  say "Installing what is missing: ${missing_apt[*]}"
  # A list that can't be updated need not matter; a package that can't be installed does.
  "${as_root[@]}" apt-get update -qq || say "Some package lists could not be updated; going on."
  if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing_apt[@]}" >/dev/null; }; then
    say "That did not work. Install them by hand: apt-get install ${missing_apt[*]}"
    exit 1
  fi
elif command -v brew >/dev/null && [ ${#missing_brew[@]} -gt 0 ]; then
  say "Installing what is missing: ${missing_brew[*]}"
  brew install "${missing_brew[@]}"
elif [ ${#missing_brew[@]} -gt 0 ]; then
  say "Missing libraries: ${missing_brew[*]}. Install them with your system's package manager."
  exit 1
fi
