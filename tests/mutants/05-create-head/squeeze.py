"""
what: squeezes instead of flattening, so that a batch of one loses its batch dimension
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: batchnorm_as_fastai_makes_it
edits:
- replace: from fastai.layers import BatchNorm
  with: |-
    class Squeeze(nn.Module):
        def forward(self, x):
            return x.squeeze()
- replace: '        layers.append(Flatten())'
  with: '        layers.append(Squeeze())'
- replace: '                layers.append(BatchNorm(sizes[i + 1], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
- replace: '                layers.append(BatchNorm(sizes[i], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
"""
