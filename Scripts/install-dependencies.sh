#!/usr/bin/env bash
# Installs missing system libraries that the build needs, and prints what it installs. Arguments are additional Debian
# packages, for make targets that need more than the build.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

if ! command -v swift >/dev/null; then
  say "Swift is not installed. Install Swift 6.3 or later from https://www.swift.org/install and try again."
  exit 1
fi

# Columns: name in pkg-config, Debian package, Homebrew package
libraries=(
  "openblas libopenblas-dev openblas"
  "zlib zlib1g-dev zlib"
  "libdeflate libdeflate-dev libdeflate"
  "libzip libzip-dev libzip"
  "libsodium libsodium-dev libsodium"
  "cairo libcairo2-dev cairo"
  "libpng libpng-dev libpng"
  "libturbojpeg libturbojpeg0-dev jpeg-turbo"
)

# It makes code for one kind of processor only.
if [ "$(uname -sm)" = "Linux x86_64" ]; then libraries+=("libxsmm libxsmm-dev libxsmm"); fi

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
# Without a font, figures would show boxes instead of letters.
if command -v dpkg-query >/dev/null; then
  for package in fonts-dejavu-core "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing_apt+=("$package")
  done
fi
# The tests start a web server in Python; curl downloads data sets.
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
  say "Installing missing packages: ${missing_apt[*]}"
  # An outdated package list is tolerable; a failed installation is not.
  "${as_root[@]}" apt-get update -qq || say "Some package lists could not be updated; continuing."
  if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing_apt[@]}" >/dev/null; }; then
    say "The installation failed. Install the packages manually: apt-get install ${missing_apt[*]}"
    exit 1
  fi
elif command -v brew >/dev/null && [ ${#missing_brew[@]} -gt 0 ]; then
  say "Installing missing packages: ${missing_brew[*]}"
  brew install "${missing_brew[@]}"
elif [ ${#missing_brew[@]} -gt 0 ]; then
  say "Missing libraries: ${missing_brew[*]}. Install them with your system's package manager."
  exit 1
fi
