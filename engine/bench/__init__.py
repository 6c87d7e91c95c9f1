"""Measures the engine beside the plain library and the bare transaction. Knows no rule."""
