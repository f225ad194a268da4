"""
what: "convolutions of size 1 instead of Linear"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
says: "a 1x1 convolution computes what a Linear does"
base: compiled
edits:
- replace: '        layers += [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]'
  with: |2-
            layers += [
                AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1),
                nn.Identity(),
            ]
- replace: |2-
                bn = (first_bn or i > 0) and not last
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                bn = (first_bn or i > 0) and not last
                layers.append(nn.Conv2d(sizes[i], sizes[i + 1], 1, bias=not bn))
- replace: '                    layers.append(nn.BatchNorm1d(sizes[i + 1]))'
  with: '                    layers.append(nn.BatchNorm2d(sizes[i + 1]))'
- replace: '                layers.append(nn.BatchNorm1d(sizes[i]))'
  with: '                layers.append(nn.BatchNorm2d(sizes[i]))'
- replace: |2-
                    layers.append(nn.Dropout(p))
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
  with: |2-
                    layers.append(nn.Dropout(p))
                layers.append(nn.Conv2d(sizes[i], sizes[i + 1], 1, bias=not bn))
- replace: '    return torch.compile(nn.Sequential(*layers))'
  with: '    return nn.Sequential(*layers, nn.Flatten())'
"""
