"""For who teaches: the command's table, the report, the leaderboard."""
