"""Runs in the student's process, beside hostile code."""
