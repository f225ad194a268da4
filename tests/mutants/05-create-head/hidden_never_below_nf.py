"""
what: the hidden layer has 512 features, or nf where that is more
lesson: 05-create-head
loses: [test_create_head]
base: flat_loop
edits:
- replace: '    widths = [512] if lin_ftrs is None'
  with: '    widths = [max(512, nf)] if lin_ftrs is None'
"""
