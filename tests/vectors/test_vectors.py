"""Today's code reads every vector, and refuses every negative one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import vault
from tests.vectors.actors import EVERYBODY, in_words, statement_in_words
from vault import chain, device_secret, entry, fold, identity_file, merkle, sealing
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, Refused
from vault.fold import Placed
from vault.identity import Identity, words
from vault.plaintext import decode_plaintext
from vault.replica import Replica
from vault.sealing import BadSealing, Binding, SecretRef
from vault.state import State
from vault.totp import codes

FOLDER = Path(__file__).parent


def load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def each_of(name: str) -> list[Any]:
    found = load(name)["tests"]
    return [pytest.param(test, id=f"{test['tcId']}: {test['flags'][0]}, {test['comment']}") for test in found]


LOG = load("log")


def entries_of(test: dict[str, Any]) -> list[bytes]:
    base = LOG["tests"][0]["entries"]
    return [bytes.fromhex(base[one] if isinstance(one, int) else one) for one in test["entries"]]


def test_every_file_says_what_each_of_its_tests_catches_and_what_the_bug_would_do():
    counts = Counter[str]()
    for path in sorted(FOLDER.glob("*.json")):
        document = load(path.stem)
        assert document["numberOfTests"] == len(document["tests"]) > 0
        assert [test["tcId"] for test in document["tests"]] == list(range(1, len(document["tests"]) + 1))
        for test in document["tests"]:
            counts[f"{path.stem} {test['result']}"] += 1
            for flag in test["flags"]:
                assert all(document["notes"][flag][part] for part in ("bugType", "description", "effect"))
    print(dict(counts))
    assert {name.split()[0] for name in counts} == {"identities", "identity_files", "log", "sealings", "totp"}


@pytest.mark.parametrize("test", each_of("identities"))
def test_the_keys_of_an_identity_follow_from_its_secret_as_they_always_did(test):
    identity = Identity.from_secret(bytes.fromhex(test["secret"]))
    identity.public.check()
    assert {algorithm: key.hex() for algorithm, key in identity.public.keys} == test["keys"]
    assert identity.fingerprint.hex() == test["fingerprint"]
    assert " ".join(words(identity.fingerprint)) == test["words"]
    assert {purpose: identity.local_key(purpose).hex() for purpose in test["local_keys"]} == test["local_keys"]


@pytest.mark.parametrize("test", each_of("identity_files"))
def test_an_identity_file_opens_or_is_refused_with_the_right_error(test, tmp_path, memory_keyring):
    path = tmp_path / "identity"
    path.write_bytes(bytes.fromhex(test["file"]))
    if test["device_secret"]:
        device_secret.store(*(bytes.fromhex(test["device_secret"][part]) for part in ("id", "secret")))
    passphrase = bytearray(test["passphrase"].encode())
    if test["result"] == "valid":
        assert identity_file.unlock(path, passphrase).secret_copy().hex() == test["secret"]
        return
    with pytest.raises({"damaged": IntegrityFailure, "cannot unlock": CannotUnlock}[test["found"]]):
        identity_file.unlock(path, passphrase)


@pytest.mark.parametrize("test", each_of("log"))
def test_a_log_reads_the_same_or_is_refused(test, tmp_path):
    entries, identity = entries_of(test), EVERYBODY[test["identity"]]
    walked, keys, state = chain.Chain(), chain.LogKeys(), State()

    def envelopes() -> list[entry.Envelope]:
        return [envelope for envelope, _ in chain.walk(walked, iter(enumerate(entries)))]

    def read(found: list[entry.Envelope]) -> list[dict[str, Any]]:
        if not keys.learn(found[0], identity):
            raise CannotUnlock("cannot unlock")
        lines = []
        for envelope in found:
            header = envelope.header
            said = entry.open_statement(envelope, keys.of(header.epoch, "here"), "here")
            fold.take(state, Placed(header.seq, header.author, said))
            place = {"seq": header.seq, "hash": envelope.hash.hex(), "author": header.author.hex(), "placed": header.placed}
            lines.append(place | statement_in_words(said))
        return lines

    if test["result"] == "invalid" and test["found"] == "by anybody":
        with pytest.raises(IntegrityFailure):
            envelopes()
        return
    found = envelopes()
    if test["result"] == "invalid":
        with pytest.raises((IntegrityFailure, CannotUnlock)):
            read(found)
        return
    expected = test["expected"]
    assert read(found) == expected["statements"]
    assert sorted(state.rejected) == test["rejected"]
    assert (walked.vault.hex(), walked.head.hex(), walked.tree.root().hex()) == (expected["vault"], expected["head"], expected["merkle_root"])
    assert keys.of(walked.epoch, "here").hex() == expected["log_key"]


@pytest.mark.parametrize("test", [p for p in each_of("log") if p.values[0]["identity"] == "anna"])
def test_a_log_in_a_replica_opens_and_verifies_or_is_refused(test, tmp_path):
    replica = Replica.create(tmp_path / "vault")
    frontier = merkle.Frontier()
    with replica.transaction():
        for seq, data in enumerate(entries_of(test)):
            replica.append(seq, data, frontier.append(merkle.leaf_hash(data)))
        for one in LOG["sealings"]:
            replica.put_blob(bytes.fromhex(one["name"]), bytes.fromhex(one["blob"]))
    replica.close()
    mine = Identity.from_secret(bytes.fromhex(LOG["identities"]["anna"]))
    if test["result"] == "invalid":
        with pytest.raises((IntegrityFailure, CannotUnlock)):
            vault.open(tmp_path / "vault", mine)
        return
    with vault.open(tmp_path / "vault", mine) as opened:
        assert (opened.id.hex(), opened.head.hex()) == (test["expected"]["vault"], test["expected"]["head"])
        names = {one["seq"]: one["name"] for one in test["expected"]["statements"]}
        assert [line.event for line in opened.log()] == [names.get(seq, "void") for seq in range(opened.size)]
        found = opened.verify()
        assert found.ok, found.problems
        assert [seq for seq, _ in found.rejected] == test["rejected"]


def test_the_sealings_that_a_log_names_open_for_its_member():
    anna = EVERYBODY["anna"]
    for one in LOG["sealings"]:
        bound = Binding(
            bytes.fromhex(LOG["tests"][0]["expected"]["vault"]), SecretRef(**one["secret"]), bytes.fromhex(one["version"]), "store", (anna.fingerprint,), 1,
        )  # fmt: skip
        opened = decode_plaintext(sealing.open_alone(bytes.fromhex(one["blob"]), bound, anna, name=bytes.fromhex(one["name"])))
        assert {"kind": opened.kind} | in_words(opened) == one["plaintext"]


def opened_sealing(test: dict[str, Any]) -> Any:
    bound = test["binding"]
    expected = Binding(
        bytes.fromhex(bound["vault"]), SecretRef(**bound["secret"]), bytes.fromhex(bound["version"]), bound["purpose"],
        tuple(bytes.fromhex(h) for h in bound["holders"]), bound["threshold"],
    )  # fmt: skip
    blob, name = bytes.fromhex(test["blob"]), bytes.fromhex(test["name"])
    openers = [EVERYBODY[who] for who in test["openers"]]
    if expected.threshold == 1:
        return decode_plaintext(sealing.open_alone(blob, expected, openers[0], name=name))
    shares = {who.fingerprint: sealing.own_share(blob, expected, who, name=name) for who in openers}
    return decode_plaintext(sealing.combine(blob, expected, shares, EVERYBODY["anna"].fingerprint, name=name))


@pytest.mark.parametrize("test", each_of("sealings"))
def test_a_sealing_opens_or_is_refused(test):
    if test["result"] == "valid":
        opened = opened_sealing(test)
        assert {"kind": opened.kind} | in_words(opened) == test["plaintext"]
        return
    with pytest.raises((IntegrityFailure, Refused)) as refused:
        opened_sealing(test)
    assert isinstance(refused.value, BreakglassError)
    if test["flags"] in (["Inconsistent"], ["KeyCommitment"]) and test["binding"]["threshold"] > 1:
        assert isinstance(refused.value, BadSealing)
        assert refused.value.sealer == EVERYBODY["anna"].fingerprint


@pytest.mark.parametrize("test", each_of("totp"))
def test_a_device_shows_the_codes_of_rfc_6238(test):
    device = decode_plaintext(bytearray.fromhex(test["plaintext"]))
    assert codes(device, test["at_ms"]).code == test["code"]
