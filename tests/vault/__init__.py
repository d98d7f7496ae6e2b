"""Tests of `vault`, one file a module."""
