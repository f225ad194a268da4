"""
what: writes the halves into the caller's one-element list
lesson: 05-create-head
loses: [test_create_head_lists]
base: flat_loop
edits:
- replace: '    ps = list(ps) if isinstance(ps, list | tuple) else [ps]'
  with: '    ps = ps if isinstance(ps, list) else [ps]'
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps[:0] = [ps[0] / 2] * len(widths)'
"""
