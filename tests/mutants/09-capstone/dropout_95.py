"""
what: dropout of 0.95, twice
lesson: 09-capstone
loses: [test_my_head_beats_probe]
base: blocks
edits:
- replace: |2-
            LinBnDrop(2 * nf, 32, p=0.1, act=nn.ReLU()),
            LinBnDrop(32, n_out, p=0.25),
  with: |2-
            LinBnDrop(2 * nf, 32, p=0.95, act=nn.ReLU()),
            LinBnDrop(32, n_out, p=0.95),
"""
