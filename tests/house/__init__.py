"""Tests of the house: the protections around every test, the lock, the wheel, what may import what."""
