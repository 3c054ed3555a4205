import numpy as np
import pytest
from augcli_vignette.vignette import Vignette, darkened

from augcli.image.extension import check_transform


@pytest.mark.parametrize("given", [{}, {"angle": 0}, {"angle": 80}])
def test_it_keeps_what_every_transform_promises(given):
    check_transform(Vignette(**given))


def test_light_falls_with_the_fourth_power_of_the_cosine():
    image = np.full((101, 101, 3), 200, np.uint8)
    dark = darkened(image, angle=60)
    assert dark[50, 50].tolist() == [200, 200, 200]
    # a corner pixel's centre is 50/50.5 of the way to the corner
    cosine = np.cos(np.arctan(np.tan(np.radians(60)) * 50 / 50.5))
    assert dark[0, 0].tolist() == [round(200 * cosine**4)] * 3
