"""
what: "a range of its own, scale and shift are buffers"
lesson: 05-create-head
loses: []
base: flat_loop
edits:
- replace: "def create_head(\\n"
  with: "class Between(nn.Module):\\n    def __init__(self, low, high):\\n        super().__init__()\\n        self.register_buffer(\\"scale\\", torch.tensor(float(high - low)))\\n        self.register_buffer(\\"shift\\", torch.tensor(float(low)))\\n\\n    def forward(self, x):\\n        return torch.sigmoid(x) * self.scale + self.shift\\n\\n\\ndef create_head(\\n"
- replace: "SigmoidRange(*y_range)"
  with: "Between(*y_range)"
"""
