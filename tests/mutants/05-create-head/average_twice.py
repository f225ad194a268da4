"""
what: "the average joined to itself"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_together]
says: "one pool is joined to itself"
base: flat_loop
edits:
- replace: "def create_head(\\n"
  with: "class Two(nn.Module):\\n    def forward(self, x):\\n        average = x.mean((2, 3))\\n        return torch.cat([average, average], 1)\\n\\n\\ndef create_head(\\n"
- replace: "AdaptiveConcatPool2d() if"
  with: "Two() if"
"""
