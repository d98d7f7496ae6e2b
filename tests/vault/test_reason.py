"""Which reasons say something. The rules are of rules version 1 and never change: this table is their record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.reason import judge

REFUSED = {
    "empty": ["", " ", "\t\n ", "\u3000\u2003"],
    ", at least 10 are asked for": ["x", "fix", "IAM lost", "a b c d e", "課題対応", "   short     "],
    "repeats a few characters": [
        "xxxxxxxxxx", "x x x x x x x", "1111111111", "abababababab", "asdfasdfasdf", "test test test", "..........", "!?!?!?!?!?!?",
        "\u200b" * 20, "ああああああああああ", "aaa bbb aaa bbb", "hahahahahaha", "----- -----", "12121212 3434",
    ],
    "repeats itself": ["abcdeabcde", "repairrepair", "prod root prod root", "Testing, testing", "reason REASON reason", "調査します調査します"],
    "only filler words": [
        "qwertyuiop", "QWERTYUIOP", "poiuytrewq", "asdfghjkl;", "1234567890", "qwertz yxcvbnm", "lorem ipsum dolor", "todo tbd n/a because",
        "aws root login access", "qwertyuiop asdf", "test, something (whatever)", "zxcvbnm foo bar",
    ],
    "hardly anything but filler": ["test test testing a b", "aws root login x yz", "checkout of root it"],
}  # fmt: skip

GOOD = [
    "billing alarm, looking at the console", "INC-4711: IAM is locked out", "rotate root password", "Quarterly walkthrough Q4",
    "SCP locked everyone out of prod", "close account", "enable MFA on the root user", "change support plan", "re: ticket 88123 budget",
    "Zahlungsmethode hinterlegen", "Konto schließen, Freigabe durch Ann", "Notfall: IAM-Rollen gelöscht", "Prüfung der Root-Anmeldung",
    "récupérer l'accès après la panne", "cambiar el método de pago", "przywrócenie dostępu", "сброс пароля администратора",
    "請求アラームのためコンソールを確認する", "ルートユーザーのパスワードを変更するため", "为了恢复被锁定的管理员账户", "결제 수단을 변경하기 위해 로그인",
    "لاستعادة الوصول إلى الحساب", "खाते की पहुँच बहाल करनी है", "ปิดบัญชีตามคำขอของฝ่ายการเงิน", "fix the 🔥 in billing", "x" * 3 + " marks the broken bill",
]  # fmt: skip


@pytest.mark.parametrize(("told", "reason"), [(told, reason) for told, reasons in REFUSED.items() for reason in reasons])
def test_what_says_nothing_is_refused_with_what_is_wrong_about_it(told: str, reason: str) -> None:
    assert told in (judge(reason, 10) or "it was accepted")


@pytest.mark.parametrize("reason", GOOD)
def test_what_says_something_is_accepted_in_any_language(reason: str) -> None:
    assert judge(reason, 10) is None


def test_spaces_do_not_make_it_longer() -> None:
    assert "has 8 characters" in str(judge("  IAM      lost  ", 10))
    assert judge("IAM lost", 8) is None


@pytest.mark.parametrize("minimum", [1, 5, 40, 500])
def test_the_policys_length_is_the_one_that_counts(minimum: int) -> None:
    reason = "billing alarm, looking at the console of payments"
    assert (judge(reason, minimum) is None) == (len(reason) >= minimum)


def test_a_short_minimum_still_asks_for_something() -> None:
    assert judge("root", 1)
    assert judge("", 1) == "the reason is empty"
    assert judge("locked", 1) is None


@given(st.text(max_size=80) | st.text(alphabet="ab ", max_size=80) | st.text(alphabet=st.characters(), max_size=30))
def test_any_text_gets_a_judgement_and_always_the_same(text: str) -> None:
    assert judge(text, 10) == judge(text, 10)
    assert judge(f"  {text}\n", 10) == judge(text, 10)


@given(st.text(alphabet="abcdefghij ", min_size=1, max_size=12), st.integers(2, 8))
def test_a_piece_said_over_and_over_is_refused(piece: str, times: int) -> None:
    assert judge((piece + " ") * times, 1) is not None


@pytest.mark.parametrize("text", ["qwertyuiop" * 800, "ab" * 4000, "a" * 3999 + "b" + "a" * 4000, "word " * 1600, "x1" * 4000])
def test_the_longest_of_reasons_is_judged_too(text: str) -> None:
    judge(text[:8000], 10)
