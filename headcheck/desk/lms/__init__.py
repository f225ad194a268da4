"""In from a learning management system, and back to it."""
