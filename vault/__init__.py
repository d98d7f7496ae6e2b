"""The custody itself: keys, sealing, the log, state, the replica."""
