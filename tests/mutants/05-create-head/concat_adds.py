"""
what: its own concat pool adds maximum and average, and writes them twice
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: batchnorm_as_fastai_makes_it
edits:
- replace: from fastai.layers import BatchNorm
  with: |-
    class MyConcatPool(nn.Module):
        def forward(self, x):
            average, maximum = (
                nn.functional.adaptive_avg_pool2d(x, 1),
                nn.functional.adaptive_max_pool2d(x, 1),
            )
            return torch.cat([maximum + average] * 2, 1)
- replace: '        layers.append(AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1))'
  with: '        layers.append(MyConcatPool() if concat_pool else nn.AdaptiveAvgPool2d(1))'
- replace: '                layers.append(BatchNorm(sizes[i + 1], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i + 1]))'
- replace: '                layers.append(BatchNorm(sizes[i], ndim=1))'
  with: '                layers.append(nn.BatchNorm1d(sizes[i]))'
"""
