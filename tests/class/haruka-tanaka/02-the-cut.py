"""
what: the upload broke off in the middle of the file
lesson: 02-the-cut
differs: stock cannot read half a file and records nothing; ours records that nothing was earned
damage: [truncate]
loses: all
"""
