#!/bin/sh
# Writes Build.swift with the commit of a checkout; the file is rewritten only if the commit has changed.
#
#     record-commit.sh PACKAGE FOLDER
#
# The commit is nil without git, and outside a checkout, such as in a source archive inside another project's checkout. It
# ends in -dirty if a source file differs from the commit.
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

/// Information about the build.
enum Build {
  /// The commit of the checkout, with -dirty if a source file differs from it; nil outside a checkout.
  static let commit: String? = $value
}"
if [ "$text" != "$(cat "$file" 2>/dev/null)" ]; then
  mkdir -p "$2"
  printf '%s\n' "$text" >"$file.new"
  mv "$file.new" "$file"
fi
