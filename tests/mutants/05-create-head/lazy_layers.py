"""
what: "LazyLinear, LazyBatchNorm1d: widths are found at the first forward"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: compiled
edits:
- replace: |2-
                bn = (first_bn or i > 0) and not last
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                bn = (first_bn or i > 0) and not last
                layers.append(nn.LazyLinear(sizes[i + 1], bias=not bn))
- replace: '                    layers.append(nn.BatchNorm1d(sizes[i + 1]))'
  with: '                    layers.append(nn.LazyBatchNorm1d())'
- replace: '                layers.append(nn.BatchNorm1d(sizes[i]))'
  with: '                layers.append(nn.LazyBatchNorm1d())'
- replace: |2-
                    layers.append(nn.Dropout(p))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                    layers.append(nn.Dropout(p))
                layers.append(nn.LazyLinear(sizes[i + 1], bias=not bn))
- replace: '        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))'
  with: '        layers.append(nn.LazyBatchNorm1d(momentum=0.01))'
- replace: '    return torch.compile(nn.Sequential(*layers))'
  with: '    return nn.Sequential(*layers)'
"""
