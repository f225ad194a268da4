"""
what: keeps the convolution in a plain Python list
lesson: 09-capstone
loses: [test_my_head_gradients, test_my_head_beats_probe]
base: own_forward
edits:
- replace: '        self.conv = nn.Conv2d(nf, 10, 3, padding=1, bias=False)'
  with: '        self.layers = [nn.Conv2d(nf, 10, 3, padding=1, bias=False)]'
- replace: '        x = F.relu(self.norm(self.conv(x)))'
  with: '        x = F.relu(self.norm(self.layers[0](x)))'
"""
