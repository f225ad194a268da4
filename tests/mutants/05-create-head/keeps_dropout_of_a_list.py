"""
what: Dropout(0) stays where ps is a list with one number
lesson: 05-create-head
loses: [test_create_head_lin_ftrs]
base: flat_loop
edits:
- replace: '            if ps[i] != 0:'
  with: '            if ps[i] != 0 or one:'
- replace: '    if len(ps) == 1:'
  with: |2-
        one = isinstance(given, list) and len(given) == 1
        if len(ps) == 1:
- replace: '    ps = list(ps) if'
  with: |2-
        given = ps
        ps = list(ps) if
"""
