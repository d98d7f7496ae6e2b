"""`root-signing-certificates`: the root user has no X.509 signing certificates, a forgotten way to sign requests as root."""

from __future__ import annotations

from custodian.posture.check import Check, Facts, Verdict
from custodian.posture.checks import NO_ROOT_IN_CHINA
from custodian.posture.finding import Severity, Status
from custodian.posture.reads.account_summary import SUMMARY


def judge(facts: Facts) -> Verdict:
    """Pass if there are none."""
    count = facts.need(SUMMARY).count("AccountSigningCertificatesPresent")
    evidence = facts.read(SUMMARY).evidence("AccountSigningCertificatesPresent", count)
    if count == 0:
        return Verdict(Status.PASS, "The root user has no signing certificates.", evidence)
    return Verdict(Status.FAIL, "The root user has a signing certificate: whoever holds its key can act as root.", evidence)


CHECK = Check(
    id="root-signing-certificates",
    place=40,
    title="Root signing certificates",
    severity=Severity.HIGH,
    reads=(SUMMARY,),
    judge=judge,
    remedy=(
        "Find out whether anything still signs SOAP requests with it: hardly any service takes them any more.",
        "Check out the root user, sign in to the AWS console, open the account menu, then Security credentials.",
        "Under X.509 Signing certificates, choose Deactivate, then Delete.",
        "Scan again.",
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
    ),
    absent_in={"aws-cn": NO_ROOT_IN_CHINA},
)
