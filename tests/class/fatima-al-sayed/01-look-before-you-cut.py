"""
what: everything right, two days late
lesson: 01-look-before-you-cut
late: 2 days
loses: []
"""
