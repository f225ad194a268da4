"""
what: keeps the default widths in a global list that grows with every call
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: batchnorm_as_fastai_makes_it
edits:
- replace: from fastai.layers import BatchNorm
  with: DEFAULT_WIDTHS = [512]
- replace: '    widths = [512] if lin_ftrs is None else list(lin_ftrs)'
  with: '    widths = DEFAULT_WIDTHS if lin_ftrs is None else list(lin_ftrs)'
- replace: '    sizes = [nf, *widths, n_out]'
  with: |2-
        sizes = widths
        sizes.insert(0, nf)
        sizes.append(n_out)
- replace: '        ps = [ps[0] / 2] * len(widths) + ps'
  with: '        ps = [ps[0] / 2] * (len(sizes) - 2) + ps'
- replace: '        for i in range(len(widths)):'
  with: '        for i in range((len(sizes) - 2)):'
- replace: '                layers.append(BatchNorm(sizes[i + 1], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
- replace: '                layers.append(BatchNorm(sizes[i], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
- replace: '            if i < len(widths):'
  with: '            if i < (len(sizes) - 2):'
"""
