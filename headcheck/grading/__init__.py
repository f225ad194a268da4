"""Grading: notebook -> cells -> processes -> results -> gradebook."""
