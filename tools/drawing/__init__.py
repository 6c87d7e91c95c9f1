"""Draws BPMN diagrams from descriptions: a grid of lanes, rows and columns, orthogonal flows, placed labels.

Knows BPMN and geometry; must not know any procedure. The same description gives the same bytes.
"""
