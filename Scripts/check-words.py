#!/usr/bin/env python3
"""Finds words that this project doesn't use, and says which ones it uses instead.

Usage: Scripts/check-words.py [FILE...], by default every text file of the repository. It prints one line per word found and
ends with an error if there is any. A line that must contain such a word, for example because an old file format has it, ends
in `words: allow` within a comment, or its file is listed in ALLOWED.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".swift", ".py", ".md", ".yaml", ".sh", ".mustache", ".js", ".css", ".c", ".h", ".cff", ""}
# Files that quote others, or that are read by programs alone.
ALLOWED = ("Scripts/check-words.py", "LICENSE", "Documentation/Results/rounding_noise/")
COUNTED = "(?:row|line|file|page|folder|thread|column|job|task|target|idea|concept|image|byte|unit|value|point|run|core)"
WORDS = {
    # American spelling, as in PyTorch and JAX
    r"(initial|optim|normal|quant|factor|vector|summar|minim|maxim|general|special|serial|organ|recogn|character|material"
    r"|synchron|random|regular|real)is(e|es|ed|ing|er|ers|ation|ations)\b": r"…ize",
    r"parallelis(e|es|ed|ing|ation)\b": "parallelize",
    r"colours?\b|coloured\b": "color",
    r"centre[ds]?\b": "center",
    r"neighbour\w*": "neighbor",
    r"behaviours?\b": "behavior",
    r"catalogues?\b": "catalog",
    r"(label|cancel|model|travel)l(ed|ing)\b": "labeled, canceled, modeled",
    r"\bgrey\b|licence|favour|honour|artefact|judgement|whilst\b|analyse[ds]?\b": "American spelling",
    # terms of the field
    r"(?<!Deep into )rectifiers?\b|rectified linear": "ReLU",
    r"graphics processors?": "GPU",
    r"taken up again|takes? up again|broken off": "resumed, interrupted",
    r"exact ties|copies part\b": "symmetry reduction, identical units diverge",
    r"lit pixels?": "nonzero inputs",
    r"as if an enemy": "as untrusted input",
    r"bits behind the point": "a mantissa of N bits",
    r"of themselves\b": "a relative error below",
    r"images right\b": "classified correctly",
    r"rules that draw": "random initializers",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"stands? twice|stand again": "occurs twice",
    r"\bcrews?\b|\bcrowds?\b": "thread team",
    r"\bcensus\b": "statistics",
    r"sound files?": "valid",
    r"Broken: rank": "Violated: rank",
    # rates and counts
    rf"\b(?:a|an|one) {COUNTED} (?:a|an|each) [a-z]": "one … per …",
    rf"\b{COUNTED}s (?:a|an) (?:update|epoch|run|batch|setting|row|line|second|tensor|layer|matrix|measurement)\b": "… per …",
    # clauses that serve as nouns
    r"^\s*(///?|#|\*|-) ?What (?!if\b)[a-z ]+[.:]?$": "a noun that names it",
    r"help: \"(What|How|Which) ": "a noun that names it",
}


def files(arguments):
    """The text files to check."""
    if arguments:
        return [Path(name).resolve() for name in arguments]
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    # Without git, as in a source archive, every file outside hidden folders is checked.
    names = done.stdout.splitlines() if done.returncode == 0 else [
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if "/." not in str(path)]
    return [ROOT / name for name in names
            if Path(name).suffix in SUFFIXES and not name.startswith(ALLOWED) and (ROOT / name).is_file()]


def main():
    patterns = [(re.compile(word, re.IGNORECASE if word[0] != "^" else 0), use) for word, use in WORDS.items()]
    found = []
    for path in files(sys.argv[1:]):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if "words: allow" in line:
                continue
            for pattern, use in patterns:
                if match := pattern.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: '{match[0].strip()}'; use {use}")
    print("\n".join(found) or "no dropped word")
    sys.exit(bool(found))


main()
