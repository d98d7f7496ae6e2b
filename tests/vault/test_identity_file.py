"""The identity at rest: every flipped bit is noticed, every guess costs the whole derivation, nothing gets
weaker by itself.
"""

from __future__ import annotations

import hashlib
import os
import stat

import msgspec
import pytest

from vault import device_secret, identity_file
from vault.encoding import encode
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.identity_file import (
    MAGIC,
    IdentityFile,
    KdfCost,
    change_passphrase,
    create,
    inspect,
    unlock,
    write,
)

PASSPHRASE = bytearray(b"correct horse battery staple")
WRONG = bytearray(b"correct horse battery stable")


@pytest.fixture
def derivations(monkeypatch):
    """Counts the derivations that ran to their end, and leaves them as they are."""
    done, real = [], identity_file._key

    def counted(*args):
        key = real(*args)
        done.append(args[0].cost)
        return key

    monkeypatch.setattr(identity_file, "_key", counted)
    return done


@pytest.fixture
def instant_kdf(monkeypatch):
    """Hashes instead of Argon2id, where a test needs thousands; what surrounds it stays real."""

    class Instant:
        def __init__(self, *, salt, length, iterations, lanes, memory_cost):
            self.parameters = repr((salt, length, iterations, lanes, memory_cost)).encode()

        def derive_into(self, material, buffer):
            buffer[:] = hashlib.sha256(self.parameters + bytes(material)).digest()

    monkeypatch.setattr(identity_file, "Argon2id", Instant)


