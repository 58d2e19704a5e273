"""Sliding windows as ONNX has them: kernel, strides, dilations and padding at either end of both axes."""

from dataclasses import dataclass

from app.onnx.site import Site

LARGEST_SIDE = 1 << 20


@dataclass(frozen=True)
class Window:
    """A window over rows and columns; each attribute is (rows, columns)."""

    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    begin: tuple[int, int]
    end: tuple[int, int]

    @property
    def reach(self) -> tuple[int, int]:
        """Rows and columns from a window's first value to its last, both included."""
        rows, columns = (d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilations, strict=True))
        return rows, columns

    @property
    def even(self) -> bool:
        """Whether both ends are padded alike, and by no negative amount."""
        return self.begin == self.end and min(self.begin) >= 0

    @property
    def padding(self) -> tuple[int, int, int, int]:
        """Left, right, top and bottom, as torch's pads have them."""
        return self.begin[1], self.end[1], self.begin[0], self.end[0]

    def places(self, sides: tuple[int, ...], ceil: bool) -> tuple[int, int]:
        """How many windows there are on a map of some rows and columns."""
        counts = []
        for side, reach, stride, begin, end in zip(sides, self.reach, self.strides, self.begin, self.end, strict=True):
            room = side + begin + end - reach
            count = (-(-room // stride) if ceil else room // stride) + 1
            # A window that would start beyond the map and its first padding is none.
            counts.append(count - 1 if ceil and (count - 1) * stride >= side + begin else count)
        return counts[0], counts[1]


def window(site: Site, sides: tuple[int, ...], kernel: tuple[int, ...] | None = None) -> Window:
    """The window that a node's attributes describe, on a map of some rows and columns."""
    kernel = site.wholes("kernel_shape", kernel)
    if kernel is None:
        raise site.fault("names no kernel_shape.")
    strides, dilations = (two(site, name, site.wholes(name, (1, 1))) for name in ("strides", "dilations"))
    kernel = two(site, "kernel_shape", kernel)
    if min(*kernel, *strides, *dilations) < 1 or max(*kernel, *strides, *dilations) > LARGEST_SIDE:
        raise site.fault(f"has a kernel, stride or dilation that is not between 1 and {LARGEST_SIDE}.")
    if kernel[0] * kernel[1] > LARGEST_SIDE:
        raise site.fault(f"has a kernel of {kernel[0]} × {kernel[1]} values; {LARGEST_SIDE} are the most.")
    begin, end = ends(site, sides, kernel, strides, dilations)
    view = Window(kernel, strides, dilations, begin, end)
    if min(sides) > 0 and min(view.places(sides, False)) < 1:
        raise site.fault(f"has a window of {kernel[0]} × {kernel[1]} that is larger than the map with its padding.")
    return view


def ends(
    site: Site,
    sides: tuple[int, ...],
    kernel: tuple[int, int],
    strides: tuple[int, int],
    dilations: tuple[int, int],
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Padding before and behind rows and columns."""
    automatic = site.text("auto_pad", "NOTSET")
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        begin, end = [], []
        for side, k, s, d in zip(sides, kernel, strides, dilations, strict=True):
            total = max((-(-side // s) - 1) * s + d * (k - 1) + 1 - side, 0)
            less = total // 2
            begin.append(less if automatic == "SAME_UPPER" else total - less)
            end.append(total - begin[-1])
        return (begin[0], begin[1]), (end[0], end[1])
    pads = (0, 0, 0, 0) if automatic == "VALID" else site.wholes("pads", (0, 0, 0, 0))
    if automatic not in ("NOTSET", "VALID", "") or pads is None or len(pads) != 4:
        raise site.fault("has an auto_pad or pads that are not those of two axes.")
    if max(map(abs, pads)) > LARGEST_SIDE:
        raise site.fault(f"pads by {max(map(abs, pads))}, which is more than {LARGEST_SIDE}.")
    return (pads[0], pads[1]), (pads[2], pads[3])


def two(site: Site, name: str, given: tuple[int, ...] | None) -> tuple[int, int]:
    """A pair of numbers for rows and columns."""
    if given is None or len(given) != 2:
        raise site.fault(f"has {name} for {len(given or ())} axes: windows over rows and columns are read.")
    return given[0], given[1]
