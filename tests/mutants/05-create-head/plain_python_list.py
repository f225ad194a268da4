"""
what: its own module keeps the layers in a plain list, where PyTorch does not see them
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: range_in_buffers
edits:
- replace: |-
    class Between(nn.Module):
        def __init__(self, low, high):
  with: |-
    class Head(nn.Module):
        def __init__(self, layers):
- replace: |2-
            self.register_buffer("scale", torch.tensor(float(high - low)))
            self.register_buffer("shift", torch.tensor(float(low)))
  with: '        self.layers = layers'
- replace: '        return torch.sigmoid(x) * self.scale + self.shift'
  with: |2-
            for layer in self.layers:
                x = layer(x)
            return x
- replace: |2-
            layers.append(Between(*y_range))
        return nn.Sequential(*layers)
  with: |2-
            layers.append(SigmoidRange(*y_range))
        return Head(layers)
"""
