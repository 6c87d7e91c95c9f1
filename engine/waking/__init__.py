"""Who looks at due rows. Timers and the outbox are the only truth; a lost or doubled wake-up is harmless."""
