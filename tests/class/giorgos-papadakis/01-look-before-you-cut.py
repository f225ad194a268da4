"""
what: handed in as it was downloaded
lesson: 01-look-before-you-cut
base: release
loses: all
"""
