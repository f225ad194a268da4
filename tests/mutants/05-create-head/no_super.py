"""
what: "a head class without super().__init__()"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
says: "super().__init__() is missing"
base: flat_loop
edits:
- replace: "def create_head(\\n"
  with: "class Head(nn.Module):\\n    def __init__(self, layers):\\n        self.layers = nn.Sequential(*layers)\\n\\n    def forward(self, x):\\n        return self.layers(x)\\n\\n\\ndef create_head(\\n"
- replace: "return nn.Sequential(*layers)"
  with: "return Head(layers)"
"""
