"""Tests, laid out as the packages are: tests/vault, tests/custodian, tests/screens; tests/house for the tree itself."""