def with_checksum(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()


def rewritten(data: bytes, **fields) -> bytes:
    """The file as an attacker writes it who knows the format: fields changed, checksum right."""
    file = msgspec.msgpack.decode(data[len(MAGIC) : -32], type=IdentityFile)
    return with_checksum(MAGIC + encode(msgspec.structs.replace(file, **fields)))


def test_an_identity_comes_back_with_its_passphrase_and_nothing_else_opens_it(
    tmp_path, new_identity, cheap_kdf, derivations
):
    path, identity = tmp_path / "id", new_identity()
    create(path, identity, PASSPHRASE, cost=cheap_kdf, with_device_secret=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bytes(identity.secret_copy()) not in path.read_bytes()
    file = inspect(path)
    assert (file.fingerprint, file.cost, file.device) == (identity.fingerprint, cheap_kdf, None)
    opened = unlock(path, PASSPHRASE)
    assert opened.fingerprint == identity.fingerprint
    assert opened.secret_copy() == identity.secret_copy()
    before = len(derivations)
    for wrong in (WRONG, bytearray(), PASSPHRASE + b" ", PASSPHRASE[:-1]):
        with pytest.raises(CannotUnlock) as caught:
            unlock(path, wrong)
        assert (caught.value.what, caught.value.why, caught.value.hint) == (
            "cannot unlock",
            "wrong passphrase",
            "",
        )
    assert derivations[before:] == [cheap_kdf] * 4, "each guess cost the whole derivation"


def test_the_cost_by_default_is_256_mib_three_passes_four_lanes(tmp_path, new_identity, instant_kdf):
    create(tmp_path / "id", new_identity(), PASSPHRASE, with_device_secret=False)
    assert inspect(tmp_path / "id").cost == KdfCost(262144, 3, 4)


def test_with_a_device_secret_the_file_opens_on_this_machine_only(
    tmp_path, new_identity, cheap_kdf, memory_keyring, derivations
):
    path, identity = tmp_path / "id", new_identity()
    create(path, identity, PASSPHRASE, cost=cheap_kdf)
    device = inspect(path).device
    assert len(memory_keyring.stored) == 1
    assert unlock(path, PASSPHRASE).fingerprint == identity.fingerprint
    # another machine's secret: the whole derivation, and one message for it and for a wrong passphrase
    kept = device_secret.load(device)
    device_secret.store(device, bytes(32))
    messages = set()
    for guess in (PASSPHRASE, WRONG):
        with pytest.raises(CannotUnlock) as caught:
            unlock(path, guess)
        messages.add(caught.value.args)
    device_secret.store(device, kept)
    with pytest.raises(CannotUnlock) as caught:
        unlock(path, WRONG)
    messages.add(caught.value.args)
    assert messages == {("cannot unlock", "wrong passphrase, or another machine's device secret", "")}
    assert len(derivations) == 5  # one for writing, one that opened, three that did not
    # none at all on this machine
    memory_keyring.stored.clear()
    with pytest.raises(CannotUnlock, match="no device secret"):
        unlock(path, PASSPHRASE)


def test_without_a_keyring_nothing_is_written_and_nothing_made_weaker(tmp_path, new_identity, cheap_kdf):
    with pytest.raises(OutOfReach) as caught:
        create(tmp_path / "id", new_identity(), PASSPHRASE, cost=cheap_kdf)
    assert "--no-device-secret" in caught.value.hint
    assert os.listdir(tmp_path) == []


def test_a_keyring_that_is_gone_later_is_out_of_reach_not_a_wrong_passphrase(
    tmp_path, new_identity, instant_kdf, memory_keyring, monkeypatch
):
    create(tmp_path / "id", new_identity(), PASSPHRASE)

    def gone(*args):
        raise RuntimeError("org.freedesktop.secrets was not provided")

    monkeypatch.setattr(memory_keyring, "get_password", gone)
    with pytest.raises(OutOfReach):
        unlock(tmp_path / "id", PASSPHRASE)


def test_an_existing_identity_is_never_overwritten_and_no_device_secret_left_over(
    tmp_path, new_identity, instant_kdf, memory_keyring
):
    path, first = tmp_path / "id", new_identity()
    create(path, first, PASSPHRASE)
    stored = dict(memory_keyring.stored)
    with pytest.raises(WrongUsage, match="already there"):
        create(path, new_identity(), PASSPHRASE)
    assert memory_keyring.stored == stored
    assert unlock(path, PASSPHRASE).fingerprint == first.fingerprint
    second = new_identity()
    create(path, second, PASSPHRASE, replace=True)
    assert unlock(path, PASSPHRASE).fingerprint == second.fingerprint


def test_when_writing_fails_the_device_secret_is_taken_back(
    tmp_path, new_identity, instant_kdf, memory_keyring, monkeypatch
):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutOfReach):
        create(tmp_path / "id", new_identity(), PASSPHRASE)
    assert memory_keyring.stored == {}


def test_every_flipped_bit_is_an_integrity_failure_that_names_its_part_before_any_derivation(
    tmp_path, new_identity, instant_kdf, memory_keyring, monkeypatch
):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE)
    data = path.read_bytes()

    def never(*args, **kwargs):
        pytest.fail("a damaged file reached the derivation")

    monkeypatch.setattr(identity_file, "_key", never)
    places = {
        "first line": range(len(MAGIC)),
        "ciphertext": range(len(data) - 32 - 50, len(data) - 32),
        "checksum": range(len(data) - 32, len(data)),
    }
    named = set()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(IntegrityFailure) as caught:
            unlock(path, PASSPHRASE)
        why = caught.value.why
        assert str(path) in caught.value.what
        for part, where in places.items():
            assert (part in why) == (bit // 8 in where), (bit, why)
        assert f"byte {bit // 8} " in why or "first line" in why
        named.add(why.rpartition(", in its ")[2])
    print(f"{len(data) * 8} bits of {len(data)} bytes, named as {sorted(named)}")
    fields = {f"body, field {name}" for name in IdentityFile.__struct_fields__}
    assert named == fields | {"body", "checksum", "its first line is not that of an identity file"}


def test_cut_lengthened_and_mixed_files_are_integrity_failures(tmp_path, new_identity, instant_kdf):
    path, other = tmp_path / "id", tmp_path / "other"
    for place in (path, other):
        create(place, new_identity(), PASSPHRASE, with_device_secret=False)
    data, second = path.read_bytes(), other.read_bytes()
    half = len(data) // 2
    broken = [data[:n] for n in range(len(data))]
    broken += [data + b"\0", data + data, data[:half] + second[half:], b"", os.urandom(500), bytes(5000)]
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(IntegrityFailure):
            unlock(path, PASSPHRASE)


def test_with_the_checksum_mended_every_changed_byte_still_opens_nothing(
    tmp_path, new_identity, instant_kdf, memory_keyring
):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE)
    content = path.read_bytes()[:-32]
    seen = {CannotUnlock: 0, IntegrityFailure: 0}
    for bit in range(len(content) * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(with_checksum(bytes(changed)))
        with pytest.raises(BreakglassError) as caught:
            unlock(path, PASSPHRASE)
        seen[type(caught.value)] += 1
    print(seen)
    assert seen[CannotUnlock] > 0
    assert sum(seen.values()) == len(content) * 8


@pytest.mark.parametrize("field", ["salt", "nonce", "ciphertext", "fingerprint"])
def test_with_the_checksum_mended_a_changed_field_costs_the_whole_derivation(
    tmp_path, new_identity, cheap_kdf, derivations, field
):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE, cost=cheap_kdf, with_device_secret=False)
    value = bytearray(getattr(inspect(path), field))
    value[3] ^= 4
    path.write_bytes(rewritten(path.read_bytes(), **{field: bytes(value)}))
    del derivations[:]
    with pytest.raises(CannotUnlock, match="wrong passphrase"):
        unlock(path, PASSPHRASE)
    assert derivations == [cheap_kdf]


