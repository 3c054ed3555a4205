"""Train ultralytics' smallest model of a kind for one epoch, from its description alone: `DATA.yaml MODEL.yaml`."""

import os
import sys
import tempfile

from tests.oracles import libraries


def main(data: str, model: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YOLO_CONFIG_DIR": folder, "YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}
        libraries.torchvision()
        import torchvision.ops
        from ultralytics import YOLO
        from ultralytics.utils.nms import TorchNMS

        torchvision.ops.nms = TorchNMS.nms  # torchvision has no native library here
        YOLO(model).train(
            data=data, epochs=1, imgsz=96, batch=8, device="cpu", workers=0, amp=False, plots=False, project=folder
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
