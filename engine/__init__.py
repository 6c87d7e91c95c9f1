"""Runs cases of a BPMN procedure with a verifiable history. Knows nothing of HTTP or pages."""
