"""
what: hands in the notebook as it was
lesson: 01-first
loses: all
base: release
"""
