"""A first convolution's way back to the pixels, which is slow in torch where it strides over few channels."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from app.explain.network import Network, Rule
from app.explain.node import Node

FEW_CHANNELS = 4


def unstrided(network: Network) -> Rule:
    """A rule for convolutions that computes the same with stride 1 where the input has few channels.

    With stride s, every s×s block of pixels becomes one pixel of s² times the channels, and the kernel, filled up with
    zeros to a multiple of s, likewise. To go back through that is a dense convolution again, two to three times as fast
    as through the strided one.
    """

    def rule(node: Node, compute: Callable[..., Tensor], x: Tensor, *others: Tensor) -> Tensor:
        module = network.module_of(node)
        if not isinstance(module, nn.Conv2d) or not worthwhile(module):
            return compute(x, *others)
        (rows, columns), stride = module.kernel_size, module.stride[0]
        top, left = node.details["padding"]
        height, width = (
            (side + 2 * padding - kernel) // stride + -(-kernel // stride)
            for side, padding, kernel in zip(x.shape[2:], (top, left), (rows, columns), strict=True)
        )
        bottom, right = height * stride - top - x.shape[2], width * stride - left - x.shape[3]
        blocks = F.pixel_unshuffle(F.pad(x, (left, right, top, bottom)), stride)
        kernels = F.pixel_unshuffle(F.pad(module.weight, (0, -columns % stride, 0, -rows % stride)), stride)
        return F.conv2d(blocks, kernels, module.bias)

    return rule


def worthwhile(module: nn.Conv2d) -> bool:
    """Whether it is of the kind that is slow, and that the trick is for."""
    return (
        module.in_channels <= FEW_CHANNELS
        and module.stride[0] == module.stride[1] > 1
        and module.dilation == (1, 1)
        and module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )
