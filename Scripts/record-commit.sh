#!/bin/sh
# Writes Build.swift with the commit of a checkout, and touches it only when that has changed.
#
#     record-commit.sh PACKAGE FOLDER
#
# The commit is nil outside a checkout (a source archive, even one that lies in another project's checkout), or
# without git; it ends in -dirty where a source is not the commit's.
set -eu
package=$1
file=$2/Build.swift

value=nil
if git -C "$package" ls-files --error-unmatch Package.swift >/dev/null 2>&1 &&
  commit=$(git -C "$package" rev-parse HEAD 2>/dev/null); then
  changes=$(git --no-optional-locks -C "$package" status --porcelain -- Package.swift Sources 2>/dev/null) || changes=unknown
  value="\"$commit${changes:+-dirty}\""
fi

text="// Written by Scripts/record-commit.sh.

/// What is known of the build.
enum Build {
  /// The commit of the checkout, -dirty where a source is not the commit's; nil outside a checkout.
  static let commit: String? = $value
}"
if [ "$text" != "$(cat "$file" 2>/dev/null)" ]; then
  mkdir -p "$2"
  printf '%s\n' "$text" >"$file.new"
  mv "$file.new" "$file"
fi
