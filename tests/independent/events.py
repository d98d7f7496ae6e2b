"""Section Events of docs/format.md: each by its fields and their bounds."""

from __future__ import annotations

from encoding import fields, items, need, number, sized


def a_text(low, high):
    def read(value):
        need(isinstance(value, str) and low <= len(value) <= high, "a text out of bounds")
        return value

    return read


def a_number(low, high):
    return lambda value: number(value, low, high)


def some_bytes(*lengths):
    return lambda value: sized(value, *lengths)


def one_of(*values):
    def read(value):
        need(type(value) is type(values[0]) and value in values, "none of the values there are")
        return value

    return read


def many(shape, low, high):
    def read(value):
        return [shape(one) for one in items(value, low, high)]

    return read


def record(**shapes):
    def read(value):
        return {name: shapes[name](one) for name, one in fields(value, *shapes).items()}

    return read


def account_id(value):
    need(isinstance(value, str) and len(value) == 12 and value.isascii() and value.isdecimal(), "an account id")
    return value


NAME, LINE, NOTE, ANY = a_text(1, 200), a_text(0, 1000), a_text(0, 8000), a_text(0, 2**16)
ID, HASH, FLAG = some_bytes(16), some_bytes(32), one_of(False, True)
MILLIS, MINUTES = a_number(0, 2**53), a_number(1, 10080)
KIND, THRESHOLD = one_of("password", "mfa", "recovery"), a_number(1, 16)
SECRET = record(account=ANY, kind=ANY, name=ANY)
KIND_POLICY = record(kind=KIND, holders=many(HASH, 0, 16), threshold=THRESHOLD)
POLICY = record(min_reason=a_number(1, 500), max_minutes=MINUTES, rotation_days=a_number(1, 3650), rotate_after_reveal=FLAG,
                offline=one_of("allow", "deny"), governance=a_number(0, 16), kinds=many(KIND_POLICY, 0, 3))  # fmt: skip
ACCOUNT = record(id=account_id, name=NAME, email=LINE, partition=one_of("aws", "aws-us-gov", "aws-cn"), inbox_readers=LINE,
                 phone_holder=LINE, notes=NOTE, profile=LINE, role=LINE)  # fmt: skip
SEALING = record(blob=HASH, holders=many(HASH, 1, 16), threshold=THRESHOLD)
POSTURE = many(record(check=NAME, status=one_of("pass", "fail", "unknown", "not_applicable"), summary=LINE), 0, 64)
STATEMENT = record(id=ID, digest=HASH)
TARGET = record(secret=SECRET, version=ID, blob=HASH)
KEY = record(algorithm=ANY, key=some_bytes(*range(2**16)))

EVENTS = {
    ("vault created", 1): record(name=NAME, member=NAME, policy=POLICY, rules=a_number(-(2**63), 2**64)),
    ("account added", 1): record(record=ACCOUNT),
    ("account edited", 1): record(record=ACCOUNT),
    ("account retired", 1): record(account=NAME, why=LINE),
    ("version sealed", 1): record(secret=SECRET, version=ID, status=one_of("current", "candidate"), sealing=SEALING, serial=LINE),
    ("version withdrawn", 1): record(secret=SECRET, version=ID, why=LINE),
    ("imported", 1): record(source=LINE, digest=HASH, count=a_number(0, 2**31)),
    ("checkout requested", 1): record(account=NAME, targets=many(TARGET, 1, 16), reason=NOTE, minutes=MINUTES, ticket=LINE,
                                      task=LINE, purpose=one_of("sign in"), ephemeral=many(KEY, 0, 4)),
    ("checkout opened", 1): record(checkout=STATEMENT, approvals=many(STATEMENT, 0, 16)),
    ("checkout revealed", 1): record(checkout=ID, secret=SECRET, version=ID, how=one_of("shown", "copied", "code")),
    ("checkout cancelled", 1): record(checkout=ID, why=LINE),
    ("checkout checked in", 1): record(checkout=ID, rotated=FLAG, before=POSTURE, after=POSTURE),
    ("posture recorded", 1): record(account=NAME, lines=POSTURE, as_of=MILLIS),
    ("attested", 1): record(what=NAME, about=LINE, until=MILLIS),
}  # fmt: skip
