"""
what: makes the convolution anew in every forward
lesson: 09-capstone
loses: [test_my_head, test_my_head_gradients, test_my_head_beats_probe]
base: own_forward
edits:
- replace: |2-
            super().__init__()
            self.conv = nn.Conv2d(nf, 10, 3, padding=1, bias=False)
  with: '        super().__init__()'
- replace: '        x = F.relu(self.norm(self.conv(x)))'
  with: '        x = F.relu(self.norm(nn.Conv2d(x.shape[1], 10, 3, padding=1)(x)))'
"""
