"""Test vectors for the format: JSON documents, the scripts that made them, and nothing that `vault` needs.

`python -m tests.vectors.make` writes them anew. Identities and plaintexts come out the same each time; nonces, ids and
encapsulations are random, so the files are made when the format changes and not otherwise. The form is Wycheproof's: each
file has `notes`, which say for each flag what kind of bug a test catches and what that bug would let happen, and `tests`
with `result` `valid` or `invalid`. Bytes are in hex.
"""
