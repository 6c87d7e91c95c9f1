"""Proof for outsiders: chains, re-execution, exports. Reads the journal; changes nothing."""
