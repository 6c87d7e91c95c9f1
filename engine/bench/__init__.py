"""Measures the engine beside the plain library and the bare transaction. Knows how long things take, decides nothing."""
