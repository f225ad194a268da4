"""
what: keeps the heads in a plain Python list
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
base: module_list
edits:
- replace: '        self.heads = nn.ModuleList([create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))])'
  with: '        self.heads = [create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))]'
- replace: |2-
            shared = self.body(x)
            return tuple(head(shared) for head in self.heads)
  with: |2-
            features = self.body(x)
            return self.heads[0](features.clone()), self.heads[1](features)
"""
