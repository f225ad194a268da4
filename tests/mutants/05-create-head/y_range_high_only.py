"""
what: y_range multiplies the sigmoid by the upper end and forgets the lower
lesson: 05-create-head
loses: [test_create_head_y_range, test_create_head_together]
base: range_in_buffers
edits:
- replace: 'class Between(nn.Module):'
  with: 'class InRange(nn.Module):'
- replace: |2-
            self.register_buffer("scale", torch.tensor(float(high - low)))
            self.register_buffer("shift", torch.tensor(float(low)))
  with: '        self.low, self.high = low, high'
- replace: '        return torch.sigmoid(x) * self.scale + self.shift'
  with: '        return x.sigmoid() * self.high'
- replace: '        layers.append(Between(*y_range))'
  with: '        layers.append(InRange(*y_range))'
"""
