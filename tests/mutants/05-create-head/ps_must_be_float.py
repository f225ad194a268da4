"""
what: knows ps as a float or a list, so that ps=0 fails
lesson: 05-create-head
loses: [test_create_head_lin_ftrs, test_create_head_lin_first]
base: flat_loop
edits:
- replace: '    ps = list(ps) if isinstance(ps, list | tuple) else [ps]'
  with: '    ps = [ps] if isinstance(ps, float) else list(ps)'
"""
