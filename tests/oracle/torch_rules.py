#!/usr/bin/python3
"""Gradients by the images through the backward rules of attacks, in PyTorch.

An independent implementation of core/backward_rule.h that
tests/test_rule_oracle.c holds the engine to, on networks of torch_step.py. The
pass forward is the spiking network's; on the way back each layer of neurons is
one function from its currents z to its spikes s. With means over time m(.) and
u = m(z) / V_th,

    bptr        dL/dz_t = dL/ds_t 1(m(s) > 0)
    rga         dL/dz_t = dL/ds_t f'(u) / V_th; f' = g for 0 <= u <= k plus
                (1 - g k) / (leak + e) for k <= u <= 1 + e, k = 1 - leak
    qcfs, relu  dL/dz_t = dL/ds_t f'(u) / V_th, f = clip(u, 0, 1), max(u, 0)
    hart        dL/dz_t = mean over t of dL/ds_t g(U_t - V_th), g a triangle of
                half width w and area 1

    python3 tests/oracle/torch_rules.py > tests/oracle/torch_rules.txt
"""
import torch

import torch_step

RULES = [("bptr", {}), ("rga", dict(g=0.2, e=1.0)),
         ("rga", dict(g=0.35, e=0.4)), ("qcfs", {}), ("relu", {}),
         ("hart", dict(w=0.8))]


class Rule(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, x, s, rule, numbers, case):
        ctx.save_for_backward(z, x, s)
        ctx.rule, ctx.numbers, ctx.case = rule, numbers, case
        return s.clone()

    @staticmethod
    def backward(ctx, d_s):
        z, x, s = ctx.saved_tensors
        leak, V_th = ctx.case["leak"], ctx.case["V_th"]
        u, nothing = z.mean(0) / V_th, (None,) * 5
        if ctx.rule == "hart":
            w = ctx.numbers["w"]
            g = torch.clamp(w - x.abs(), min=0) / w ** 2
            return ((d_s * g).mean(0).expand_as(d_s),) + nothing
        if ctx.rule == "bptr":
            slope = (s.mean(0) > 0).to(u.dtype)
        elif ctx.rule == "rga":
            g, e, k = ctx.numbers["g"], ctx.numbers["e"], 1 - leak
            slope = g * ((u >= 0) & (u <= k)) + \
                (1 - g * k) / (leak + e) * ((u >= k) & (u <= 1 + e))
            slope = slope / V_th
        elif ctx.rule == "qcfs":
            slope = ((u >= 0) & (u <= 1)) / V_th
        else:
            slope = (u > 0) / V_th
        return (d_s * slope,) + nothing


class Network(torch_step.Network):
    def __init__(self, case, phase, rule, numbers):
        super().__init__(case, phase)
        self.rule, self.numbers = rule, numbers

    def fire(self, z):
        with torch.no_grad():
            x, s = super().fire(z)
            u = z.mean(0) / self.case["V_th"]
            kinks = [0, 1, 1 - self.case["leak"],
                     1 + self.numbers.get("e", 0)]
            self.nearest = min([self.nearest] + [
                (u - kink).abs().min().item() for kink in kinks])
        return x, Rule.apply(z, x, s, self.rule, self.numbers, self.case)

    def find_gradient(self):
        self.nearest = 1.0
        loss, _ = self.run(train=False)
        gradient, = torch.autograd.grad(loss, self.images)
        return gradient * torch_step.N_IMAGES


def report(case, phase):
    networks = [Network(case, phase, *rule) for rule in RULES]
    gradients = [network.find_gradient() for network in networks]
    if min(min(n.margin, n.nearest) for n in networks) < 1e-5 or \
            min(g.abs().max() for g in gradients) < 1e-3:
        return False
    for (rule, numbers), gradient in zip(RULES, gradients):
        print("rule %s %d %s" % (rule, phase, case["name"]),
              *["%g" % n for n in list(numbers.values()) + [0, 0]][:2])
        torch_step.show("images", gradient)
    return True


def main():
    print("# made by torch_rules.py with torch " + torch.__version__)
    for case in torch_step.CASES:
        if case["name"] in ("mlp", "csnn_hard", "csnn_soft"):
            phase = 0
            while not report(case, phase):
                phase += 1
    print("end")


if __name__ == "__main__":
    main()
