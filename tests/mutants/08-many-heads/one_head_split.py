"""
what: one head whose outputs are split in two
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
base: module_list
edits:
- replace: '        self.heads = nn.ModuleList([create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))])'
  with: |2-
            self.n_a = n_a
            self.head = create_head(nf, n_a + n_b)
- replace: |2-
            shared = self.body(x)
            return tuple(head(shared) for head in self.heads)
  with: |2-
            out = self.head(self.body(x))
            return out[:, : self.n_a], out[:, self.n_a :].sigmoid()
"""
