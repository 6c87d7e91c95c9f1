"""BPMN in memory: parse, check, run, prune. The only folder that imports SpiffWorkflow and lxml.

Pure: no database, no clock, no randomness. What comes from the world comes through `Outside`, what time it
is comes through `Moment`; so the same calls give the same steps, byte for byte, anywhere and at any time.
"""
