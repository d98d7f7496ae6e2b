"""Reads what breakglass stores, without breakglass: one script, for an outsider who wants to check.

    reader.py REPLICA                    chain, signatures and count, by the bytes alone
    reader.py REPLICA IDENTITY           the log and the secrets, for a member; the passphrase is one line of standard input
    reader.py vectors FOLDER             every vector of the format, as JSON

Written from docs/format.md, whose sections are named below. It needs Python and `cryptography` (for AES-GCM, Argon2id,
Ed25519, X25519 and ML-KEM); msgpack, HPKE with its hybrid KEM, and Shamir's sharing are written out here.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from encoding import Bad, Locked, need, unpack, unpad
from log import Log, statements
from member import Member, check_public, open_identity
from sealing import open_sealing, plaintext, totp


def read_replica(path, secret=None):
    """What a replica holds: for a holder of the bytes alone, or for a member."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    need(db.execute("PRAGMA application_id").fetchone() == (0x42474C53,) and db.execute("PRAGMA user_version").fetchone() == (1,), "no replica")
    log = Log()
    for seq, data in db.execute("SELECT seq, bytes FROM entries ORDER BY seq"):
        need(seq == log.size, "an entry is missing")
        log.take(data)
    log.finish()
    found = {"vault": log.vault, "entries": log.size, "head": log.head, "merkle_root": log.root()}
    if secret is None:
        return found
    me = Member(secret)
    said, rejected = statements(log, log.log_key(me))
    mine = {name: data for name, data in db.execute("SELECT name, bytes FROM sealed") if name.endswith(me.fingerprint.hex())}
    own = {}
    for thing, name in (("pin", "head"), ("device", "device")):
        if f"{thing}/{me.fingerprint.hex()}" in mine:
            own[thing] = unpack(me.local(thing, log.vault, name, mine[f"{thing}/{me.fingerprint.hex()}"]))
    waiting = [unpad(me.local("outbox", log.vault, "statement", data)) for (data,) in db.execute("SELECT bytes FROM outbox WHERE member = ? ORDER BY n", (me.fingerprint,))]
    secrets = []
    for one in (s["event"] for s in said if s["name"] == "version sealed" and s["event"]):
        sealing, ref = one["sealing"], one["secret"]
        (blob,) = db.execute("SELECT bytes FROM blobs WHERE name = ?", (sealing["blob"],)).fetchone()
        expected = [log.vault, list(ref.values()), one["version"], "store", sealing["holders"], sealing["threshold"]]
        secrets.append(ref | {"version": one["version"], "plaintext": open_sealing(blob, expected, [me], sealing["blob"])})
    return found | {"statements": said, "rejected": rejected, "secrets": secrets, "waiting": len(waiting)} | own


def read_vectors(folder):
    """For each file and test what this reader finds: {"found": …}, {"locked": why} or {"bad": why}."""
    results = {}
    for path in sorted(Path(folder).glob("*.json")):
        document = json.loads(path.read_text())
        people = {name: bytes.fromhex(secret) for name, secret in document["identities"].items()}
        read = {"identities": _identity, "identity_files": _identity_file, "log": _log, "sealings": _sealing, "totp": _totp}[path.stem]
        results[path.stem] = {}
        for test in document["tests"]:
            try:
                result = {"found": read(test, people, document)}
            except Locked as why:
                result = {"locked": str(why)}
            except Bad as why:
                result = {"bad": str(why)}
            results[path.stem][test["tcId"]] = result
    return results


def _identity(test, people, document):
    who = Member(bytes.fromhex(test["secret"]))
    check_public(who.keys)
    local = {purpose: who.derive(f"local/{purpose}", 32) for purpose in test["local_keys"]}
    return {"keys": dict(who.keys), "fingerprint": who.fingerprint, "local_keys": local}


def _identity_file(test, people, document):
    device = test["device_secret"] and bytes.fromhex(test["device_secret"]["secret"])
    return {"secret": open_identity(bytes.fromhex(test["file"]), test["passphrase"], device)}


def _log(test, people, document):
    base = document["tests"][0]["entries"]
    log = Log()
    for entry in test["entries"]:
        log.take(bytes.fromhex(base[entry] if isinstance(entry, int) else entry))
    log.finish()
    key = log.log_key(Member(people[test["identity"]]))
    said, rejected = statements(log, key)
    return {"vault": log.vault, "head": log.head, "merkle_root": log.root(), "log_key": key, "statements": said, "rejected": rejected}


def _sealing(test, people, document):
    bound = test["binding"]
    expected = [bytes.fromhex(bound["vault"]), list(bound["secret"].values()), bytes.fromhex(bound["version"]), bound["purpose"],
                [bytes.fromhex(h) for h in bound["holders"]], bound["threshold"]]  # fmt: skip
    members = [Member(people[name]) for name in test["openers"]]
    return {"plaintext": open_sealing(bytes.fromhex(test["blob"]), expected, members, bytes.fromhex(test["name"]))}


def _totp(test, people, document):
    return {"code": totp(plaintext(bytes.fromhex(test["plaintext"])), test["at_ms"])}


def main(arguments):
    try:
        if arguments[:1] == ["vectors"]:
            found = read_vectors(arguments[1])
        elif len(arguments) == 2:
            found = read_replica(arguments[0], open_identity(Path(arguments[1]).read_bytes(), sys.stdin.readline().rstrip("\n")))
        else:
            found = read_replica(arguments[0])
    except Bad as why:
        return f"not as the format says: {why}"
    print(json.dumps(found, default=bytes.hex, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
