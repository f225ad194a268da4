"""
what: the upload broke off in the middle of the file
lesson: 02-the-cut
damage: [truncate]
loses: all
"""
