"""`headcheck review`: one local page with all answers to one written question."""
