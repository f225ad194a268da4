"""
what: squeeze where a Flatten belongs
lesson: 09-capstone
loses: [test_my_head]
base: own_forward
edits:
- replace: '        self.last = nn.Linear(20, n_out)'
  with: '        self.last = nn.Linear(10, n_out)'
- replace: '        x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)'
  with: '        x = F.adaptive_max_pool2d(x, 1).squeeze()'
"""
