"""Tests of what reads other people's files. Real programs write them: keepassxc-cli; oathtool says what a code must be."""
