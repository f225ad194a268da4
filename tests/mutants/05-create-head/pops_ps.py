"""
what: pops the first dropout from the caller's list, as fastai does
lesson: 05-create-head
loses: [test_create_head_lists]
base: flat_loop
edits:
- replace: '    ps = list(ps) if isinstance(ps, list | tuple) else [ps]'
  with: '    ps = ps if isinstance(ps, list) else [ps]'
- replace: '        layers.append(nn.Dropout(ps[0]))'
  with: '        layers.append(nn.Dropout(ps.pop(0)))'
- replace: |2-
                if ps[i + 1] != 0:
                    layers.append(nn.Dropout(ps[i + 1]))
  with: |2-
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
"""
