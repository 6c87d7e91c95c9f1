"""What pages show: queries that return frozen dataclasses. Knows tables, nothing of HTTP."""