def test_the_device_secret_cannot_be_left_away_or_added(tmp_path, new_identity, instant_kdf, memory_keyring):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE)
    device = inspect(path).device
    path.write_bytes(rewritten(path.read_bytes(), device=None))
    with pytest.raises(CannotUnlock):
        unlock(path, PASSPHRASE)
    create(path, new_identity(), PASSPHRASE, with_device_secret=False, replace=True)
    path.write_bytes(rewritten(path.read_bytes(), device=device))
    with pytest.raises(CannotUnlock):
        unlock(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"memory_kib": 65535}, "below"),
        ({"memory_kib": 0}, "below"),
        ({"memory_kib": -1}, "below"),
        ({"passes": 2}, "below"),
        ({"lanes": 3}, "below"),
        ({"memory_kib": 4 * 1024 * 1024 + 1}, "above"),
        ({"passes": 2**40}, "above"),
        ({"lanes": 2**63}, "above"),
    ],
)
def test_a_cost_out_of_bounds_is_a_downgrade_or_hostile_and_is_never_tried(
    tmp_path, new_identity, instant_kdf, monkeypatch, fields, said
):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE, with_device_secret=False)
    path.write_bytes(rewritten(path.read_bytes(), **fields))
    monkeypatch.setattr(identity_file, "_key", lambda *a: pytest.fail("it was tried"))
    with pytest.raises(IntegrityFailure, match=said):
        unlock(path, PASSPHRASE)


@pytest.mark.parametrize(
    "cost", [KdfCost(65535, 3, 4), KdfCost(65536, 2, 4), KdfCost(65536, 3, 3), KdfCost(2**23, 3, 4)]
)
def test_a_cost_that_could_not_be_read_again_is_not_written(tmp_path, new_identity, cost):
    with pytest.raises(WrongUsage):
        create(tmp_path / "id", new_identity(), PASSPHRASE, cost=cost, with_device_secret=False)
    assert os.listdir(tmp_path) == []


def test_an_empty_passphrase_is_refused_when_choosing_one(tmp_path, new_identity, cheap_kdf):
    with pytest.raises(WrongUsage, match="empty"):
        create(tmp_path / "id", new_identity(), bytearray(), cost=cheap_kdf, with_device_secret=False)
    with pytest.raises(WrongUsage):
        write(tmp_path / "id", new_identity(), PASSPHRASE, cost=cheap_kdf, device=bytes(16))
    assert os.listdir(tmp_path) == []


def test_too_little_memory_is_a_sentence(tmp_path, new_identity, monkeypatch, instant_kdf):
    create(tmp_path / "id", new_identity(), PASSPHRASE, with_device_secret=False)

    def exhausted(self, *args):
        raise MemoryError

    monkeypatch.setattr(identity_file.Argon2id, "derive_into", exhausted)
    with pytest.raises(OutOfReach, match="256 MiB"):
        unlock(tmp_path / "id", PASSPHRASE)


