"""
what: counts leaves by modules(), box at the top only
lesson: 01-look-before-you-cut
loses: [test_count_removed]
base: count_removed_sequential
edits:
- replace: '    return (len(removed), n_leaves(removed) if len(removed) else 0)'
  with: '    return len(removed), len(list(removed.modules())) - 1'
"""
