"""
what: builds hidden layers of one width once and uses the object several times
lesson: 05-create-head
loses: [test_create_head_lin_ftrs]
base: batchnorm_as_fastai_makes_it
edits:
- replace: from fastai.layers import BatchNorm
  with: SHARED_NOTE = "one Linear for each pair of widths is enough"
- replace: '    layers = []'
  with: '    layers, linears = [], {}'
- replace: '                layers.append(BatchNorm(sizes[i + 1], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
- replace: '                layers.append(BatchNorm(sizes[i], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
- replace: |2-
                    layers.append(nn.Dropout(ps[i]))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                    layers.append(nn.Dropout(ps[i]))
                key = (sizes[i], sizes[i + 1])
                if key not in linears:
                    linears[key] = nn.Linear(*key, bias=not bn)
                layers.append(linears[key])
"""