def test_changing_the_passphrase_keeps_identity_device_and_cost_and_renews_salt_and_nonce(
    tmp_path, new_identity, cheap_kdf, memory_keyring
):
    path, identity, new = tmp_path / "id", new_identity(), bytearray(b"a new one of several words")
    create(path, identity, PASSPHRASE, cost=cheap_kdf)
    before, stored = inspect(path), dict(memory_keyring.stored)
    with pytest.raises(CannotUnlock):
        change_passphrase(path, WRONG, new)
    assert inspect(path) == before
    change_passphrase(path, PASSPHRASE, new)
    after = inspect(path)
    assert memory_keyring.stored == stored
    assert (after.device, after.cost, after.fingerprint) == (before.device, before.cost, before.fingerprint)
    assert after.salt != before.salt
    assert after.nonce != before.nonce
    assert unlock(path, new).fingerprint == identity.fingerprint
    with pytest.raises(CannotUnlock):
        unlock(path, PASSPHRASE)


def test_the_cost_can_be_raised_with_the_passphrase(tmp_path, new_identity, instant_kdf):
    path = tmp_path / "id"
    create(path, new_identity(), PASSPHRASE, with_device_secret=False)
    change_passphrase(path, PASSPHRASE, PASSPHRASE, KdfCost(524288, 4, 4))
    assert inspect(path).cost == KdfCost(524288, 4, 4)
    unlock(path, PASSPHRASE)


def test_a_missing_file_is_wrong_usage_and_says_which(tmp_path):
    with pytest.raises(WrongUsage, match="not there"):
        unlock(tmp_path / "id", PASSPHRASE)


def test_a_file_that_holds_another_identity_than_it_says_is_not_believed(tmp_path, new_identity, instant_kdf):
    claimed, held = new_identity(), new_identity()
    claimed.secret_copy = held.secret_copy
    create(tmp_path / "id", claimed, PASSPHRASE, with_device_secret=False)
    with pytest.raises(IntegrityFailure, match="another identity"):
        unlock(tmp_path / "id", PASSPHRASE)


def test_what_was_decrypted_under_a_wrong_key_is_overwritten(
    tmp_path, new_identity, instant_kdf, monkeypatch
):
    create(tmp_path / "id", new_identity(), PASSPHRASE, with_device_secret=False)
    buffers = []

    aesgcm = identity_file.AESGCM

    def watch(key):
        real = aesgcm(key)

        class Spy:
            def decrypt_into(self, nonce, data, aad, buffer):
                buffers.append(buffer)
                try:
                    return real.decrypt_into(nonce, data, aad, buffer)
                finally:
                    assert any(buffer), "the library leaves it there, which is why it must be overwritten"

        return Spy()

    monkeypatch.setattr(identity_file, "AESGCM", watch)
    with pytest.raises(CannotUnlock):
        unlock(tmp_path / "id", WRONG)
    assert buffers == [bytearray(32)]


def test_an_accented_passphrase_opens_however_the_keyboard_spells_it(tmp_path, new_identity, instant_kdf):
    path = tmp_path / "id"
    create(path, new_identity(), bytearray("Gr\u00fc\u00dfe aus K\u00f6ln".encode()), with_device_secret=False)
    assert unlock(path, bytearray("Gru\u0308\u00dfe aus Ko\u0308ln".encode())).fingerprint == inspect(path).fingerprint
    with pytest.raises(CannotUnlock):
        unlock(path, bytearray(b"Gruesse aus Koeln"))


def test_a_passphrase_that_is_no_text_is_taken_byte_by_byte(tmp_path, new_identity, instant_kdf):
    path = tmp_path / "id"
    create(path, new_identity(), bytearray(b"\xff\xfe key file"), with_device_secret=False)
    assert unlock(path, bytearray(b"\xff\xfe key file")).fingerprint == inspect(path).fingerprint
