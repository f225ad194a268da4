"""The jail: a warm process to fork from, and what keeps hostile code inside. Knows no notebook and no torch."""
