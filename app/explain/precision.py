"""Where bfloat16 pays: a network's fast twin, for gradients that only steer and are never shown."""

import threading
from weakref import WeakKeyDictionary

import torch

from app.explain.network import Network

# Below this many multiply-adds per pass there is too little to save for making a twin.
WORTHWHILE_MACS = 20_000_000

_twins: "WeakKeyDictionary[Network, Network]" = WeakKeyDictionary()
_lock = threading.Lock()


def bfloat16_is_fast(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 in hardware: AMX or AVX512-BF16 on a CPU, tensor cores on a GPU."""
    if device.type == "cpu":
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)


def fast_twin(network: Network) -> Network:
    """The network in bfloat16 and channels-last where that is faster, else the network itself.

    A twin is made once and lives as long as its network. Its values are good to two or three digits: enough to say
    which way is up, not enough to be shown.
    """
    macs = sum(node.macs for node in network.nodes.values())
    if network.dtype != torch.float32 or macs < WORTHWHILE_MACS or not bfloat16_is_fast(network.device):
        return network
    with _lock:
        if network not in _twins:
            _twins[network] = network.converted(dtype=torch.bfloat16, memory_format=torch.channels_last)
        return _twins[network]
