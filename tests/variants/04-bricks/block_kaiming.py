"""
what: the Linear is drawn by kaiming and its bias zero
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    linear = nn.Linear(n_in, n_out, bias=not bn)
    nn.init.kaiming_normal_(linear.weight)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
    block = nn.Sequential()
    if not lin_first:
        if bn:
            block.append(nn.BatchNorm1d(n_in))
        if p:
            block.append(nn.Dropout(p))
    block.append(linear)
    if act:
        block.append(act)
    if lin_first:
        if bn:
            block.append(nn.BatchNorm1d(n_out))
        if p:
            block.append(nn.Dropout(p))
    return block
