"""Kernels that blur or sharpen: image in, image out of the same size.

Convolutions use the border `reflect` (BORDER_REFLECT_101) and round to nearest, as torchvision does. Medians use the
border `edge`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from augcli.image import native
from augcli.image.arrays import Image, Layer, with_channels
from augcli.image.lazy_imports import cv2
from augcli.random_streams import total


def gaussian_blur(image: Image, kernel_size: int, sigma: float) -> Image:
    """Blur with a normalised Gaussian of `kernel_size` taps a side and `sigma` pixels.

    Equals torchvision's `F.gaussian_blur` to one level.
    """
    radius = kernel_size // 2
    steps = [at / sigma for at in range(-radius, radius + 1)]
    shares = [math.exp(-0.5 * (step * step)) for step in steps]
    whole = total(shares)
    kernel = [share / whole for share in shares]
    return blur(image, kernel, kernel)


def blur(image: Layer, down: Sequence[float], along: Sequence[float]) -> Layer:
    """Convolve columns with a kernel and rows with another; bytes are rounded to nearest, planes of floats are not."""
    if image.dtype == np.uint8:
        return native.blur(image, down, along)
    taps = np.array(along), np.array(down)
    return with_channels(cv2.sepFilter2D(image, -1, *taps, borderType=cv2.BORDER_REFLECT_101))


def streak(
    kernel_size: int, degrees: float, direction: float, shift_x: float, shift_y: float
) -> npt.NDArray[np.float32]:
    """Return the kernel of a motion: 0 or 1, (kernel_size, kernel_size).

    The motion goes through the middle at `degrees`, clockwise from the right. At a `direction` of 0 it spans
    the kernel; towards 1 it loses the half that lies behind, towards -1 that ahead. Shifts are in pixels;
    cells beyond the edge count as those at the edge. Equals Albumentations' `create_motion_kernel`.
    """
    radius = kernel_size // 2
    behind, ahead = -radius * (1 - max(0.0, direction)), radius * (1 - max(0.0, -direction))
    along = np.linspace(behind, ahead, kernel_size)
    angle = np.deg2rad(degrees)
    cells = []
    for step, shift in ((np.sin(angle), shift_y), (np.cos(angle), shift_x)):
        cells.append(np.clip(np.rint(radius + step * along + shift), 0, kernel_size - 1).astype(np.intp))
    kernel = np.zeros((kernel_size, kernel_size), np.float32)
    kernel[cells[0], cells[1]] = 1
    return kernel


def motion_blur(
    image: Image, kernel_size: int, degrees: float, direction: float, shift_x: float, shift_y: float
) -> Image:
    """Average the pixels under a `streak`. Equals SciPy's `correlate` with `mirror` of that kernel."""
    kernel = streak(kernel_size, degrees, direction, shift_x, shift_y)
    count = float(kernel.sum())
    if image.dtype != np.uint8:
        return with_channels(cv2.filter2D(image, -1, kernel / count))
    if kernel_size <= _DIRECT:
        total = cv2.filter2D(image, cv2.CV_16S, kernel)
        return with_channels(cv2.convertScaleAbs(total, alpha=1 / count))  # up to 12 as exact as a division
    radius = kernel_size // 2
    padded = with_channels(cv2.copyMakeBorder(image, radius, radius, radius, radius, cv2.BORDER_REFLECT_101))
    sums = np.zeros(image.shape, np.uint16)  # of at most 255 bytes
    for row, column in np.argwhere(kernel):
        sums += padded[row : row + image.shape[0], column : column + image.shape[1]]
    return np.rint(sums / np.float32(count)).astype(np.uint8)


_DIRECT = 11  # OpenCV leads larger kernels through a Fourier transform, whose errors break ties


def median_blur(image: Image, kernel_size: int) -> Image:
    """Take the median around each pixel, channel by channel.

    Equals SciPy's `median_filter` with `nearest` and Pillow's `MedianFilter`, exactly.
    """
    return with_channels(cv2.medianBlur(image, kernel_size))


def box_blur(image: Image, kernel_size: int) -> Image:
    """Average a square. Equals SciPy's `uniform_filter` with `mirror`, rounded."""
    return with_channels(cv2.blur(image, (kernel_size, kernel_size), borderType=cv2.BORDER_REFLECT_101))


def sharpen(image: Image, alpha: float, lightness: float) -> Image:
    """Blend the image with its Laplacian sharpening by `alpha`; `lightness` is the sum of the latter's weights.

    Equals Albumentations' `Sharpen` of the method `kernel`.
    """
    kernel = np.full((3, 3), -alpha, np.float32)
    kernel[1, 1] = 1 - alpha + alpha * (8 + lightness)
    return with_channels(cv2.filter2D(image, -1, kernel))


def sharpen_or_blur(image: Image, factor: float) -> Image:
    """Mix the image with a softened one: `factor` of the image, 1 - factor of the other, which keeps the edge pixels.

    The softening kernel is 3 x 3 ones with 5 in the middle. Equals torchvision's `F.adjust_sharpness` to one level.
    """
    if min(image.shape[:2]) < 3:
        return image
    kernel = np.ones((3, 3), np.float32)
    kernel[1, 1] = 5
    soft = with_channels(cv2.filter2D(image, -1, kernel / 13))
    mixed = with_channels(cv2.addWeighted(image, factor, soft, 1 - factor, 0))
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        mixed[edge] = image[edge]
    return mixed
