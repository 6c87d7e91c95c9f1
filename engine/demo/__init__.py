"""The demonstration district. Everything in it is invented; a real deployment never imports it."""
