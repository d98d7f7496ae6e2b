"""An identity as words on paper (SLIP-39, through shamir-mnemonic), and back.

`to_words` makes one share, or n of which any k will do; 33 words each. `check_words` finds a mistyped word
while it is typed; `from_words` says in a sentence what is wrong with a whole set. No SLIP-39 passphrase is
used: one more thing to forget is what paper is meant to help against.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from vault.errors import BreakglassError, WrongUsage
from vault.identity import SECRET_BYTES, Identity
from vault.memory import wipe

if TYPE_CHECKING:
    Parsed: TypeAlias = "shamir_mnemonic.share.Share"
    import shamir_mnemonic.share

SHARE_WORDS = 33
MAX_SHARES = 16

_CANNOT = "cannot take the recovery words"
_MOST_WORDS = (
    60  # no share of any size has more; a whole book pasted by mistake is not looked up word by word
)
_MAX_EXPONENT = 4  # 10,000 · 2^e rounds: what a hostile sheet may cost is a second, not a night


@dataclass(frozen=True)
class WordProblem:
    """A word that is not on the list."""

    index: int
    """Its place, from 0."""
    word: str = field(repr=False)
    suggestions: tuple[str, ...] = field(repr=False)
    """Words from the list that look like it, nearest first; may be empty."""


def to_words(identity: Identity, threshold: int = 1, count: int = 1) -> list[str]:
    """`count` shares of 33 words, any `threshold` of which restore `identity`; WrongUsage if the numbers make
    no sense.
    """
    from shamir_mnemonic import generate_mnemonics

    if not 1 <= threshold <= count <= MAX_SHARES or (threshold == 1 and count > 1):
        raise WrongUsage(
            "cannot make the recovery words",
            f"{threshold} of {count} is not possible: 1 of 1, or 2 and more of at most {MAX_SHARES}",
        )
    secret = identity.secret_copy()
    try:
        return list(generate_mnemonics(1, [(threshold, count)], bytes(secret))[0])
    finally:
        wipe(secret)


def from_words(mnemonics: Sequence[str]) -> Identity:
    """The identity that the shares restore. Surplus shares are left aside. WrongUsage names the share and
    what is wrong.
    """
    shares = [_parse(text, number) for number, text in enumerate(mnemonics, 1)]
    if not shares:
        raise WrongUsage(_CANNOT, "there are none", "give every share that you have")
    _refuse_mixed(shares)
    needed = shares[0].member_threshold
    distinct: dict[int, int] = {}
    for number, share in enumerate(shares):
        earlier = distinct.setdefault(share.index, number)
        if shares[earlier] != share:
            raise WrongUsage(
                _CANNOT, f"shares {earlier + 1} and {number + 1} say they are the same share, and differ"
            )
    if len(distinct) < needed:
        raise WrongUsage(_CANNOT, f"{needed} shares are needed, and {len(distinct)} different ones are here")
    secret = combine([mnemonics[number] for number in distinct.values()][:needed])
    try:
        if len(secret) != SECRET_BYTES:
            raise WrongUsage(_CANNOT, "they restore something that is no identity of this product")
        return Identity.from_secret(secret)
    finally:
        wipe(secret)


def check_words(mnemonic: str) -> list[WordProblem]:
    """The words of `mnemonic` that are not on SLIP-39's list, each with what may have been meant."""
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    problems = []
    for index, word in enumerate(mnemonic.lower().split()[:_MOST_WORDS]):
        if word in WORD_INDEX_MAP:
            continue
        # The list is made so that four letters tell a word; what begins alike is the likeliest.
        alike = [known for known in WORDLIST if len(word) >= 4 and known.startswith(word[:4])]
        near = [
            known
            for known in difflib.get_close_matches(word[:16], WORDLIST, n=3, cutoff=0.6)
            if known not in alike
        ]
        problems.append(WordProblem(index, word, tuple(alike + near)[:3]))
    return problems


def combine(mnemonics: Sequence[str], passphrase: bytes = b"") -> bytearray:
    """The secret of a complete set of any SLIP-39 shares, groups and all; WrongUsage if they do not fit
    together.
    """
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    for number, text in enumerate(mnemonics, 1):
        _parse(text, number)
    try:
        # `bytes` from the library, and the words are `str`: neither can be wiped.
        return bytearray(combine_mnemonics(mnemonics, passphrase))
    except (MnemonicError, ValueError):
        why = "the shares do not belong together, or are not as many as they must be"
    raise WrongUsage(_CANNOT, why, "compare each with its sheet")


def _parse(mnemonic: str, number: int) -> Parsed:
    """One share, or a WrongUsage that says what is wrong with it. The library's own text quotes words, so it
    is not used.
    """
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic.share import Share

    problems = check_words(mnemonic)
    if problems:
        places = ", ".join(str(p.index + 1) for p in problems[:5])
        raise _fault(
            number,
            f"word {places} is not on the list"
            if len(problems) == 1
            else f"words {places} are not on the list",
        )
    words = mnemonic.split()
    try:
        share = Share.from_mnemonic(mnemonic)
    except (MnemonicError, ValueError):
        share = None
    if share is None and len(words) not in (20, SHARE_WORDS):
        few = "too few" if len(words) < SHARE_WORDS else "too many"
        raise _fault(number, f"it has {len(words)} words, {few}: a share has {SHARE_WORDS}")
    if share is None:
        raise _fault(
            number,
            "all its words are on the list, but its checksum does not fit: one is another word, or two are swapped",
        )
    if share.iteration_exponent > _MAX_EXPONENT:
        raise _fault(number, "it asks for more computing than any honest share does")
    return share


def _refuse_mixed(shares: Sequence[Parsed]) -> None:
    if any(share.group_count > 1 for share in shares):
        raise WrongUsage(_CANNOT, "they come in groups, which this product never makes")
    sets: dict[object, list[int]] = {}
    for number, share in enumerate(shares, 1):
        sets.setdefault((share.group_parameters(), len(share.value)), []).append(number)
    if len(sets) > 1:
        named = "; ".join(f"share{'s' if len(n) > 1 else ''} {', '.join(map(str, n))}" for n in sets.values())
        raise WrongUsage(
            _CANNOT,
            f"they come from {len(sets)} different sets: {named}",
            "use shares that were printed together",
        )


def _fault(number: int, why: str) -> BreakglassError:
    return WrongUsage(f"{_CANNOT} of share {number}", why, "compare it with its sheet")
