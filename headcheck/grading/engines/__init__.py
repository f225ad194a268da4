"""Who runs a notebook: the isolated engine's owner side, and one ordinary kernel."""
