"""Words on paper: SLIP-39's published vectors, and a sentence for everything that goes wrong with a sheet of
words.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.published import published
from vault.errors import WrongUsage
from vault.identity import Identity
from vault.paper import SHARE_WORDS, check_words, combine, from_words, to_words

# Words of SLIP-39's list that our sentences use anyway.
PLAIN_TEXT = "belong check class else empty forget frozen group have index join library member memory mixed object paper says secret that together"
IDENTITY = Identity.from_secret(bytes(range(32)))


def swapped(mnemonic: str, place: int, word: str) -> str:
    words = mnemonic.split()
    words[place] = word
    return " ".join(words)


def test_the_published_vectors_pass_valid_and_invalid():
    valid = invalid = 0
    for name, mnemonics, secret, _ in published("slip39.json"):
        if secret:
            assert combine(mnemonics, b"TREZOR").hex() == secret, name
            valid += 1
        else:
            with pytest.raises(WrongUsage):
                combine(mnemonics, b"TREZOR")
            invalid += 1
    print(f"{valid} valid, {invalid} invalid")
    assert valid > 0
    assert invalid > 0


def test_one_sheet_of_33_words_restores_the_identity():
    (sheet,) = to_words(IDENTITY)
    assert len(sheet.split()) == SHARE_WORDS
    assert from_words([sheet]).fingerprint == IDENTITY.fingerprint
    assert from_words([f"  {sheet.upper()}\n"]).fingerprint == IDENTITY.fingerprint


@pytest.mark.parametrize(("threshold", "count"), [(2, 2), (2, 3), (3, 5), (5, 5)])
def test_any_k_of_n_sheets_restore_it_and_no_fewer(threshold, count):
    sheets = to_words(IDENTITY, threshold, count)
    assert len(set(sheets)) == count
    assert all(len(sheet.split()) == SHARE_WORDS for sheet in sheets)
    for chosen in itertools.combinations(sheets, threshold):
        assert from_words(chosen).fingerprint == IDENTITY.fingerprint
    for chosen in itertools.combinations(sheets, threshold - 1):
        with pytest.raises(WrongUsage, match=rf"{threshold} shares are needed, and {threshold - 1}"):
            from_words(chosen)
    assert from_words(sheets).fingerprint == IDENTITY.fingerprint, "surplus sheets do no harm"
    with pytest.raises(WrongUsage, match="shares are needed"):
        from_words([sheets[0]] * threshold)


def test_two_printings_are_two_sets_and_mixing_them_names_each_share():
    first, second = to_words(IDENTITY, 2, 3), to_words(IDENTITY, 2, 3)
    with pytest.raises(WrongUsage) as caught:
        from_words([first[0], second[1], first[2]])
    assert "2 different sets: shares 1, 3; share 2" in caught.value.why


@pytest.mark.parametrize(("threshold", "count"), [(0, 1), (1, 2), (3, 2), (2, 17), (-1, -1)])
def test_numbers_that_make_no_sense_are_refused(threshold, count):
    with pytest.raises(WrongUsage, match="not possible"):
        to_words(IDENTITY, threshold, count)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acadmic", "academic"),
        ("acade", "academic"),
        ("acid.", "acid"),
        ("kidny", "kidney"),
        ("desk-top", "desktop"),
    ],
)
def test_a_mistyped_word_is_found_with_its_place_and_what_was_meant(typed, meant):
    (sheet,) = to_words(IDENTITY)
    assert check_words(sheet) == []
    (problem,) = check_words(swapped(sheet, 4, typed))
    assert (problem.index, problem.word) == (4, typed)
    assert meant in problem.suggestions
    with pytest.raises(WrongUsage, match="share 1: word 5 is not on the list"):
        from_words([swapped(sheet, 4, typed)])


def test_a_word_like_no_other_has_no_suggestion():
    (problem,) = check_words("zzzzqqqq")
    assert problem.suggestions == ()
    assert check_words("") == []


def test_a_listed_word_in_the_wrong_place_fails_the_checksum():
    (sheet,) = to_words(IDENTITY)
    word = "academic" if sheet.split()[20] != "academic" else "acid"
    with pytest.raises(WrongUsage, match="checksum does not fit"):
        from_words([swapped(sheet, 20, word)])


def test_a_word_short_or_too_many_is_said_with_the_count():
    (sheet,) = to_words(IDENTITY)
    with pytest.raises(WrongUsage, match="32 words, too few: a share has 33"):
        from_words([sheet.rpartition(" ")[0]])
    with pytest.raises(WrongUsage, match="34 words, too many"):
        from_words([sheet + " academic"])
    with pytest.raises(WrongUsage, match="0 words"):
        from_words([""])
    with pytest.raises(WrongUsage, match="there are none"):
        from_words([])


def test_every_single_wrong_word_is_noticed():
    (sheet,) = to_words(IDENTITY)
    for place in range(SHARE_WORDS):
        word = "academic" if sheet.split()[place] != "academic" else "acid"
        with pytest.raises(WrongUsage, match="share 1"):
            from_words([swapped(sheet, place, word)])


def test_words_of_something_else_are_no_identity():
    from shamir_mnemonic import generate_mnemonics

    (short,) = generate_mnemonics(1, [(1, 1)], bytes(16))[0]
    with pytest.raises(WrongUsage, match="no identity of this product"):
        from_words([short])
    groups = generate_mnemonics(2, [(1, 1), (1, 1)], bytes(32))
    with pytest.raises(WrongUsage, match="groups"):
        from_words([groups[0][0], groups[1][0]])


def test_a_hostile_sheet_cannot_make_this_machine_compute_for_hours():
    from shamir_mnemonic.share import Share

    honest = Share.from_mnemonic(to_words(IDENTITY)[0])
    hostile = Share(**{**vars(honest), "iteration_exponent": 15})
    with pytest.raises(WrongUsage, match="more computing"):
        from_words([hostile.mnemonic()])


def test_shares_that_were_forged_to_fit_their_checksums_are_refused():
    from shamir_mnemonic.share import Share

    sheets = to_words(IDENTITY, 2, 3)
    forged = Share(**{**vars(Share.from_mnemonic(sheets[0])), "value": bytes(32)}).mnemonic()
    with pytest.raises(WrongUsage, match="do not belong together"):
        from_words([forged, sheets[1]])
    with pytest.raises(WrongUsage, match="shares 1 and 2 say they are the same share, and differ"):
        from_words([forged, sheets[0]])


def test_no_error_repeats_a_word_of_the_sheet():
    sheets = to_words(IDENTITY, 2, 3)
    wrong = [
        [sheets[0]],
        [swapped(sheets[0], 20, "academic"), sheets[1]],
        [swapped(sheets[0], 20, "xyzzyxyz"), sheets[1]],
        [sheets[0].rpartition(" ")[0], sheets[1]],
        [sheets[0], to_words(IDENTITY, 2, 3)[1]],
    ]
    for mnemonics in wrong:
        with pytest.raises(WrongUsage) as caught:
            from_words(mnemonics)
        assert caught.value.__context__ is None, "the library's own error quotes words"
        said = set(" ".join(caught.value.args).split())
        assert not said & (set(mnemonics[0].split()[5:]) - set(PLAIN_TEXT.split()))
    (problem,) = check_words(swapped(sheets[0], 3, "xyzzyxyz"))
    assert "xyzzyxyz" not in repr(problem)


@given(st.lists(st.text(max_size=300), max_size=4))
def test_any_text_at_all_is_wrong_usage_and_nothing_else(texts):
    with pytest.raises(WrongUsage):
        from_words(texts)
