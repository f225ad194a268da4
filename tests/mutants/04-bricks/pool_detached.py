"""
what: both pools work on a detached tensor, so no gradient comes back
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
base: pool_own_names
edits:
- replace: 'pool(x) for'
  with: 'pool(x.detach()) for'
"""
