"""Normalisations: batch, instance, layer, group and local response."""

import torch
from torch import nn

from app.onnx.operations.convolution import weighted
from app.onnx.site import Made, Site, operation


@operation("BatchNormalization")
def batch_norm(site: Site) -> Made:
    """nn.BatchNorm2d with the mean and variance of the training pictures."""
    x = site.value()
    scale, shift, mean, variance = (site.weight(i) for i in range(1, 5))
    if site.whole("training_mode", 0) or site.further_outputs:
        raise site.fault("takes its statistics from the batch: export the network in eval mode.")
    if not site.whole("spatial", 1):
        raise site.fault("normalises each place by itself (spatial = 0), which is not read here.")
    kind = nn.BatchNorm2d if len(x.held) == 4 else nn.BatchNorm1d
    layer = kind(x.held[1], eps=site.number("epsilon", 1e-5), device="meta")
    weighted(site, layer, scale, shift)
    for value in (mean, variance):
        if value.shape != scale.shape:
            raise site.fault("has a mean or variance of another size than its scale.")
    layer.running_mean, layer.running_var = mean, variance
    layer.num_batches_tracked = torch.tensor(0)
    return site.emit(layer.eval(), x)


@operation("InstanceNormalization")
def instance_norm(site: Site) -> Made:
    """nn.InstanceNorm2d, or nn.InstanceNorm1d of rows."""
    x = site.value()
    kind = nn.InstanceNorm2d if len(x.held) == 4 else nn.InstanceNorm1d
    layer = kind(x.held[1], eps=site.number("epsilon", 1e-5), affine=True, device="meta")
    return site.emit(weighted(site, layer, site.weight(1), site.weight(2)), x)


@operation("LayerNormalization")
def layer_norm(site: Site) -> Made:
    """nn.LayerNorm over the last axes."""
    x = site.value()
    axis = site.axis(site.whole("axis", -1), len(x.held))
    if axis == 0:
        raise site.fault("normalises over the batch.")
    if site.further_outputs:
        raise site.fault("gives its mean and deviation too, which is not read here.")
    shape = list(x.held[axis:])
    bias = site.optional_weight(2)
    layer = nn.LayerNorm(shape, eps=site.number("epsilon", 1e-5), bias=bias is not None, device="meta")
    scale = site.weight(1).expand(shape)
    return site.emit(weighted(site, layer, scale, None if bias is None else bias.expand(shape)), x)


@operation("GroupNormalization")
def group_norm(site: Site) -> Made:
    """nn.GroupNorm; up to opset 20 scale and shift are one number per group."""
    x = site.value()
    groups, channels = site.whole("num_groups", 1), x.held[1]
    if groups < 1 or channels % groups:
        raise site.fault(f"splits {channels} channels into {groups} groups.")
    scale, shift = site.weight(1), site.weight(2)
    if len(scale) == groups != channels:
        scale, shift = (value.repeat_interleave(channels // groups) for value in (scale, shift))
    layer = nn.GroupNorm(groups, channels, eps=site.number("epsilon", 1e-5), device="meta")
    return site.emit(weighted(site, layer, scale, shift), x)


@operation("LRN")
def local_response_norm(site: Site) -> Made:
    """nn.LocalResponseNorm, of an odd number of channels."""
    x = site.maps()
    size = site.whole("size", 0)
    if not 1 <= size <= 1 << 16 or size % 2 == 0:
        raise site.fault(f"looks at {size} channels: an odd number, with its own in the middle, is read.")
    layer = nn.LocalResponseNorm(size, site.number("alpha", 1e-4), site.number("beta", 0.75), site.number("bias", 1.0))
    return site.emit(layer, x)
