"""Runs in the checker's process: the instructor's cells and the line to the student's names."""
