"""Sections Entry, Chain and Statement of docs/format.md: what may stand at which place, and what it says."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from encoding import Bad, Locked, digest, fields, items, need, number, one_value, pack, sized, unpack, unpad
from events import EVENTS
from member import check_public, fingerprint, gcm


class Log:
    """Entries in order, as `take` accepts them; `finish` says that no more come."""

    def __init__(self):
        self.vault, self.head, self.size, self.epoch = b"", bytes(32), 0, b""
        self.announced, self.entries, self.voids, self.leaves = {}, [], [], []

    def take(self, data):
        try:
            header, clear, entry = self._checked(data)
        except Bad as why:  # nobody's entry: void, and the next entry names it
            self.voids.append(([self.size, digest("entry", data)], why))
        else:  # a member's entry: it extends the head, or is a fork
            extends = header["seq"] == self.size and header["prev"] == self.head
            if not extends or clear["voids"] != [void for void, _ in self.voids]:
                self.finish()  # where a void went unnamed, that is where it began
                raise Bad(f"entry {self.size} does not extend the head")
            if self.size == 0:
                self.vault, self.epoch = entry["hash"], header["epoch"]
            for public in clear["announced"]:
                self.announced[fingerprint(public[0])] = public[0]
            self.head, self.voids = entry["hash"], []
            self.entries.append(header | {"clear": clear} | entry)
        self.size += 1
        self.leaves.append(hashlib.sha256(b"\0" + data).digest())

    def _checked(self, data):
        need(len(data) <= 256 * 1024, "too long")
        parts = items(unpack(data), 4, 4)
        need(all(isinstance(part, bytes) for part in parts), "four byte strings")
        header_bytes, clear_bytes, ciphertext, signature = parts
        need(len(header_bytes) <= 512, "a long header")
        sized(signature, 64)
        header = fields(unpack(header_bytes), "version", "vault", "seq", "prev", "author", "epoch", "placed", "commit")
        for name in ("vault", "prev", "author", "epoch", "commit"):
            sized(header[name], 32)
        for name in ("seq", "placed"):
            number(header[name], 0, 2**53)
        need(number(header["version"], 1, 1000) == 1, "another format")
        clear = fields(unpack(clear_bytes), "announced", "log_keys", "previous_key", "voids")
        for name in ("announced", "log_keys", "voids"):
            items(clear[name], 0, 64)
        sized(clear["previous_key"], *range(257))
        for one in clear["log_keys"]:
            holder, sealed = items(one, 2, 2)
            sized(holder, 32), sized(sealed, *range(4097))
        first = self.size == 0
        need(header["vault"] == (bytes(32) if first else self.vault), "another vault")
        need(first or header["epoch"] == self.epoch, "another log key")
        newcomers = {}
        for public in clear["announced"]:
            keys = fields(public, "keys")["keys"]
            check_public(keys)
            newcomers[fingerprint(keys)] = keys
        author = (self.announced or newcomers).get(header["author"])
        need(author is not None, "its author was never announced")
        body = pack([header_bytes, clear_bytes, ciphertext])
        kind = b"application/vnd.breakglass.entry.v1"
        try:
            Ed25519PublicKey.from_public_bytes(author[0][1]).verify(signature, b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body))
        except InvalidSignature:
            raise Bad("signature") from None
        aad = pack([header_bytes, clear_bytes])
        return header, clear, {"hash": digest("entry", data), "aad": aad, "ciphertext": ciphertext}

    def finish(self):
        if self.voids:
            (seq, _), why = self.voids[0]
            raise Bad(f"entry {seq}: {why}")
        need(self.entries, "no entries")
        return self

    def log_key(self, member):
        first = self.entries[0]
        for holder, sealed in first["clear"]["log_keys"]:
            if holder == member.fingerprint:
                key = member.open(sealed, pack(["breakglass/v1/log key", bytes(32), holder, first["epoch"]]))
                need(digest("epoch", key) == first["epoch"], "the log key is not the one it names")
                return key
        raise Locked("not a reader of this log")

    def root(self):
        """RFC 6962, 2.1."""

        def tree(leaves):
            if len(leaves) == 1:
                return leaves[0]
            split = 1 << (len(leaves) - 1).bit_length() - 1
            return hashlib.sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:])).digest()

        return tree(self.leaves)


def statements(log, key):
    """Each statement, and which of them the simplest rules reject: said twice, out of bounds, by no member."""
    found, rejected, said = [], [], set()
    for entry in log.entries:
        plain = gcm(key, entry["ciphertext"][:12], entry["ciphertext"][12:], entry["aad"])
        need(digest("commit", plain[:32], plain[32:]) == entry["commit"], "commitment")
        encoded = unpad(plain[32:])
        need(len(encoded) <= 64 * 1024 and encoded[:1] == b"\x99", "a statement")
        values, at = [], 1
        for _ in range(8):
            value, at = one_value(encoded, at)
            values.append(value)
        unpack(encoded[at:], shortest=False)  # whatever it is, it is one value
        one = fields(values, "id", "device", "count", "happened", "offline", "critical", "name", "version")
        sized(one["id"], 16), sized(one["device"], 16)
        number(one["count"], 0, 2**31), number(one["happened"], 0, 2**53), number(one["version"], 1, 1000)
        need(type(one["offline"]) is bool and type(one["critical"]) is bool, "flags")
        need(isinstance(one["name"], str) and 1 <= len(one["name"]) <= 100, "a name")
        event, shape = None, EVENTS.get((one["name"], one["version"]))
        fits = True
        if shape:
            try:
                event = shape(unpack(encoded[at:]))
            except Bad:
                fits = False
        if not fits or entry["author"] != log.entries[0]["author"] or (entry["author"], one["id"]) in said:
            rejected.append(entry["seq"])
        said.add((entry["author"], one["id"]))
        found.append({n: entry[n] for n in ("seq", "hash", "author", "placed")} | one | {"event": event})
    return found, rejected
