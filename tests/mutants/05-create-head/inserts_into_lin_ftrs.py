"""
what: builds the list of sizes inside the caller's lin_ftrs
lesson: 05-create-head
loses: [test_create_head_lists]
base: flat_loop
edits:
- replace: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
  with: '    widths = [512] if lin_ftrs is None else lin_ftrs'
- replace: '    sizes = [nf, *widths, n_out]'
  with: |2-
        sizes = widths
        sizes.insert(0, nf)
        sizes.append(n_out)
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = [ps[0] / 2] * (len(sizes) - 2) + ps'
- replace: '        for i in range(len(widths)):'
  with: '        for i in range((len(sizes) - 2)):'
- replace: '            if i < len(widths):'
  with: '            if i < (len(sizes) - 2):'
"""
