"""
what: its own forward calls dropout without saying whether it trains
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
base: range_in_buffers
edits:
- replace: |-
    class Between(nn.Module):
        def __init__(self, low, high):
  with: |-
    class Forget(nn.Module):
        def __init__(self, p):
- replace: |2-
            self.register_buffer("scale", torch.tensor(float(high - low)))
            self.register_buffer("shift", torch.tensor(float(low)))
  with: '        self.p = p'
- replace: '        return torch.sigmoid(x) * self.scale + self.shift'
  with: '        return nn.functional.dropout(x, self.p)'
- replace: '        layers.append(nn.Dropout(ps[0]))'
  with: '        layers.append(Forget(ps[0]))'
- replace: '                layers.append(nn.Dropout(ps[i + 1]))'
  with: '                layers.append(Forget(ps[i + 1]))'
- replace: '                layers.append(nn.Dropout(ps[i]))'
  with: '                layers.append(Forget(ps[i]))'
- replace: '        layers.append(Between(*y_range))'
  with: '        layers.append(SigmoidRange(*y_range))'
"""
