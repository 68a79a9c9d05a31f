# SPDX-License-Identifier: BSL-1.0
"""Words that the project does not use any more, and the field's words that took their place. A word
is a regular expression in any case; a blank in it stands for any blanks, also where a comment goes
on in the next line."""

import re

RETIRED = {
    r"(?<![a-z])fetch_(?!add|sub|and|or|xor)\w+": "prefetch_…",  # an atomic's keep their names
    r"large(?:_| )pages?|large_block": "huge page",
    r"\bby_words\b": "word_row",
    r"\bby_lanes\b": "paired_row",
    r"\bsnapshot<": "seqlock<",
    r"\bspell_checked\b": "encode_checked",
    r"\bwrite_timeout\b": "stall_timeout",
    r"struct outstanding|::outstanding|\boutstanding[({]": "ack_report",  # misses are outstanding
    r"\b(?:min|max|busy)_ask\b": "ack_poll_min, ack_poll_max, ack_poll_busy",
    r"\btwo_doubles\b": "f64x2",
    r"\btwo_integers\b": "u64x2",
    r"\btwo_floats\b": "f32x2",
    r"\bfour_words\b": "u32x4",
    r"\bsixteen_bytes\b": "u8x16",
    r"\bmost_\w+": "max_…",
}

# A receiver stands behind a proxy; a byte comes after another one.
MISPLACED = {r"\bbehind\b": "after", r"\bin front of\b": "before"}
PROXY = re.compile(r"prox(?:y|ies)|balancer|relay|HAProxy|\bNAT\b")
NEAR = 80  # characters on either side


def found(text, words, but_near=None):
    """(line, what stands there, the field's word) of each place."""
    for word, better in words.items():
        for at in re.finditer(word.replace(" ", r"(?:\s|//+)+"), text, re.I):
            if but_near and but_near.search(text[max(at.start() - NEAR, 0):at.end() + NEAR]):
                continue
            yield text.count("\n", 0, at.start()) + 1, " ".join(at[0].split()), better
