"""
what: returns -1 without a pool
lesson: 02-the-cut
loses: [test_find_cut_none]
base: find_cut_max
edits:
- replace: '    return max(i for i, child in enumerate(model.children()) if fastai_has_pool_type(child))'
  with: '    return max((i for i, c in enumerate(model.children()) if fastai_has_pool_type(c)), default=-1)'
"""
