"""THE RESIDENT GRADER: one warm process per course and user, and those who use it when it is there."""
