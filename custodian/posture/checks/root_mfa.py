"""`root-mfa`: the root user signs in with MFA, or has nothing to sign in with.

Which credentials exist decides, never whether the organization manages root centrally: switching that on removes nothing.
"""

from __future__ import annotations

from custodian.posture.check import Check, Facts, Verdict
from custodian.posture.checks import NO_ROOT_IN_CHINA
from custodian.posture.finding import Severity, Status
from custodian.posture.reads.account_summary import SUMMARY


def judge(facts: Facts) -> Verdict:
    """Pass if MFA is on; not applicable if no root credentials exist; else fail."""
    summary, read = facts.need(SUMMARY), facts.read(SUMMARY)
    enabled = summary.flag("AccountMFAEnabled")
    evidence = read.evidence("AccountMFAEnabled", int(enabled))
    if enabled:
        return Verdict(Status.PASS, "MFA is on for the root user.", evidence)
    if not summary.root_credentials():
        evidence = read.evidence("AccountPasswordPresent", 0)
        sentence = "The root user has no credentials: no password, no access key and no signing certificate."
        return Verdict(Status.NOT_APPLICABLE, sentence, evidence)
    return Verdict(Status.FAIL, "The root user has credentials and no MFA.", evidence)


CHECK = Check(
    id="root-mfa",
    place=10,
    title="MFA on the root user",
    severity=Severity.CRITICAL,
    reads=(SUMMARY,),
    judge=judge,
    remedy=(
        "Check out the root user of this account, and sign in to the AWS console with its e-mail address and password.",
        "Open the account menu at the top right, then Security credentials.",
        "Under Multi-factor authentication (MFA), choose Assign MFA device; prefer a passkey or security key.",
        "For a virtual device, show the secret key, add it to the vault with: breakglass mfa add, and type two consecutive codes.",
        "Sign out, sign in again with MFA, and scan again.",
    ),
    references=(
        "CIS AWS Foundations Benchmark: Ensure MFA is enabled for the 'root' user account",
        "AWS Security Hub IAM.9",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
    ),
    absent_in={
        "aws-us-gov": "In AWS GovCloud the root user has no console to sign in to, so there is no MFA to set.",
        "aws-cn": NO_ROOT_IN_CHINA,
    },
)
