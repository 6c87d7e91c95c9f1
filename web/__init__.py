"""Translates HTTP to commands and readings to pages. Knows no SQL, no BPMN and no rule of the procedure."""
