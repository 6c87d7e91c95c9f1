"""Registers that service tasks and register commands write. Ledgers are queries over them, never a second copy."""
