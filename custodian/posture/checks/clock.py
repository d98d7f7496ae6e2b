"""`clock`: this machine's clock agrees with AWS's, so that the codes it shows are the ones AWS expects.

A TOTP code is made from the time. AWS takes a code of the neighbouring step too, which forgives some 25 seconds.
"""

from __future__ import annotations

from custodian.posture.check import Check, Facts, Unanswered, Verdict
from custodian.posture.failure import Failure
from custodian.posture.finding import Severity, Status
from custodian.posture.reads.aws_clock import CLOCK
from custodian.posture.source import Read

LIMIT_MS = 5_000
CODES_FAIL_MS = 25_000
_SHARP_ENOUGH_MS = 8_000
"""Where the round trip leaves a wider span than this, its middle says too little."""


def judge(facts: Facts) -> Verdict:
    """Pass within 5 seconds of AWS's Date header, fail from 5 on; unknown where the reply was too slow to tell."""
    reading, read = facts.need(CLOCK), facts.read(CLOCK)
    offset = reading.offset_ms
    evidence = read.evidence("Date", f"{offset / 1000:+.1f} s")
    surely_off = reading.low_ms >= LIMIT_MS or reading.high_ms <= -LIMIT_MS
    if not surely_off and reading.high_ms - reading.low_ms > _SHARP_ENOUGH_MS:
        slow = Failure("TooSlow", "AWS's reply took too long to compare clocks by it", ("Scan again.",))
        raise Unanswered(Read(read.call, read.as_of_ms, failure=slow))
    if abs(offset) < LIMIT_MS:
        return Verdict(Status.PASS, f"This machine's clock is {_seconds(offset)} s from AWS's.", evidence)
    way = "ahead of" if offset > 0 else "behind"
    codes = "codes fail now" if abs(offset) > CODES_FAIL_MS else "beyond 25 s codes fail"
    sentence = f"This machine's clock is {_seconds(offset)} s {way} AWS's: MFA codes are made from the time, and {codes}."
    return Verdict(Status.FAIL, sentence, evidence)


def _seconds(offset_ms: int) -> str:
    return f"{abs(offset_ms) / 1000:.1f}"


CHECK = Check(
    id="clock",
    place=170,
    title="Clock",
    severity=Severity.HIGH,
    reads=(CLOCK,),
    judge=judge,
    remedy=(
        "Switch on network time: on Linux, timedatectl set-ntp true; on macOS, System Settings, General, Date & Time.",
        "Under WSL or in a virtual machine that slept, restart it, or set its clock from the host's.",
        "Scan again before typing an MFA code.",
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6238#section-6",),
)
